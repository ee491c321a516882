import type { DiffDetail, DiffEntry, DiffPart, DiffUnknown } from "#compare";
import { isSettings, settingsIn } from "#content";
import { isUnknown, type Known, knownOr, type RunRecord } from "#record";
import type { CodeStates, StateFile } from "./code-state.ts";
import { textDetail } from "./content-detail.ts";

const SOURCE = /\.(?:pyi?|pyx|ipynb|sh|r|jl|js|mjs|ts|c|cc|cpp|cu|h|rs|go|java|rb|pl)$/i;

/** A file of settings on both sides, key by key. */
export interface SettingsPair {
  readonly path: string;
  readonly a: ReadonlyMap<string, string>;
  readonly b: ReadonlyMap<string, string>;
}

/** Both sides as settings, when they are that and some key differs. */
export function settingsPair(path: string, a: Known<Uint8Array>, b: Known<Uint8Array>): SettingsPair | null {
  if (!isSettings(path) || isUnknown(a) || isUnknown(b)) return null;
  const [x, y] = [settingsIn(path, a), settingsIn(path, b)];
  if (x === null || y === null) return null;
  const differ = x.size !== y.size || [...x].some(([key, value]) => y.get(key) !== value);
  return differ ? { path, a: x, b: y } : null;
}

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

function detailOf(x: StateFile | undefined, y: StateFile | undefined): DiffDetail {
  const [left, right] = [x?.read() ?? null, y?.read() ?? null];
  if (isUnknown(left)) return { kind: "unread", reason: `A: ${left.unknown}` };
  if (isUnknown(right)) return { kind: "unread", reason: `B: ${right.unknown}` };
  return textDetail(left, right) ?? { kind: "binary", a: x?.bytes ?? null, b: y?.bytes ?? null };
}

export interface CodePart extends DiffPart {
  readonly settings: readonly SettingsPair[];
}

/** The code section with its files looked into; settings among them are handed on, told key by key elsewhere. */
export function codePart(facts: DiffPart, states: CodeStates, a: RunRecord, b: RunRecord): CodePart {
  const paths = [...new Set([...states.a.keys(), ...states.b.keys()])].sort();
  const files = new Set(paths);
  const entries: DiffEntry[] = facts.entries.filter(
    ({ name }) => !files.has(name) && (name !== "uncommitted diff" || states.obstacle !== null),
  );
  const unknown: DiffUnknown[] = facts.unknown.filter(({ name }) => !files.has(name));
  const settings: SettingsPair[] = [];
  if (states.obstacle !== null)
    unknown.push({ section: "code", name: "tracked files", a: states.obstacle, b: states.obstacle });
  for (const path of paths) {
    const [x, y] = [states.a.get(path), states.b.get(path)];
    if (!differs(x, y)) continue;
    const [left, right] = [digestIn(x), digestIn(y)];
    if (isUnknown(left) || isUnknown(right)) {
      unknown.push({
        section: "code",
        name: path,
        a: isUnknown(left) ? left.unknown : null,
        b: isUnknown(right) ? right.unknown : null,
      });
      continue;
    }
    const pair = x === undefined || y === undefined ? null : settingsPair(path, x.read(), y.read());
    if (pair !== null) settings.push(pair);
    const detail: DiffDetail =
      leftBy(path, a, b, [left ?? undefined, right ?? undefined]) ??
      (pair !== null
        ? { kind: "elsewhere", section: "config" }
        : isData(path, a, b)
          ? { kind: "elsewhere", section: "data" }
          : detailOf(x, y));
    const change = x === undefined ? "added" : y === undefined ? "removed" : "changed";
    entries.push({ name: path, a: left, b: right, change, detail });
  }
  return { entries, unknown, settings };
}
