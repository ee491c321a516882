import { existsSync, readdirSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { findProgram, runTool } from "#exec";
import { knownOr, type RunRecord } from "#record";
import { basePrefixOf } from "../platform.ts";
import { plainEnvironment } from "../present.ts";
import type { ToolCommand } from "./programs.ts";

type Env = Readonly<Record<string, string>>;

export interface Interpreter {
  /** Its path, or the version that uv is to fetch. */
  readonly python: string;
  readonly version: string;
  /** The recorded version, or only its minor version. */
  readonly exact: boolean;
  readonly fetched: boolean;
}

const ASK = `import sys
print(sys.implementation.name, '.'.join(map(str, sys.version_info[:3])), getattr(sys, '_base_executable', None) or sys.executable)`;

/** What it is, and the interpreter itself where this one is of a virtual environment: uv builds on no other. */
async function versionOf(python: string, env: Env): Promise<{ readonly told: string; readonly base: string } | null> {
  const asked = await runTool({
    argv: [python, "-I", "-S", "-c", ASK],
    cwd: "/",
    env: plainEnvironment(env),
    timeoutMs: 20_000,
  });
  const [implementation, version, ...base] = asked.stdout.trim().split(" ");
  if (!asked.ok || implementation === undefined || version === undefined) return null;
  return { told: `${implementation} ${version}`, base: existsSync(base.join(" ")) ? base.join(" ") : python };
}

function versionFolders(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name, "bin", "python3"));
  } catch {
    return [];
  }
}

/** Where interpreters usually lie; the one below the recorded environment first: it is the same build. */
function candidates(run: RunRecord, minor: string, env: Env): string[] {
  const recorded = knownOr(run.environment.python, null);
  const base = basePrefixOf(run);
  const home = env["HOME"] ?? "/";
  const named = [`python${minor}`, "python3", "python"].flatMap((name) =>
    (env["PATH"] ?? "").split(":").flatMap((folder) => {
      if (!isAbsolute(folder)) return [];
      const found = findProgram(join(folder, name), env, "/");
      return "errno" in found ? [] : [found.path];
    }),
  );
  return [
    ...(base === null ? [] : [join(base, "bin", `python${minor}`), join(base, "bin", "python3")]),
    ...(recorded === null ? [] : [recorded.executable]),
    ...named,
    ...versionFolders(join(env["PYENV_ROOT"] ?? join(home, ".pyenv"), "versions")),
    ...versionFolders(join(home, ".local", "share", "uv", "python")),
  ];
}

const without = (path: string): boolean => !path.includes("/shims/");

/**
 * An interpreter of the recorded version, else one that uv can fetch, else one of the same minor version; else the
 * versions that there are.
 */
export async function findInterpreter(
  run: RunRecord,
  wanted: { readonly version: string; readonly implementation: string },
  uv: ToolCommand | null,
  env: Env,
): Promise<Interpreter | readonly string[]> {
  const minor = wanted.version.split(".").slice(0, 2).join(".");
  const seen = new Map<string, string>();
  const paths = [...new Set(candidates(run, minor, env).filter(without))].filter((path) => existsSync(path));
  for (const candidate of paths) {
    const found = await versionOf(candidate, env);
    if (found === null) continue;
    const { told, base: python } = found;
    if (told === `${wanted.implementation} ${wanted.version.replace(/(?:a|b|rc)\d+.*$|\+$/, "")}`)
      return { python, version: wanted.version, exact: true, fetched: false };
    seen.set(python, told);
  }
  if (uv !== null && wanted.implementation === "cpython" && (await canFetch(uv, wanted.version, env)))
    return { python: wanted.version, version: wanted.version, exact: true, fetched: true };
  const near = [...seen].find(([, told]) => told.startsWith(`${wanted.implementation} ${minor}.`));
  if (near !== undefined)
    return { python: near[0], version: near[1].split(" ")[1] ?? "", exact: false, fetched: false };
  return [...new Set(seen.values())].sort();
}

/** uv fetches interpreters when asked to: that needs a network, so it is tried. */
async function canFetch(uv: ToolCommand, version: string, env: Env): Promise<boolean> {
  if (env["UV_PYTHON_DOWNLOADS"] === "never" || env["UV_OFFLINE"] === "1") return false;
  const asked = await runTool({
    argv: [...uv, "python", "install", "--no-bin", "--quiet", version],
    cwd: "/",
    env: { UV_HTTP_TIMEOUT: "20", ...plainEnvironment(env) },
    timeoutMs: 300_000,
  });
  return asked.ok;
}
