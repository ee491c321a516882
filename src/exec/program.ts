import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";

export interface NotStarted {
  readonly errno: string;
  readonly message: string;
}

export interface Program {
  /** Absolute. */
  readonly path: string;
}

type Env = Readonly<Record<string, string>>;

const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

function isRunnable(path: string): "yes" | "no" | "absent" {
  try {
    if (!statSync(path).isFile()) return "no";
    accessSync(path, constants.X_OK);
    return "yes";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? "no" : "absent";
  }
}

/** Finds a command as execvp does, except that the current folder is never searched. */
export function findProgram(name: string, env: Env, cwd: string): Program | NotStarted {
  if (name === "") return { errno: "ENOENT", message: "the command is empty" };
  if (name.includes("/")) {
    const path = resolve(cwd, name);
    const found = isRunnable(path);
    if (found === "yes") return { path };
    return found === "no" ? { errno: "EACCES", message: `${name}: not executable` } : absent(name);
  }
  let refused: string | undefined;
  for (const folder of (env.PATH ?? DEFAULT_PATH).split(":")) {
    if (!isAbsolute(folder)) continue;
    const path = join(folder, name);
    const found = isRunnable(path);
    if (found === "yes") return { path };
    if (found === "no") refused ??= path;
  }
  return refused === undefined ? absent(name) : { errno: "EACCES", message: `${refused}: not executable` };
}

const absent = (name: string): NotStarted => ({
  errno: "ENOENT",
  message: name.includes("/") ? `${name}: no such file` : `${name}: command not found`,
});

/**
 * A python3 that can host a terminal: the command's own interpreter if it is one, else the first on PATH.
 * A pyenv shim costs 90 ms at each start, so its target is read from its files instead.
 */
export function findPython(program: string | null, env: Env, cwd: string): string | undefined {
  if (program !== null && isPython3(program)) return program;
  for (const folder of (env.PATH ?? DEFAULT_PATH).split(":")) {
    if (!isAbsolute(folder)) continue;
    const path = join(folder, "python3");
    if (isRunnable(path) !== "yes") continue;
    if (!isShim(path)) return path;
    const target = pyenvTarget(dirname(folder), env, cwd);
    if (target !== undefined) return target;
  }
  return undefined;
}

/** By what it links to: `python` alone may be Python 2. */
function isPython3(program: string): boolean {
  try {
    return /^python3(\.\d+)?$/.test(basename(realpathSync(program))) && !isShim(program);
  } catch {
    return false;
  }
}

function isShim(path: string): boolean {
  if (basename(dirname(path)) !== "shims") return false;
  try {
    return readFileSync(path, "latin1").startsWith("#!");
  } catch {
    return true;
  }
}

/** What pyenv would choose: PYENV_VERSION, .python-version upwards from the folder, the global version. */
function pyenvTarget(root: string, env: Env, cwd: string): string | undefined {
  const chosen = env.PYENV_VERSION ?? versionFileAbove(cwd) ?? firstLine(join(root, "version"));
  for (const version of (chosen ?? "").split(/[:\s]+/)) {
    if (version === "" || version === "system" || version.includes("/")) continue;
    try {
      const path = realpathSync(join(root, "versions", version, "bin", "python3"));
      if (isRunnable(path) === "yes") return path;
    } catch {
      // not installed: the next one
    }
  }
  return undefined;
}

function versionFileAbove(folder: string): string | undefined {
  return (
    firstLine(join(folder, ".python-version")) ??
    (dirname(folder) === folder ? undefined : versionFileAbove(dirname(folder)))
  );
}

function firstLine(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim().replaceAll("\n", ":") || undefined;
  } catch {
    return undefined;
  }
}
