import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import type { Duplex, Writable } from "node:stream";
import type { Channels } from "./channel.ts";

type Name = "stdout" | "stderr";

/**
 * Waits on its standard input, whose other end only this process holds. When that closes without a word we are dead: what
 * the command goes on to write is brought to where we would have brought it. Signals for the whole group are not for it.
 */
const script = (stdout: string, stderr: string): string =>
  `trap '' HUP INT QUIT TERM TTOU; read word; cat <&3 ${stdout} & exec cat <&4 ${stderr}`;

/** Where a stream goes on to without us: one of our own two, nowhere what a host copies itself. */
function target(tee: Writable | undefined, copied: boolean): string | null {
  if (copied) return ">/dev/null";
  const fd = (tee as (Writable & { fd?: unknown }) | undefined)?.fd;
  return fd === 1 || fd === 2 ? `>&${fd}` : null;
}

export interface GuardOptions {
  readonly tee: Readonly<Partial<Record<Name, Writable>>> | undefined;
  readonly copied: Readonly<Record<Name, boolean>>;
}

/**
 * A command outlives us: without a reader its next line of output would end it. The guard holds the pipes open beside us, at
 * the price of one sleeping shell. It has to be dismissed before we close a pipe ourselves.
 */
export class Guard {
  readonly #process: ChildProcess | undefined;

  constructor(channels: Channels, { tee, copied }: GuardOptions) {
    const [stdout, stderr] = [target(tee?.stdout, copied.stdout), target(tee?.stderr, copied.stderr)];
    if (stdout === null || stderr === null) return;
    const readers: number[] = [];
    try {
      // Blocks where no writer is open.
      for (const { path } of [channels.stdout, channels.stderr]) readers.push(openSync(path, constants.O_RDONLY));
      this.#process = spawn("/bin/sh", ["-c", script(stdout, stderr)], {
        cwd: "/",
        env: { PATH: "/usr/bin:/bin" },
        stdio: ["pipe", "inherit", "inherit", ...readers],
        detached: true,
      });
      this.#process.on("error", () => {});
      this.#process.unref();
      const stdin = this.#process.stdin as Duplex | null;
      stdin?.on("error", () => {});
      (stdin as unknown as { unref?: () => void } | null)?.unref?.();
    } catch {
      // No shell, no more processes: then it is as it was without a guard.
    } finally {
      for (const fd of readers) closeSync(fd);
    }
  }

  dismiss(): void {
    this.#process?.kill("SIGKILL");
  }
}
