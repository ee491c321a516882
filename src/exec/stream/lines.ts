import { StringDecoder } from "node:string_decoder";

/** A line longer than this is handed on cut: no program prints a metric that far to the right. */
const LONGEST = 64 << 10;

/** Cuts chunks into lines. A carriage return ends one too: progress bars redraw with it. */
export class Lines {
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(private readonly take: (line: string) => void) {}

  write(chunk: Buffer): void {
    this.cut(this.decoder.write(chunk));
  }

  end(): void {
    this.cut(this.decoder.end());
    if (this.rest !== "") this.take(this.rest);
    this.rest = "";
  }

  private cut(text: string): void {
    const lines = text.split(/\r\n|\n|\r/);
    const last = lines.pop() ?? "";
    for (const line of lines) {
      this.take(this.rest === "" ? line : this.rest + line);
      this.rest = "";
    }
    if (this.rest.length < LONGEST) this.rest = this.rest === "" ? last : (this.rest + last).slice(0, LONGEST);
  }
}
