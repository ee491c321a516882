import { createHash } from "node:crypto";
import { close, openSync, writev } from "node:fs";
import { type Digest, digestFromHex } from "#record";

const HIGH_WATER = 4 << 20;

export interface LogSummary {
  readonly bytes: number;
  readonly digest: Digest;
  /** Why the file does not hold everything. */
  readonly truncated?: string;
}

/**
 * Writes chunks to a file in order, several per system call, and counts and digests them.
 * A full disk ends the file, never the run: the rest is dropped and the summary says why.
 */
export class LogFile {
  private readonly hash = createHash("sha256");
  private readonly fd: number | null;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private writing = false;
  private bytes = 0;
  private failure: string | undefined;
  private waiters: (() => void)[] = [];

  constructor(path: string) {
    let fd: number | null = null;
    try {
      fd = openSync(path, "w", 0o600);
    } catch (error) {
      this.failure = `could not be opened: ${(error as Error).message}`;
    }
    this.fd = fd;
  }

  /** False: wait for drained() before giving more. */
  write(chunk: Buffer): boolean {
    if (chunk.length === 0 || this.failure !== undefined) return true;
    this.pending.push(chunk);
    this.pendingBytes += chunk.length;
    this.flush();
    return this.pendingBytes < HIGH_WATER;
  }

  /** Stops writing, for good. */
  fail(reason: string): void {
    this.failure ??= reason;
    this.pending = [];
    this.pendingBytes = 0;
  }

  drained(): Promise<void> {
    return this.writing ? new Promise((resolve) => this.waiters.push(resolve)) : Promise.resolve();
  }

  async end(): Promise<LogSummary> {
    await this.drained();
    const fd = this.fd;
    if (fd !== null) {
      await new Promise<void>((resolve) => {
        close(fd, () => resolve());
      });
    }
    const digest = digestFromHex(this.hash.digest("hex"));
    return { bytes: this.bytes, digest, ...(this.failure === undefined ? {} : { truncated: this.failure }) };
  }

  private flush(): void {
    if (this.writing || this.fd === null) return;
    const batch = this.pending;
    this.pending = [];
    this.writing = true;
    this.writeBatch(this.fd, batch);
  }

  private writeBatch(fd: number, batch: Buffer[]): void {
    writev(fd, batch, (error, written) => {
      let left = written ?? 0;
      this.bytes += left;
      this.pendingBytes = Math.max(0, this.pendingBytes - left);
      const rest: Buffer[] = [];
      for (const chunk of batch) {
        const done = Math.min(left, chunk.length);
        left -= done;
        if (done > 0) this.hash.update(done === chunk.length ? chunk : chunk.subarray(0, done));
        if (done < chunk.length) rest.push(chunk.subarray(done));
      }
      if (error !== null) this.fail(error.message);
      else if (rest.length > 0) return this.writeBatch(fd, rest);
      if (this.pending.length > 0) {
        const next = this.pending;
        this.pending = [];
        return this.writeBatch(fd, next);
      }
      this.writing = false;
      for (const wake of this.waiters.splice(0)) wake();
    });
  }
}
