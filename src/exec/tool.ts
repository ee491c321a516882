import { spawn } from "node:child_process";

export interface ToolRequest {
  /** The program, absolute, and its arguments; no shell takes part. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** Complete: nothing is added from this process's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
  /** Of each stream; what is more is dropped: the end of standard output, the beginning of standard error. */
  readonly mostBytes?: number;
}

export interface ToolResult {
  /** It ended with code 0, within its time. */
  readonly ok: boolean;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why there is no exit code of its own. */
  readonly failure: string | null;
}

/** Runs a tool of another ecosystem (an installer, a solver) to its end. That it fails is an answer. */
export function runTool(request: ToolRequest): Promise<ToolResult> {
  const { argv, cwd, env, input = "", timeoutMs = 120_000, mostBytes = 16 << 20 } = request;
  const [program, ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, shell: false, stdio: ["pipe", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    let failure: string | null = null;
    const timer = setTimeout(() => {
      failure = `it took longer than ${Math.round(timeoutMs / 1000)} s`;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (stdout.length < mostBytes) stdout += text.slice(0, mostBytes - stdout.length);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-mostBytes);
    });
    const end = (code: number | null): void => {
      clearTimeout(timer);
      resolve({ ok: code === 0 && failure === null, code, stdout, stderr, failure });
    };
    child.on("error", (error) => {
      failure ??= error.message;
      end(null);
    });
    child.on("close", (code, signal) => {
      if (signal !== null) failure ??= `it was ended by ${signal}`;
      end(code);
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
