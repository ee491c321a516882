import type { DiffDetail, DiffEntry, DiffPart, DiffUnknown } from "#compare";
import { isUnknown, type Known, knownOr, type RunRecord } from "#record";
import type { CodeStates, StateFile } from "./code-state.ts";
import { textDetail } from "./content-detail.ts";
import type { Contents } from "./contents.ts";
import { modulesPart } from "./modules.ts";
import { areKeys, type SettingsFinding, settingsFinding } from "./settings.ts";

const SOURCE = /\.(?:pyi?|pyx|ipynb|sh|r|jl|js|mjs|ts|c|cc|cpp|cu|h|rs|go|java|rb|pl)$/i;

/** Who left a file there that is no work of the user's: the run whose output it is, byte for byte. */
export function leftBy(path: string, a: RunRecord, b: RunRecord, own: readonly [unknown, unknown]): DiffDetail | null {
  const wrote = (run: RunRecord, digest: unknown): boolean =>
    digest !== undefined &&
    knownOr(run.outputs, []).some((file) => file.path === path && !isUnknown(file.digest) && file.digest === digest);
  if (wrote(a, own[1])) return { kind: "left-by", run: "a" };
  return wrote(b, own[0]) ? { kind: "left-by", run: "b" } : null;
}

/** Files that a run read as data, and that nobody would call code. */
const isData = (path: string, ...runs: readonly RunRecord[]): boolean =>
  !SOURCE.test(path) && runs.some((run) => knownOr(run.inputs, []).some((file) => file.path === path));

const digestIn = (file: StateFile | undefined): Known<string> | null => {
  if (file === undefined) return null;
  const digest = file.digest();
  return isUnknown(digest) || file.mode === "100644" ? digest : `${digest} ${modeWord(file.mode)}`;
};

const modeWord = (mode: string): string => (mode === "100755" ? "executable" : mode === "120000" ? "link" : mode);

function differs(x: StateFile | undefined, y: StateFile | undefined): boolean {
  if (x === undefined || y === undefined || x.mode !== y.mode) return true;
  const [left, right] = [x.digest(), y.digest()];
  return isUnknown(left) || isUnknown(right) || left !== right;
}

/** Equal but for what was cut out of both: whether that is equal nobody can tell. */
const CUT = "the same but for secrets, which were cut out and cannot be compared";

function detailOf(x: StateFile | undefined, y: StateFile | undefined): DiffDetail {
  const [left, right] = [x?.read() ?? null, y?.read() ?? null];
  if (isUnknown(left)) return { kind: "unread", reason: `A: ${left.unknown}` };
  if (isUnknown(right)) return { kind: "unread", reason: `B: ${right.unknown}` };
  const text = textDetail(left, right);
  const both = x !== undefined && y !== undefined;
  if (both && text?.kind === "text" && text.added + text.removed === 0) return { kind: "unread", reason: CUT };
  return text ?? { kind: "binary", a: x?.bytes ?? null, b: y?.bytes ?? null };
}

export interface CodePart extends DiffPart {
  readonly settings: readonly SettingsFinding[];
}

function fileUnknown(name: string, a: string | null, b: string | null): DiffUnknown {
  return { section: "code", name, a, b };
}

/** One file of the code: an entry, or what is unknown about it; null when it is the same. */
function fileFinding(
  path: string,
  x: StateFile | undefined,
  y: StateFile | undefined,
  [a, b]: readonly [RunRecord, RunRecord],
): { readonly found: DiffEntry | DiffUnknown; readonly settings: SettingsFinding | null } | null {
  if (!differs(x, y)) {
    const cutOut = x !== undefined && y !== undefined && x.redacted > 0 && y.redacted > 0;
    return cutOut ? { found: fileUnknown(path, CUT, CUT), settings: null } : null;
  }
  const [left, right] = [digestIn(x), digestIn(y)];
  if (isUnknown(left) || isUnknown(right)) {
    const found = fileUnknown(path, isUnknown(left) ? left.unknown : null, isUnknown(right) ? right.unknown : null);
    return { found, settings: null };
  }
  const change = x === undefined ? "added" : y === undefined ? "removed" : "changed";
  const leftover = leftBy(path, a, b, [left ?? undefined, right ?? undefined]);
  if (leftover !== null) return { found: { name: path, a: left, b: right, change, detail: leftover }, settings: null };
  const settings =
    x === undefined || y === undefined ? null : settingsFinding(path, Math.max(x.bytes, y.bytes), x.read(), y.read());
  // Only whether it may be executed.
  if (x?.digest() === y?.digest()) return { found: { name: path, a: left, b: right, change }, settings };
  const detail: DiffDetail = areKeys(settings)
    ? { kind: "elsewhere", section: "config" }
    : isData(path, a, b)
      ? { kind: "elsewhere", section: "data" }
      : detailOf(x, y);
  return { found: { name: path, a: left, b: right, change, detail }, settings };
}

/** A file that went and one that came with the same content are one, renamed. */
export function withRenames(entries: readonly DiffEntry[]): DiffEntry[] {
  const by = (change: DiffEntry["change"]): Map<DiffEntry["a"], DiffEntry[]> =>
    Map.groupBy(
      entries.filter((entry) => entry.change === change),
      ({ a, b }) => a ?? b,
    );
  const [gone, came] = [by("removed"), by("added")];
  const only = (list: readonly DiffEntry[] | undefined): string | undefined =>
    list?.length === 1 ? list[0]?.name : undefined;
  return entries.map((entry) => {
    if (entry.change === "changed" || entry.detail?.kind === "left-by") return entry;
    const [from, to] = [only(gone.get(entry.a ?? entry.b)), only(came.get(entry.a ?? entry.b))];
    const path = entry.change === "added" ? from : to;
    return from === undefined || to === undefined || path === undefined
      ? entry
      : { ...entry, detail: { kind: "renamed", path } };
  });
}

/** The code section with its files looked into; settings among them are handed on, told key by key elsewhere. */
export function codePart(
  facts: DiffPart,
  states: CodeStates,
  a: RunRecord,
  b: RunRecord,
  contents: Contents,
): CodePart {
  const paths = [...new Set([...states.a.keys(), ...states.b.keys()])].sort();
  const files = new Set(paths);
  const entries: DiffEntry[] = facts.entries.filter(
    ({ name }) => !files.has(name) && (name !== "uncommitted diff" || states.obstacle !== null),
  );
  const unknown: DiffUnknown[] = facts.unknown.filter(({ name }) => !files.has(name));
  const settings: SettingsFinding[] = [];
  if (states.obstacle !== null) unknown.push(fileUnknown("tracked files", states.obstacle, states.obstacle));
  if (states.cutOut) unknown.push(fileUnknown("uncommitted diff", CUT, CUT));
  for (const path of paths) {
    const finding = fileFinding(path, states.a.get(path), states.b.get(path), [a, b]);
    if (finding === null) continue;
    if ("section" in finding.found) unknown.push(finding.found);
    else entries.push(finding.found);
    if (finding.settings !== null) settings.push(finding.settings);
  }
  const modules = modulesPart(a, b, new Set([...entries, ...unknown].map(({ name }) => name)), contents);
  return {
    entries: withRenames([...entries, ...modules.entries]),
    unknown: [...unknown, ...modules.unknown],
    settings,
  };
}
