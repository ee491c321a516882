import {
  type CodeFacts,
  type CodeFile,
  type Digest,
  type GitCode,
  type InputFile,
  isUnknown,
  type Known,
  knownOr,
  type RunRecord,
  unknown,
} from "#record";
import type { Store } from "#store";
import { deletionPatch } from "../change/deletion-patch.ts";
import { buildFile, describeChange, type FileChange } from "../change/file-change.ts";
import type { FileState, ProjectFiles } from "../change/project-files.ts";
import type { Tree } from "../change/tree.ts";
import type { Aspect, Draft } from "./aspect.ts";
import type { Choice, Unmixable } from "./ingredient.ts";

export interface FileAspect extends Aspect {
  readonly changes: readonly FileChange[];
}

interface Runs {
  readonly a: RunRecord;
  readonly b: RunRecord;
}

/** What one run wrote and the next one found. */
function isLeftover(path: string, a: FileState | null, b: FileState | null, runs: Runs): boolean {
  const wrote = (run: RunRecord, found: FileState | null): boolean =>
    found !== null && knownOr(run.outputs, []).some((file) => file.path === path && file.digest === found.digest);
  return wrote(runs.a, b) || wrote(runs.b, a);
}

function changesOf(files: ProjectFiles, runs: Runs, store: Store): { mixable: FileChange[]; unmixable: Unmixable[] } {
  const mixable: FileChange[] = [];
  const unmixable: Unmixable[] = [];
  for (const path of [...new Set([...files.a.keys(), ...files.b.keys()])].sort()) {
    const [a, b] = [files.a.get(path) ?? null, files.b.get(path) ?? null];
    const change = describeChange(path, a, b, isLeftover(path, a, b, runs), store);
    const reason = a?.lacking ?? (a?.digest === null ? "it was not kept" : null);
    if (reason === null) mixable.push(change);
    else
      unmixable.push(
        ...change.ingredients.map((ingredient) => ({ ingredient, reason: `${path} of run A: ${reason}` })),
      );
  }
  return { mixable, unmixable };
}

/** A file as the mixture shall have it; null: not there. */
interface Laid {
  readonly path: string;
  readonly file: CodeFile | null;
}

type Whole = ProjectFiles["whole"];

/** Committed files are removed by a patch, so that the project stays a repository with its history. */
function removed(code: GitCode, paths: readonly string[], whole: Whole, store: Store): GitCode | null {
  const patches = paths.map((path) => {
    const state = whole?.get(path);
    return state?.digest == null || state.lacking !== null
      ? null
      : deletionPatch(path, state.mode, store.objects.read(state.digest));
  });
  if (patches.includes(null)) return null;
  const before = code.diff === undefined ? new Uint8Array(0) : store.objects.read(code.diff.digest);
  const diff = Buffer.concat([before, Buffer.from(patches.join(""), "latin1")]);
  return { ...code, dirty: true, diff: { ...code.diff, digest: store.objects.put(diff), bytes: diff.length } };
}

function layCode(code: CodeFacts, laid: readonly Laid[], whole: Whole, store: Store): Known<CodeFacts> {
  const names = new Set(laid.map((item) => item.path));
  const added = laid.flatMap((item) => item.file ?? []);
  const others = (files: readonly CodeFile[]): CodeFile[] => [
    ...files.filter((file) => !names.has(file.path)),
    ...added,
  ];
  if (code.kind === "snapshot") return { ...code, files: others(code.files) };
  const saved = new Set(code.untracked.map((file) => file.path));
  const committed = laid.flatMap(({ path, file }) =>
    file === null && !saved.has(path) && whole?.has(path) === true ? [path] : [],
  );
  const kept = committed.length === 0 ? code : removed(code, committed, whole, store);
  if (kept !== null) return { ...kept, untracked: others(code.untracked) };
  // What the commit had is laid out file by file, without its history.
  const secret = [...(whole ?? [])].find(([path, state]) => state.lacking !== null && !names.has(path));
  if (secret !== undefined) return unknown(`${secret[0]}: ${secret[1].lacking}`);
  const files = [...(whole ?? [])].flatMap(([path, { mode, bytes, digest }]): CodeFile[] =>
    digest === null ? [] : [{ path, mode, bytes, digest, stored: true }],
  );
  return { kind: "snapshot", files: others(files), left: [] };
}

function layInput(draft: Draft, path: string, file: CodeFile | null, wasInput: InputFile | undefined): void {
  const name = `project\0${path}`;
  const before = draft.inputs.get(name) ?? wasInput;
  draft.inputs.delete(name);
  if (before === undefined || file === null) return;
  draft.inputs.set(name, { ...before, bytes: file.bytes, digest: file.digest, stored: true });
}

/** Code and data of the project: by hunk, by row, by file. */
export function fileAspect(
  files: ProjectFiles,
  runs: Runs,
  trees: { readonly a: Tree; readonly b: Tree },
  store: Store,
): FileAspect {
  const { mixable, unmixable } = changesOf(files, runs, store);
  const inputsOfA = new Map(
    knownOr(runs.a.inputs, []).flatMap((input) => (input.scope === "project" ? [[input.path, input] as const] : [])),
  );
  const fileOf = (change: FileChange, digest: Digest, bytes: number, mode: string): Laid => ({
    path: change.path,
    file: { path: change.path, mode, bytes, digest, stored: true },
  });
  const lay = (change: FileChange, choice: Choice, draft: Draft): Laid | null => {
    const { take, lines } = buildFile(change, choice);
    draft.lines.set(change.path, lines);
    if (take === "b") return null;
    const { path, a } = change;
    const line = trees.a.get(path);
    if (take === "a" && a === null) draft.tree.delete(path);
    else if (line !== undefined) draft.tree.set(path, line);
    if (take !== "a") return fileOf(change, store.objects.put(take), take.length, a?.mode ?? "100644");
    return a === null || a.digest === null ? { path, file: null } : fileOf(change, a.digest, a.bytes, a.mode);
  };
  return {
    changes: mixable,
    ingredients: mixable.flatMap((change) => change.ingredients),
    unmixable,
    apply(choice, draft) {
      const laid = mixable.flatMap((change) => lay(change, choice, draft) ?? []);
      for (const { path, file } of laid) layInput(draft, path, file, inputsOfA.get(path));
      if (laid.length > 0 && !isUnknown(draft.code)) draft.code = layCode(draft.code, laid, files.whole, store);
    },
  };
}
