import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isUnknown, type PackageFact, type RunRecord } from "#record";
import type { DigestFiles, EnvironmentReport } from "../compare.ts";
import { compareEnvironment } from "../compare.ts";
import { type ReadObject, recordedHashes } from "../lock-hashes.ts";
import { localTag } from "../name.ts";
import { type PresentEnvironment, plainEnvironment, presentEnvironment } from "../present.ts";
import { type EnvironmentRecipe, environmentRecipe } from "../recipe.ts";
import { type Lacking, notBuilt, unavailable } from "../refusal.ts";
import { cached, type EnvironmentCache, findCached, forget, markOf } from "./cache.ts";
import { condaInstaller } from "./conda.ts";
import { linkEditable } from "./editable.ts";
import { indexVariables, withIndexes } from "./indexes.ts";
import { type Installer, pipInstaller, sitePackagesOf, uvInstaller } from "./installer.ts";
import { findInterpreter } from "./interpreter.ts";
import { type Sources, sourcesOf, withoutMissing } from "./plan.ts";
import { findTool, findUv, pythonIn } from "./programs.ts";
import type { Line } from "./resolve.ts";

export interface RebuildOptions {
  readonly run: RunRecord;
  readonly cache: EnvironmentCache;
  readonly env: Readonly<Record<string, string>>;
  readonly digest: DigestFiles;
  /** Of the store: the run's own lock files may be there. */
  readonly readObject: ReadObject;
  readonly onProgress?: (words: string) => void;
}

export interface Rebuilt {
  /** The environment's folder. */
  readonly prefix: string;
  readonly python: string;
  /** It was built now; else it lay in the cache. */
  readonly fresh: boolean;
  readonly installer: string;
  /** What could not be had and the run had not used. */
  readonly left: readonly Lacking[];
  readonly present: PresentEnvironment;
  readonly report: EnvironmentReport;
}

async function installerFor(
  recipe: EnvironmentRecipe,
  run: RunRecord,
  env: Readonly<Record<string, string>>,
): Promise<Installer> {
  if (recipe.manager === "conda") {
    const conda = findTool("micromamba", env) ?? findTool("mamba", env) ?? findTool("conda", env);
    if (conda === null)
      throw unavailable(run, [
        {
          name: "conda",
          why: "the environment is conda's, and neither micromamba, mamba nor conda is installed",
          needed: true,
        },
      ]);
    return condaInstaller(conda, recipe);
  }
  const { python } = run.environment;
  const uv = await findUv(env, isUnknown(python) ? [] : [python.executable]);
  const found = await findInterpreter(run, recipe.python, uv, env);
  if (!("python" in found)) {
    const there = found.length === 0 ? "none was found" : `there is ${found.join(", ")}`;
    const why = `no interpreter ${recipe.python.implementation} ${recipe.python.version}; ${there}`;
    throw unavailable(run, [{ name: "python", why, needed: true }]);
  }
  return uv === null ? pipInstaller(found) : uvInstaller(uv, found);
}

interface Looked {
  readonly lines: readonly Line[];
  readonly lacking: readonly Lacking[];
  readonly env: Readonly<Record<string, string>>;
}

/** Builds with a local tag are asked for at the indexes that have them, but only where the user's own do not. */
async function look(
  installer: Installer,
  sources: Sources,
  recipe: EnvironmentRecipe,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<Looked> {
  const judged = (missing: Awaited<ReturnType<Installer["missing"]>>): Omit<Looked, "env"> =>
    withoutMissing(sources.lines, missing, recipe.packages);
  const first = judged(await installer.missing(sources.lines, folder, env));
  const tagged = first.lacking.some(({ name }) => localTag(versionIn(recipe.packages, name)) !== null);
  if (!tagged || recipe.indexes.length === 0) return { ...first, env };
  const more = withIndexes(env, recipe.indexes);
  const second = judged(await installer.missing(sources.lines, folder, more));
  return second.lacking.length < first.lacking.length ? { ...second, env: more } : { ...first, env };
}

const versionIn = (packages: readonly PackageFact[], name: string): string =>
  packages.find((item) => item.name === name)?.version ?? "";

/** From the record to a working environment: out of the cache, or built into it after everything was seen to be there. */
export async function rebuildEnvironment(options: RebuildOptions): Promise<Rebuilt> {
  const { run, cache, env, onProgress } = options;
  const recipe = environmentRecipe(run);
  if (isUnknown(recipe))
    throw unavailable(run, [
      { name: "python", why: `the record does not say what it was: ${recipe.unknown}`, needed: true },
    ]);
  const known = findCached(cache, recipe.digest);
  // One whose interpreter was taken away works no more; one that is slow to answer may be in use.
  if (known !== null && !existsSync(pythonIn(known))) forget(cache, recipe.digest);
  else if (known !== null) {
    const mark = markOf(known);
    const left = Array.isArray(mark["left"]) ? (mark["left"] as Lacking[]) : [];
    return finish(options, recipe, known, { fresh: false, installer: String(mark["installer"]), left });
  }
  const sources = sourcesOf(recipe, run, await recordedHashes(run, options.readObject));
  if (sources.lacking.some((item) => item.needed)) throw unavailable(run, sources.lacking);
  const installer = await installerFor(recipe, run, env);
  const variables = { ...plainEnvironment(env), ...(await indexVariables(pythonsOf(run, installer), env)) };
  onProgress?.(`looking whether ${recipe.packages.length} packages can be had (${installer.name})`);
  const scratch = mkdtempSync(join(tmpdir(), "reprise-look-"));
  let looked: Looked;
  try {
    looked = await look(installer, sources, recipe, join(scratch, "environment"), variables);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const left = [...sources.lacking, ...looked.lacking];
  if (left.some((item) => item.needed)) throw unavailable(run, left);
  const built = await cached(
    cache,
    recipe.digest,
    async (folder) => {
      onProgress?.(`building the environment of ${looked.lines.length} packages (${installer.name})`);
      await build(installer, looked, sources, folder);
      return { format: recipe.format, digest: recipe.digest, python: recipe.python, installer: installer.name, left };
    },
    () => onProgress?.("waiting for another process that builds the same environment"),
  );
  return finish(options, recipe, built.folder, { fresh: built.fresh, installer: installer.name, left });
}

function pythonsOf(run: RunRecord, installer: Installer): string[] {
  const { python } = run.environment;
  return [...(isUnknown(python) ? [] : [python.executable]), ...(installer.python === null ? [] : [installer.python])];
}

async function build(installer: Installer, looked: Looked, sources: Sources, folder: string): Promise<void> {
  const made =
    (await installer.create(folder, looked.env)) ??
    (looked.lines.length === 0 ? null : await installer.install(looked.lines, folder, looked.env));
  if (made !== null) throw notBuilt(made);
  const site = sitePackagesOf(folder);
  if (site === null) throw notBuilt(`${installer.name} made no environment in ${folder}`);
  for (const editable of sources.editables) await linkEditable(editable, folder, site);
}

async function finish(
  { run, env, digest }: RebuildOptions,
  recipe: EnvironmentRecipe,
  prefix: string,
  how: Pick<Rebuilt, "fresh" | "installer" | "left">,
): Promise<Rebuilt> {
  const python = pythonIn(prefix);
  const { PYTHONPATH: _path, PYTHONHOME: _home, ...rest } = env;
  const present = await presentEnvironment(python, rest);
  if (isUnknown(present)) throw notBuilt(present.unknown);
  const report = compareEnvironment(run, present, recipe.platform, digest);
  if (isUnknown(report)) throw notBuilt(report.unknown);
  return { prefix, python, ...how, present, report };
}
