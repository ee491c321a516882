import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Why there is no proper result. */
  readonly failure?: "not found" | "timed out" | "too much output";
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  readonly mostBytes?: number;
  readonly input?: Uint8Array;
}

/** Runs a program to its end: argument vector, no shell. */
export function runProgram(file: string, argv: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const { cwd, env, timeoutMs = 120_000, mostBytes = 256 * 1024 * 1024, input } = options;
  return new Promise((resolve) => {
    const child = spawn(file, argv, { cwd, env, shell: false, stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    const stdout: Buffer[] = [];
    let stderr = "";
    let bytes = 0;
    let failure: ProgramResult["failure"];
    const fail = (why: NonNullable<ProgramResult["failure"]>): void => {
      failure ??= why;
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => fail("timed out"), timeoutMs);
    child.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) fail("too much output");
      else stdout.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (stderr.length < 65_536) stderr += chunk.toString("utf8");
    });
    child.on("error", () => {
      failure ??= "not found";
      clearTimeout(timer);
      resolve({ code: null, stdout: Buffer.alloc(0), stderr, failure });
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: Buffer.concat(stdout), stderr, ...(failure === undefined ? {} : { failure }) });
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
  });
}

/** The absolute path of a program on PATH. Relative and empty entries, which mean the current folder, are passed over. */
export function findProgram(name: string, path: string | undefined): string | null {
  for (const folder of (path ?? "").split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
