import { existsSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isEnvironmentDir, layRepository, restoreCode } from "#capture";
import { findProgram } from "#exec";
import { type Digest, type InputFile, isUnknown, knownOr, RepriseError, type RunRecord } from "#record";
import { originOf, type Store } from "#store";
import { copy, type ReplayFolder } from "./folder.ts";

export interface Restored {
  readonly warnings: readonly string[];
  /** Inputs that are not to be had any more: a replay without them would prove nothing. */
  readonly missing: readonly string[];
  /** What lay in the project before the run, was not seen to be read, and cannot be brought back. */
  readonly lost: readonly string[];
}

type DigestNow = (path: string) => Digest | null;

function digestNow(store: Store): DigestNow {
  return (path) => {
    const found = store.files.digestFiles([path]).get(path);
    return found === undefined || isUnknown(found) ? null : found.digest;
  };
}

/** Brings one input to `target` from the store or from where it lay; false when neither has the recorded bytes. */
function bringInput(
  input: InputFile,
  digest: Digest,
  source: string,
  target: string,
  store: Store,
  now: DigestNow,
): boolean {
  if (existsSync(target) && now(target) === digest) return true;
  mkdirSync(dirname(target), { recursive: true });
  if (input.stored && store.objects.has(digest)) {
    store.objects.readTo(digest, target, 0o644);
    return true;
  }
  if (!existsSync(source) || now(source) !== digest) return false;
  copy(source, target);
  return true;
}

function say(run: RunRecord, input: InputFile, source: string, isForeign: boolean): string {
  if (isForeign)
    return `input ${input.path} ${existsSync(source) ? "is another file on this machine" : "is not on this machine"}, and did not come with the run`;
  const state = existsSync(source) ? "has changed since" : "is gone";
  if (!input.stored) return `input ${input.path} ${state} and its content was not kept`;
  return `input ${input.path} ${state}; it is kept: reprise data restore --run ${run.id}`;
}

function restoreInputs(
  run: RunRecord,
  folder: ReplayFolder,
  temporary: string,
  store: Store,
  settled: ReadonlySet<string>,
): string[] {
  const now = digestNow(store);
  const isForeign = originOf(store, run.id) !== null;
  return knownOr(run.inputs, []).flatMap((input): string[] => {
    if (isUnknown(input.digest) || settled.has(input.path)) return [];
    const source = input.scope === "project" ? join(run.command.project, input.path) : input.path;
    if (input.scope === "project") {
      return bringInput(input, input.digest, source, join(folder.project, input.path), store, now)
        ? []
        : [say(run, input, source, isForeign)];
    }
    if (now(source) !== input.digest) return [say(run, input, source, isForeign)];
    // A program that asks for the temporary folder finds there what it found before.
    if (input.scope === "temporary" && !relative(temporary, input.path).startsWith(".."))
      bringInput(input, input.digest, source, join(folder.temporary, relative(temporary, input.path)), store, now);
    return [];
  });
}

interface TreeLine {
  readonly path: string;
  readonly bytes: number;
  readonly mtimeMs: number;
  readonly folder: boolean;
}

function readTree(run: RunRecord, store: Store): TreeLine[] {
  const tree = run.tree;
  if (isUnknown(tree)) return [];
  const lines = new TextDecoder().decode(store.objects.read(tree.digest)).split("\n");
  return lines.flatMap((line): TreeLine[] => {
    const [kind, bytes, mtime, ...name] = line.split("\t");
    return name.length === 0
      ? []
      : [{ path: name.join("\t"), bytes: Number(bytes), mtimeMs: Number(mtime), folder: kind === "d" }];
  });
}

/** Not read as far as we saw, but lying there: earlier results decide names such as version_3, and C code reads unseen. */
const MOST_BYSTANDER_BYTES = 2 * 1024 ** 3;

function restoreBystanders(run: RunRecord, folder: ReplayFolder, store: Store, lines: readonly TreeLine[]): string[] {
  const warnings: string[] = [];
  let left = MOST_BYSTANDER_BYTES;
  const origin = originOf(store, run.id);
  const carried = new Map((origin?.bystanders ?? []).map(({ path, digest }) => [path, digest]));
  for (const line of lines) {
    const target = resolve(folder.project, line.path);
    if (relative(folder.project, target).startsWith("..") || existsSync(target)) continue;
    if (line.folder) {
      mkdirSync(target, { recursive: true });
      continue;
    }
    const along = carried.get(line.path);
    if (along !== undefined) {
      mkdirSync(dirname(target), { recursive: true });
      store.objects.readTo(along, target, 0o644);
      continue;
    }
    const source = join(run.command.project, line.path);
    const stat = existsSync(source) ? statSync(source) : undefined;
    if (
      stat === undefined ||
      stat.size !== line.bytes ||
      Math.abs(stat.mtimeMs - line.mtimeMs) > 2 ||
      line.bytes > left
    ) {
      warnings.push(
        `${line.path} lay in the project before the run and could not be brought back (${stat === undefined ? "gone" : line.bytes > left ? "too large" : "changed"}); the run was not seen to read it`,
      );
      continue;
    }
    left -= line.bytes;
    mkdirSync(dirname(target), { recursive: true });
    copy(source, target);
  }
  return warnings;
}

/** Virtual environments and node_modules are environment, not code: the replay uses the recorded ones, by link. */
function linkEnvironments(project: string, target: string, depth = 4): void {
  if (depth === 0) return;
  for (const entry of readdirSync(project, { withFileTypes: true })) {
    if (!entry.isDirectory() && !entry.isSymbolicLink()) continue;
    const [from, to] = [join(project, entry.name), join(target, entry.name)];
    if (entry.name === ".git") continue;
    if (entry.name === ".reprise") {
      // The run found it there: what lists the project must find it again.
      mkdirSync(to, { recursive: true });
      continue;
    }
    if (entry.name === "node_modules" || entry.name.endsWith(".egg-info") || isEnvironmentDir(from)) {
      if (!lexists(to)) {
        mkdirSync(dirname(to), { recursive: true });
        symlinkSync(from, to);
      }
    } else if (entry.isDirectory()) linkEnvironments(from, to, depth - 1);
  }
}

function lexists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The recorded modification times, or all in the past and in the opposite order, so that every pair changes places. */
function setTimes(folder: ReplayFolder, lines: readonly TreeLine[], times: "recorded" | "reversed"): void {
  // Of files with one time the later name counts as the newer: so they are checked out and unpacked.
  const newest = lines
    .filter((line) => !line.folder)
    .toSorted((a, b) => b.mtimeMs - a.mtimeMs || (a.path < b.path ? 1 : -1));
  const start = Date.now() / 1000 - 86_400 - newest.length;
  for (const [i, line] of newest.entries()) {
    const target = join(folder.project, line.path);
    const stat = lstatSync(target, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isFile()) continue;
    const seconds = times === "recorded" ? line.mtimeMs / 1000 : start + i;
    utimesSync(target, seconds, seconds);
  }
}

/** Of a run that came from elsewhere, without its project: the commit for programs that ask git. */
function placeRepository(
  run: RunRecord,
  project: string,
  store: Store,
  env: Readonly<Record<string, string>>,
  mayAsk: boolean,
): string[] {
  const repository = originOf(store, run.id)?.code?.repository ?? null;
  if (repository === null || existsSync(join(project, ".git"))) return [];
  const why = isUnknown(repository)
    ? repository.unknown
    : layRepository(repository, { read: (digest) => store.objects.read(digest) }, project)
      ? null
      : "it holds what git could take for a setting";
  const recorded = run.variables.find(({ name }) => name === "PATH");
  const path = [recorded !== undefined && "value" in recorded ? recorded.value : "", env["PATH"] ?? ""].join(":");
  if (why === null && "errno" in findProgram("git", { PATH: path }, "/") && mayAsk)
    return ["git is not on this machine: a program that asks it finds none"];
  return why === null ? [] : [`the git repository did not come along (${why}); a program that asks git finds none`];
}

/**
 * Code, inputs and what else lay in the project, but for the `settled` paths outside of it, into a fresh folder. The recorded project is only read.
 * Throws RepriseError when the code itself cannot be had.
 */
export async function restoreRun(
  run: RunRecord,
  folder: ReplayFolder,
  temporary: string,
  store: Store,
  times: "recorded" | "reversed",
  env: Readonly<Record<string, string>>,
  settled: ReadonlySet<string> = new Set(),
  mayAsk = true,
): Promise<Restored> {
  if (isUnknown(run.code)) {
    throw new RepriseError(
      "CODE_UNKNOWN",
      "missing",
      `the code of run ${run.id} was not recorded: ${run.code.unknown}`,
      `reprise show ${run.id}`,
    );
  }
  const warnings = await restoreCode(
    run.code,
    run.command.project,
    { read: (digest) => store.objects.read(digest) },
    folder.project,
    { env },
  );
  const lost = placeRepository(run, folder.project, store, env, mayAsk);
  const missing = restoreInputs(run, folder, temporary, store, settled);
  const lines = readTree(run, store);
  if (existsSync(run.command.project)) linkEnvironments(run.command.project, folder.project);
  const left = restoreBystanders(run, folder, store, lines);
  setTimes(folder, lines, times);
  mkdirSync(join(folder.project, run.command.workdir), { recursive: true });
  return { warnings: [...warnings, ...left], missing, lost: [...lost, ...left] };
}
