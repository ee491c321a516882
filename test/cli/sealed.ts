import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const checkout = join(import.meta.dirname, "../..");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A project, a home and a temporary folder of its own; the program as a user types it, and an environment without us. */
export interface Sealed {
  readonly base: string;
  readonly project: string;
  readonly temporary: string;
  put(files: Readonly<Record<string, string>>): void;
  /** As typed into a shell in the project. */
  shell(line: string, env?: Readonly<Record<string, string>>): Ended;
  /** The same in the background: to be signalled. */
  start(line: string, env?: Readonly<Record<string, string>>): { readonly pid: number; readonly ended: Promise<Ended> };
  remove(): void;
}

/** python3 is the tests' own where it is there: a version manager's shim would only cost time. */
const folders = [join(checkout, "bin"), join(checkout, ".venv-test/bin"), "/usr/local/bin", "/usr/bin", "/bin"];

export function seal(files: Readonly<Record<string, string>> = {}): Sealed {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "sealed-")));
  const [project, home, temporary] = [join(base, "project"), join(base, "home"), join(base, "tmp")];
  for (const folder of [project, home, temporary]) mkdirSync(folder);
  const environment = {
    PATH: folders.filter((folder) => existsSync(folder)).join(":"),
    HOME: home,
    TMPDIR: temporary,
    LANG: "C.UTF-8",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: "t",
    GIT_AUTHOR_EMAIL: "t@example.org",
    GIT_COMMITTER_NAME: "t",
    GIT_COMMITTER_EMAIL: "t@example.org",
  };
  const put: Sealed["put"] = (added) => {
    for (const [path, content] of Object.entries(added)) {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), content);
    }
  };
  put(files);
  return {
    base,
    project,
    temporary,
    put,
    shell: (line, env = {}) => {
      const child = spawnSync("/bin/sh", ["-c", line], {
        cwd: project,
        env: { ...environment, ...env },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        maxBuffer: 64 << 20,
      });
      return { code: child.status, signal: child.signal, out: child.stdout, err: child.stderr };
    },
    start: (line, env = {}) => {
      const child = spawn("/bin/sh", ["-c", `exec ${line}`], {
        cwd: project,
        env: { ...environment, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let [out, err] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        out += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        err += text;
      });
      const ended = new Promise<Ended>((resolve) => {
        child.on("close", (code, signal) => resolve({ code, signal, out, err }));
      });
      return { pid: child.pid ?? 0, ended };
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}
