import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll } from "vitest";
import { type LaunchOptions, type LaunchResult, launch } from "#exec";

export const PIPES = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;
const checkout = new URL("../..", import.meta.url).pathname;
const folders: string[] = [];
afterAll(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

/** A fresh folder, taken away after the tests of the file. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "reprise-exec-"));
  folders.push(made);
  return made;
}

export const environment = (more: Record<string, string> = {}): Record<string, string> => {
  const own = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(own), ...more };
};

/** A dead process that nobody has asked after is still listed. */
export function alive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/status`, "utf8").includes("State:\tZ");
  } catch {
    return false;
  }
}

export interface Ran extends LaunchResult {
  readonly out: string;
  readonly err: string;
}

/** launch() inside this process, by pipes, standard input empty unless the options say otherwise. */
export async function ran(argv: readonly string[], options: Partial<LaunchOptions> = {}): Promise<Ran> {
  const dir = folder();
  const logs = { stdout: join(dir, "out"), stderr: join(dir, "err") };
  const plain = { argv, cwd: dir, env: environment(), stdin: "null", terminal: PIPES, logs } as const;
  const result = await launch({ ...plain, ...options });
  const text = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");
  return { ...result, out: text(logs.stdout), err: text(logs.stderr) };
}

const PROGRAM = `
  import { writeFileSync } from "node:fs";
  import { detectTerminal, launch } from "#exec";
  const [dir, ...argv] = process.argv.slice(2);
  const result = await launch({
    argv, cwd: dir, env: process.env, terminal: detectTerminal(), graceSeconds: Number(process.env.GRACE ?? 10),
    tee: { stdout: process.stdout, stderr: process.stderr },
    logs: { stdout: dir + "/out", stderr: dir + "/err" },
  });
  writeFileSync(dir + "/result.json", JSON.stringify(result));
`;

let built: Promise<string> | undefined;

/** A program of its own that launches what its arguments say: for what needs a process of its own, or a terminal. */
function driver(): Promise<string> {
  built ??= (async () => {
    const outfile = join(folder(), "driver.mjs");
    await build({
      stdin: { contents: PROGRAM, resolveDir: checkout, loader: "ts" },
      bundle: true,
      platform: "node",
      format: "esm",
      conditions: ["source"],
      outfile,
      logLevel: "silent",
      // The bundle lies elsewhere than the sources: it finds agent/ from there.
      define: { "import.meta.url": JSON.stringify(`file://${checkout}src/exec/x.ts`) },
    });
    return outfile;
  })();
  return built;
}

export interface Driven {
  readonly dir: string;
  readonly child: ChildProcess;
  readonly text: () => string;
  readonly result: () => Promise<LaunchResult>;
  /** Waits until the output holds the text. */
  readonly until: (text: string) => Promise<void>;
}

function follow(dir: string, child: ChildProcess): Driven {
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += String(chunk);
  });
  const closed = new Promise((resolve) => child.once("close", resolve));
  return {
    dir,
    child,
    text: () => text,
    result: async () => {
      await closed;
      return JSON.parse(readFileSync(join(dir, "result.json"), "utf8")) as LaunchResult;
    },
    until: async (wanted) => {
      for (let tries = 0; !text.includes(wanted); tries += 1) {
        if (tries > 600) throw new Error(`never seen: ${wanted}; seen: ${text}`);
        await sleep(50);
      }
    },
  };
}

export async function driven(argv: readonly string[], env: Record<string, string> = {}): Promise<Driven> {
  const dir = folder();
  const child = spawn(process.execPath, [await driver(), dir, ...argv], {
    env: environment(env),
    stdio: ["pipe", "pipe", "inherit"],
  });
  return follow(dir, child);
}

/** A terminal as a person has it: what we write is typed, what we read is shown. */
const TERMINAL = `
import fcntl, os, pty, select, struct, sys, termios
columns, rows = map(int, sys.argv[1].split("x"))
pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
open_input = True
while True:
    ready = select.select([master, 0] if open_input else [master], [], [])[0]
    if master in ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        os.write(1, data)
    if 0 in ready:
        data = os.read(0, 65536)
        if data.startswith(b"SIZE "):
            columns, rows = map(int, data.split()[1].split(b"x"))
            fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        elif data:
            os.write(master, data)
        else:
            open_input = False
os.waitpid(pid, 0)
`;

/** The tests' own where it is there: a version manager's shim would only cost time. */
const PYTHON = [join(checkout, ".venv-test/bin/python"), "/usr/bin/python3"].find(existsSync) ?? "python3";

/** `through`: a command that starts the driver with other streams. */
export async function drivenInTerminal(
  argv: readonly string[],
  env: Record<string, string> = {},
  through: readonly string[] = [],
): Promise<Driven> {
  const dir = folder();
  const script = join(dir, "terminal.py");
  writeFileSync(script, TERMINAL);
  const args = ["-I", script, "100x30", ...through, process.execPath, await driver(), dir, ...argv];
  const child = spawn(PYTHON, args, { env: environment(env), stdio: ["pipe", "pipe", "inherit"] });
  return follow(dir, child);
}
