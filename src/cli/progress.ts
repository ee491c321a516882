import type { Output } from "./output.ts";
import { safe } from "./render/escape.ts";
import { cut } from "./render/width.ts";
import { duration } from "./render/words.ts";

/** What is being done at the moment: one line drawn again and again on a terminal, plain lines elsewhere. */
export interface Progress {
  say(words: string): void;
  /** Takes the line away. */
  clear(): void;
}

const SILENT: Progress = { say: () => {}, clear: () => {} };
const REDRAW_MS = 1000;

class DrawnLine implements Progress {
  #words = "";
  #since = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly err: Output) {}

  say(words: string): void {
    this.#words = safe(words);
    this.#since = performance.now();
    this.#draw();
    this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS).unref();
  }

  clear(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.err.write("\r\u001b[K");
  }

  #draw(): void {
    const seconds = (performance.now() - this.#since) / 1000;
    const spent = seconds < 1 ? "" : ` ${duration(Math.floor(seconds)).replace(/\.0 s$/, " s")}`;
    const { colors, columns } = this.err;
    this.err.write(`\r${colors.dim(cut(`reprise: ${this.#words} …${spent}`, columns - 1))}\u001b[K`);
  }
}

export function createProgress(err: Output, quiet: boolean): Progress {
  if (quiet) return SILENT;
  if (err.tty) return new DrawnLine(err);
  return { say: (words) => err.write(`reprise: ${safe(words)}\n`), clear: () => {} };
}
