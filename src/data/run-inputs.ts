import { constants, copyFileSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type Digest, type InputFile, isUnknown, type Known, knownOr, RepriseError, type RunRecord } from "#record";
import { originOf, type Store } from "#store";
import { lfsObject } from "./pins/lfs.ts";
import type { RunCode } from "./run-code.ts";

export interface RestoreInputsOptions {
  /** A folder for all of it; where they lay when left out. Inputs outside of the project lie below `outside` there. */
  readonly to?: string;
  readonly force?: boolean;
  /** The run's code, for inputs that it holds and the store therefore does not. */
  readonly code?: RunCode | null;
}

export interface InputsRestored {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  /** What is not to be had, and why. */
  readonly missing: readonly { readonly path: string; readonly why: string }[];
}

interface Wanted {
  readonly input: InputFile;
  readonly digest: Digest;
  readonly target: string;
}

/** The file from which the bytes come; null: the store. */
type Source = string | null;

function targetOf({ scope, path }: InputFile, run: RunRecord, to: string | undefined): string {
  const base = resolve(to ?? run.command.project);
  if (scope === "project") {
    const target = join(base, path);
    // A record may come from others: it must not write beside the folder that was asked for.
    if (relative(base, target).startsWith(".."))
      throw new RepriseError("DATA_UNSAFE", "storage", `the record names ${JSON.stringify(path)}`, "reprise show");
    return target;
  }
  return to === undefined ? resolve(path) : join(base, "outside", resolve("/", path));
}

function present(store: Store, paths: readonly string[]): (path: string) => Known<Digest> | null {
  const digests = store.files.digestFiles(
    paths.filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined),
  );
  return (path) => {
    const file = digests.get(path);
    return file === undefined ? null : isUnknown(file) ? file : file.digest;
  };
}

function refuse(run: RunRecord, lost: readonly string[]): RepriseError {
  const more = lost.length > 3 ? ` and ${lost.length - 3} more` : "";
  return new RepriseError(
    "DATA_NOT_SAVED",
    "usage",
    `what lies there now is kept nowhere and would be lost: ${lost.slice(0, 3).join(", ")}${more}`,
    `reprise data restore --run ${run.id} --to DIR, or --force`,
  );
}

/** What the run read by name and content, and what of it has no content that is known. */
function wantedOf(run: RunRecord, to: string | undefined): { wanted: Wanted[]; unknown: InputsRestored["missing"] } {
  if (isUnknown(run.inputs))
    throw new RepriseError(
      "NOT_RECORDED",
      "missing",
      `the inputs of run ${run.id} are unknown: ${run.inputs.unknown}`,
      `reprise show ${run.id}`,
    );
  const unknown: { path: string; why: string }[] = [];
  const wanted = knownOr(run.inputs, []).flatMap((input): Wanted[] => {
    if (!isUnknown(input.digest)) return [{ input, digest: input.digest, target: targetOf(input, run, to) }];
    unknown.push({ path: input.path, why: `its content is unknown: ${input.digest.unknown}` });
    return [];
  });
  return { wanted, unknown };
}

/** Its paths are those of another machine, and said by others: only a folder that was asked for is written to. */
function checkPlace(store: Store, run: RunRecord, to: string | undefined): void {
  const origin = to === undefined ? originOf(store, run.id) : null;
  if (origin === null) return;
  throw new RepriseError(
    "USAGE",
    "usage",
    `run ${run.id} is of another machine (${origin.host}), and so are its paths`,
    `reprise data restore --run ${run.id} --to DIR`,
  );
}

/** Where each of them is to be had: in the store, where the run read it, where Git LFS keeps it, or in its code. */
function sourcesOf(store: Store, run: RunRecord, wanted: readonly Wanted[], code: RunCode | null): Map<Wanted, Source> {
  const found = new Map<Wanted, Source>();
  const asked = wanted.filter((one) => {
    if (store.objects.has(one.digest)) found.set(one, null);
    return !found.has(one);
  });
  const places = (one: Wanted): string[] => {
    const inCode = code?.folder != null && one.input.scope === "project" ? [join(code.folder, one.input.path)] : [];
    return [targetOf(one.input, run, undefined), lfsObject(run.command.project, one.digest), ...inCode];
  };
  const now = present(store, asked.flatMap(places));
  for (const one of asked) {
    const place = places(one).find((path) => now(path) === one.digest);
    if (place !== undefined) found.set(one, place);
  }
  return found;
}

/** Inputs of the project that neither the store has nor the place where the run read them. */
export function lackingInputs(store: Store, run: RunRecord, to?: string): readonly string[] {
  const { wanted } = wantedOf(run, to);
  const now = present(
    store,
    wanted.map(({ target }) => target),
  );
  const others = wanted.filter(({ target, digest }) => now(target) !== digest);
  const sources = sourcesOf(store, run, others, null);
  return others.flatMap((one) => (one.input.scope === "project" && !sources.has(one) ? [one.input.path] : []));
}

/**
 * Whether it lies there now: whole, or what lay there stays, with all other names that it has. A copy is checked: what it is
 * made of may change meanwhile.
 */
function write(store: Store, { digest, target }: Wanted, source: Source): boolean {
  mkdirSync(dirname(target), { recursive: true });
  if (source === null) {
    store.objects.readTo(digest, target, 0o666 & ~process.umask());
    return true;
  }
  const partial = join(dirname(target), `.reprise-${process.pid}-partial`);
  rmSync(partial, { force: true });
  try {
    copyFileSync(source, partial, constants.COPYFILE_EXCL);
    const isWhole = present(store, [partial])(partial) === digest;
    if (isWhole) renameSync(partial, target);
    return isWhole;
  } finally {
    rmSync(partial, { force: true });
  }
}

function whyNot({ input }: Wanted, there: Known<Digest> | null, code: RunCode | null): string {
  const why = there === null ? "not kept, and gone" : "not kept, and changed since";
  if (code === null || input.scope !== "project") return why;
  if (code.folder === null) return `${why}; nor is the run's code to be had: ${code.why}`;
  const isThere = lstatSync(join(code.folder, input.path), { throwIfNoEntry: false }) !== undefined;
  return isThere ? `${why}; the run's commit has other content under this name` : why;
}

/**
 * Puts what a run read where it lay, or into a folder: exactly the recorded bytes, or it is said of each file why not.
 * Throws DATA_NOT_SAVED before anything is touched.
 */
export function restoreInputs(store: Store, run: RunRecord, options: RestoreInputsOptions = {}): InputsRestored {
  const { to, force, code = null } = options;
  const { wanted, unknown } = wantedOf(run, to);
  checkPlace(store, run, to);
  const now = present(
    store,
    wanted.map(({ target }) => target),
  );
  const unchanged = wanted.filter(({ target, digest }) => now(target) === digest);
  const others = wanted.filter(({ target, digest }) => now(target) !== digest);
  const sources = sourcesOf(store, run, others, code);
  const lost = [...sources.keys()].flatMap(({ target }) => {
    const there = now(target);
    return there !== null && (isUnknown(there) || !store.objects.retain(there)) ? [target] : [];
  });
  if (lost.length > 0 && force !== true) throw refuse(run, lost);
  const written: string[] = [];
  const missing = [...unknown];
  for (const one of others) {
    const source = sources.get(one);
    if (source !== undefined && write(store, one, source)) written.push(one.target);
    else missing.push({ path: one.input.path, why: whyNot(one, now(one.target), code) });
  }
  return { written, unchanged: unchanged.map(({ target }) => target), missing };
}
