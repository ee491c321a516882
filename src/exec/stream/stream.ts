import type { Readable, Writable } from "node:stream";
import { Lines } from "./lines.ts";
import { LogFile, type LogSummary } from "./log-file.ts";

/** A redaction that sees a stream in pieces; it may hold bytes back until it has seen enough. */
export interface StreamFilter {
  write(chunk: Buffer): Buffer;
  end(): Buffer;
}

export interface StreamPlan {
  readonly log: string;
  readonly tee?: Writable | undefined;
  readonly filter?: (() => StreamFilter) | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
  /** Told before the source is closed by us, not by the child. */
  readonly onClose?: (() => void) | undefined;
}

/** Takes one stream of the child: as it is to the tee, redacted to the disk and the line observer. */
export class StreamSink {
  /** Resolves when the child's end is closed, or when close() was called. */
  readonly ended: Promise<void>;
  private readonly log: LogFile;
  private readonly filter: StreamFilter | undefined;
  private readonly lines: Lines | undefined;
  private tee: Writable | undefined;
  private waiting = 0;
  private cutOff: string | undefined;
  private readonly onClose: (() => void) | undefined;
  private readonly onTeeError: (error: Error) => void;

  constructor(
    private readonly source: Readable,
    plan: StreamPlan,
  ) {
    this.log = new LogFile(plan.log);
    this.filter = plan.filter?.();
    this.lines = plan.onLine === undefined ? undefined : new Lines(plan.onLine);
    this.tee = plan.tee;
    this.onClose = plan.onClose;
    // Whoever read our output is gone: let the child find out as it would have without us.
    this.onTeeError = (error) => {
      this.tee = undefined;
      this.close(`the reader of this output went away (${error.message})`);
    };
    this.tee?.on("error", this.onTeeError);
    this.ended = new Promise((resolve) => {
      source.on("close", () => resolve());
    });
    source.on("data", (chunk: Buffer) => this.take(chunk));
    source.on("error", (error) => this.close(error.message));
  }

  /** Held up by the tee or the disk, not by the child. */
  get held(): boolean {
    return this.waiting > 0;
  }

  close(reason: string): void {
    this.cutOff ??= reason;
    this.onClose?.();
    this.source.destroy();
  }

  async finish(): Promise<LogSummary> {
    await this.ended;
    if (this.filter !== undefined) this.keep(() => this.filter?.end());
    this.lines?.end();
    const summary = await this.log.end();
    this.tee?.off("error", this.onTeeError);
    const truncated = summary.truncated ?? this.cutOff;
    return truncated === undefined ? summary : { ...summary, truncated };
  }

  private take(chunk: Buffer): void {
    const tee = this.tee;
    if (tee !== undefined && !tee.write(chunk) && !tee.destroyed) {
      this.hold(
        new Promise((resolve) => {
          const go = (): void => {
            for (const event of ["drain", "close", "error"]) tee.off(event, go);
            resolve();
          };
          for (const event of ["drain", "close", "error"]) tee.on(event, go);
        }),
      );
    }
    if (!this.keep(() => (this.filter === undefined ? chunk : this.filter.write(chunk)))) this.hold(this.log.drained());
  }

  /** A redaction that fails must not let anything through. */
  private keep(redacted: () => Buffer | undefined): boolean {
    let bytes: Buffer | undefined;
    try {
      bytes = redacted();
    } catch (error) {
      this.log.fail(`redaction failed: ${(error as Error).message}`);
    }
    if (bytes === undefined || bytes.length === 0) return true;
    this.lines?.write(bytes);
    return this.log.write(bytes);
  }

  private hold(until: Promise<void>): void {
    this.waiting += 1;
    this.source.pause();
    void until.then(() => {
      this.waiting -= 1;
      if (this.waiting === 0) this.source.resume();
    });
  }
}
