import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { EnvironmentCache } from "#environment";
import { RepriseError, type RunRecord } from "#record";
import type { Context } from "../context.ts";

/** Where rebuilt environments lie: they belong to the user, not to a project. */
export function cacheOf({ env }: Context): EnvironmentCache {
  const named = env.XDG_CACHE_HOME ?? "";
  const cache = isAbsolute(named) ? named : join(env.HOME ?? homedir(), ".cache");
  return { root: join(cache, "reprise", "environments") };
}

const unusable = (message: string, hint: string): RepriseError =>
  new RepriseError("PYTHON_UNUSABLE", "usage", message, hint);

/** The interpreter that was named, or the one that the run's command would have here and now. */
export async function presentPython(run: RunRecord, named: string | undefined, context: Context): Promise<string> {
  const { programHere, pythonHere } = await import("#environment");
  if (named !== undefined) {
    const path = programHere(named, context);
    if (path !== null) return path;
    throw unusable(`--python ${named}: no such program`, "--python .venv/bin/python");
  }
  const path = pythonHere(run, context);
  if (path !== null) return path;
  throw unusable("there is no Python on PATH to compare with", "--python PATH");
}
