import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "#exec";
import { notBuilt } from "../refusal.ts";
import type { Interpreter } from "./interpreter.ts";
import { pythonIn, type ToolCommand } from "./programs.ts";
import { asFile, findMissing, type Line, type Missing, reasonOf } from "./resolve.ts";

type Env = Readonly<Record<string, string>>;

/** Makes virtual environments and fills them: uv, else the interpreter's own venv and pip. */
export interface Installer {
  readonly name: string;
  /** The interpreter that environments are made from; null: the installer brings one. */
  readonly python: string | null;
  /** What of these lines cannot be had; nothing is installed. `folder` may be used for what that needs. */
  missing(lines: readonly Line[], folder: string, env: Env): Promise<readonly Missing[]>;
  /** null: done; else why not. */
  create(folder: string, env: Env): Promise<string | null>;
  install(lines: readonly Line[], folder: string, env: Env): Promise<string | null>;
}

const MINUTES = 60_000;

async function did(argv: ToolCommand, cwd: string, env: Env): Promise<string | null> {
  const done = await runTool({ argv, cwd, env, timeoutMs: 30 * MINUTES });
  return done.ok ? null : reasonOf(done);
}

export function uvInstaller(uv: ToolCommand, { python, fetched }: Interpreter): Installer {
  return {
    name: "uv",
    python: fetched ? null : python,
    missing: (lines, _folder, env) => findMissing(lines, { uv, python, env }),
    create: (folder, env) =>
      did([...uv, "venv", "--quiet", "--no-project", "--allow-existing", "--python", python, folder], "/", env),
    install: (lines, folder, env) =>
      asFile(
        lines,
        (file) =>
          did([...uv, "pip", "install", "--quiet", "--no-deps", "--python", pythonIn(folder), "-r", file], folder, env),
        "each",
      ),
  };
}

export const PIP = [
  "-I",
  "-m",
  "pip",
  "install",
  "--quiet",
  "--no-deps",
  "--no-input",
  "--disable-pip-version-check",
] as const;

/** pip can look without installing since 22.2. */
async function canDryRun(python: string, env: Env): Promise<boolean> {
  const asked = await runTool({ argv: [python, "-I", "-m", "pip", "--version"], cwd: "/", env, timeoutMs: 30_000 });
  const [major = 0, minor = 0] = (/^pip (\d+)\.(\d+)/.exec(asked.stdout) ?? []).slice(1).map(Number);
  return asked.ok && (major > 22 || (major === 22 && minor >= 2));
}

export function pipInstaller({ python }: Interpreter): Installer {
  const create = async (folder: string, env: Env): Promise<string | null> => {
    if (existsSync(pythonIn(folder))) return null;
    const failed = await did([python, "-m", "venv", folder], "/", env);
    return failed === null ? null : `${python} -m venv: ${failed}`;
  };
  return {
    name: "pip",
    python,
    create,
    async missing(lines, folder, env) {
      // The interpreter's own pip saves an environment that would be made for the question alone.
      if (await canDryRun(python, env)) return findMissing(lines, { uv: null, python, env, target: folder });
      const failed = await create(folder, env);
      if (failed !== null) throw notBuilt(failed);
      return findMissing(lines, { uv: null, python: pythonIn(folder), env });
    },
    install: (lines, folder, env) => asFile(lines, (file) => did([pythonIn(folder), ...PIP, "-r", file], folder, env)),
  };
}

/** The folder of a virtual environment that packages are installed into. */
export function sitePackagesOf(folder: string): string | null {
  const lib = join(folder, "lib");
  const name = existsSync(lib)
    ? readdirSync(lib).find((entry) => /^python\d/.test(entry) || /^pypy\d/.test(entry))
    : undefined;
  return name === undefined ? null : join(lib, name, "site-packages");
}
