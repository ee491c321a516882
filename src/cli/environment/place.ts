import { homedir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import type { DigestFiles, EnvironmentCache } from "#environment";
import { findProgram } from "#exec";
import { type Digest, isUnknown, knownOr, RepriseError, type RunRecord } from "#record";
import type { Store } from "#store";
import type { Context } from "../context.ts";

/** Where rebuilt environments lie: they belong to the user, not to a project. */
export function cacheOf({ env }: Context): EnvironmentCache {
  const named = env.XDG_CACHE_HOME ?? "";
  const cache = isAbsolute(named) ? named : join(env.HOME ?? homedir(), ".cache");
  return { root: join(cache, "reprise", "environments") };
}

export const digestsBy =
  (store: Store): DigestFiles =>
  (paths) =>
    new Map(
      [...store.files.digestFiles([...paths])].map(([path, found]) => [path, isUnknown(found) ? found : found.digest]),
    );

/** Objects by digest, for lock files; one that is damaged is as good as none. */
export const objectsOf =
  (store: Store) =>
  (digest: Digest): Uint8Array | null => {
    try {
      return store.objects.has(digest) ? store.objects.read(digest) : null;
    } catch {
      return null;
    }
  };

const PYTHON = /^(?:python|pypy)[\d.]*$/;

/** The interpreter that the run's command would have here and now; or the one that was named. */
export function presentPython(run: RunRecord, named: string | undefined, context: Context): string {
  const find = (name: string): string | null => {
    const found = findProgram(name, context.env, context.cwd);
    return "errno" in found ? null : found.path;
  };
  if (named !== undefined) {
    const path = find(named);
    if (path !== null) return path;
    throw new RepriseError(
      "PYTHON_UNUSABLE",
      "usage",
      `--python ${named}: no such program`,
      "--python .venv/bin/python",
    );
  }
  const first = run.command.argv[0] ?? "";
  const typed = PYTHON.test(basename(first)) ? find(first) : null;
  const recorded = knownOr(run.environment.python, null)?.executable;
  const path = typed ?? (recorded === undefined ? null : find(recorded)) ?? find("python") ?? find("python3");
  if (path !== null) return path;
  throw new RepriseError("PYTHON_UNUSABLE", "usage", "there is no Python on PATH to compare with", "--python PATH");
}
