import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRedactor, restoreCode, secretsInFile } from "#capture";
import { type CodeFacts, canonicalJson, type Digest, digestOf, isUnknown, knownOr, type RunRecord } from "#record";
import type { Store } from "#store";
import { deletionPatch } from "./deletion-patch.ts";
import { sameLine, type Tree } from "./tree.ts";

/** A file of the project as one run had it. */
export interface FileState {
  readonly mode: string;
  readonly digest: Digest | null;
  readonly bytes: number;
  /** Why its content cannot be put into a mixture; null: it can. */
  readonly lacking: string | null;
  /** In a checkout that is still there: not in the store yet. */
  readonly at?: string;
}

export interface Place {
  readonly store: Store;
  readonly env: Readonly<Record<string, string>>;
}

export interface ProjectFiles {
  /** Only what differs between the two. */
  readonly a: ReadonlyMap<string, FileState>;
  readonly b: ReadonlyMap<string, FileState>;
  /** Committed files that only B has; every file of its code where those cannot be left out by a patch. */
  readonly whole: ReadonlyMap<string, FileState> | null;
}

type Files = Map<string, FileState>;

/** What the code of two runs is compared by: not when its files were written. */
const essence = (code: CodeFacts): string =>
  canonicalJson(JSON.parse(JSON.stringify(code, (key, value: unknown) => (key === "mtimeMs" ? undefined : value))));

function sameCode(a: RunRecord, b: RunRecord): boolean {
  return !isUnknown(a.code) && !isUnknown(b.code) && essence(a.code) === essence(b.code);
}

function fromSnapshot(code: Extract<CodeFacts, { kind: "snapshot" }>, store: Store): Files {
  const files: Files = new Map();
  for (const { path, mode, digest, bytes, redacted = 0, reason } of code.files) {
    if (isUnknown(digest)) continue;
    const gone = store.objects.has(digest)
      ? null
      : `its content was not kept${reason === undefined ? "" : `: ${reason}`}`;
    files.set(path, { mode, digest, bytes, lacking: redacted > 0 ? "it held a secret, which was not kept" : gone });
  }
  return files;
}

function filesBelow(folder: string, prefix = ""): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === ".git") return [];
    const path = `${prefix}${entry.name}`;
    return entry.isDirectory() ? filesBelow(folder, `${path}/`) : [path];
  });
}

/** A commit and its changes, checked out. */
async function fromGit(run: RunRecord, code: CodeFacts, place: Place, folder: string): Promise<Files> {
  const source = { read: (digest: Digest) => place.store.objects.read(digest) };
  await restoreCode(code, run.command.project, source, folder, { env: place.env });
  return new Map(
    filesBelow(folder).map((path): [string, FileState] => {
      const at = join(folder, path);
      const stat = lstatSync(at);
      const link = stat.isSymbolicLink();
      const bytes = link ? Buffer.from(readlinkSync(at)) : readFileSync(at);
      const mode = link ? "120000" : (stat.mode & 0o100) === 0 ? "100644" : "100755";
      return [path, { mode, digest: digestOf(bytes), bytes: bytes.length, lacking: null, at }];
    }),
  );
}

/** Puts a checked out file into the store, unless it holds a secret. */
function settle(state: FileState, place: Place, argv: readonly string[]): FileState {
  if (state.at === undefined) return state;
  const { at, ...rest } = state;
  const link = state.mode === "120000";
  if (!link && secretsInFile(at, createRedactor({ env: place.env, argv })) > 0)
    return { ...rest, lacking: "it holds a secret, which is not kept" };
  place.store.objects.put(link ? readlinkSync(at) : readFileSync(at));
  return rest;
}

/** An input above the limit of what is kept may still lie where it was read. */
function bring(run: RunRecord, path: string, digest: Digest, store: Store): string | null {
  if (store.objects.has(digest)) return null;
  const at = join(run.command.project, path);
  const now = store.files.digestFiles([at]).get(at);
  if (now === undefined || isUnknown(now) || now.digest !== digest)
    return "its content was not kept, and the file has changed since";
  return store.objects.putFile(at).digest === digest ? null : "it changed while it was read";
}

/** Input files as a run read them count before what the code capture saw. Those that both read alike are left out. */
function addInputs(run: RunRecord, other: RunRecord, files: Files, store: Store): void {
  const theirs = new Map(knownOr(other.inputs, []).map((input) => [input.path, input.digest]));
  for (const input of knownOr(run.inputs, [])) {
    const { path, digest, scope } = input;
    if (scope !== "project" || isUnknown(digest) || theirs.get(path) === digest) continue;
    const before = files.get(path);
    if (before?.digest === digest) {
      if (before.lacking !== null) files.set(path, { ...before, lacking: bring(run, path, digest, store) });
      continue;
    }
    const mode = before?.mode ?? "100644";
    files.set(path, { mode, digest, bytes: knownOr(input.bytes, 0), lacking: bring(run, path, digest, store) });
  }
}

/** Files that only one run read: the other may have had the same, or another one that nobody looked at. */
function settleUnread(files: Files, others: Files, mine: Tree, theirs: Tree): void {
  for (const path of files.keys()) {
    const line = theirs.get(path);
    if (others.has(path) || line === undefined) continue;
    if (sameLine(mine.get(path), line)) files.delete(path);
    else
      others.set(path, { mode: "100644", digest: null, bytes: line.bytes, lacking: "it was not read, and not kept" });
  }
}

const readsAlike = (a: RunRecord, b: RunRecord): boolean => {
  const paths = (run: RunRecord): string =>
    knownOr(run.inputs, [])
      .filter((input) => input.scope === "project")
      .map((input) => input.path)
      .join("\n");
  return paths(a) === paths(b);
};

/** The files, code and data, in which two runs differ. */
export async function projectFiles(
  a: RunRecord,
  b: RunRecord,
  trees: { readonly a: Tree; readonly b: Tree },
  place: Place,
): Promise<ProjectFiles> {
  const scratch = mkdtempSync(join(realpathSync(tmpdir()), "reprise-mix-"));
  const filesOf = async (run: RunRecord, name: string): Promise<Files> => {
    if (isUnknown(run.code)) return new Map();
    if (run.code.kind === "snapshot") return fromSnapshot(run.code, place.store);
    return fromGit(run, run.code, place, join(scratch, name));
  };
  try {
    const equal = sameCode(a, b) && readsAlike(a, b);
    const known = !isUnknown(a.code) && !isUnknown(b.code);
    const [x, y]: [Files, Files] =
      equal || !known ? [new Map(), new Map()] : [await filesOf(a, "a"), await filesOf(b, "b")];
    const code = new Map(y);
    addInputs(a, b, x, place.store);
    addInputs(b, a, y, place.store);
    settleUnread(x, y, trees.a, trees.b);
    settleUnread(y, x, trees.b, trees.a);
    const alike = (path: string): boolean => {
      const [left, right] = [x.get(path), y.get(path)];
      return left?.digest === right?.digest && left?.mode === right?.mode;
    };
    const differing = (files: Files, run: RunRecord): Files =>
      new Map(
        [...files]
          .filter(([path]) => !alike(path))
          .map(([path, state]) => [path, settle(state, place, run.command.argv)]),
      );
    const whole = wholeOf(b, code, x, place);
    return { a: differing(x, a), b: differing(y, b), whole };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What a mixture needs to know of B's commit to leave out a file that A had not. */
function wholeOf(b: RunRecord, code: Files, theirs: Files, place: Place): Files | null {
  if (isUnknown(b.code) || b.code.kind !== "git") return null;
  const loose = new Set(b.code.untracked.map((file) => file.path));
  const settled = (files: Iterable<readonly [string, FileState]>): Files =>
    new Map([...files].map(([path, state]) => [path, settle(state, place, b.command.argv)]));
  const dropped = settled([...code].filter(([path]) => !theirs.has(path) && !loose.has(path)));
  if (dropped.size === 0) return null;
  const patched = [...dropped].every(
    ([path, { mode, digest, lacking }]) =>
      digest !== null && lacking === null && deletionPatch(path, mode, place.store.objects.read(digest)) !== null,
  );
  return patched ? dropped : settled(code);
}
