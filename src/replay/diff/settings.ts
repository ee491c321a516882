import {
  type DiffAside,
  type DiffEntry,
  type DiffPart,
  type DiffUnknown,
  diffFacts,
  plainName,
  plainValue,
} from "#compare";
import { compareText, isSettings, type Origins, settingsIn } from "#content";
import { isUnknown, type Known } from "#record";

/** A file of settings on both sides, key by key. */
interface SettingsPair {
  readonly path: string;
  readonly a: ReadonlyMap<string, string>;
  readonly b: ReadonlyMap<string, string>;
}

/** What a file adds to the config section: its keys, or why nobody can tell which of them differ. */
export type SettingsFinding = SettingsPair | DiffUnknown;

export const areKeys = (finding: SettingsFinding | null): boolean => finding !== null && "path" in finding;

/** More is data in the form of settings. */
const MOST_BYTES = 1 << 20;

/** What two versions of a file of settings say; null when they are none, or no key of them differs. */
export function settingsFinding(
  path: string,
  bytes: number,
  a: Known<Uint8Array>,
  b: Known<Uint8Array>,
): SettingsFinding | null {
  if (!isSettings(path) || bytes > MOST_BYTES) return null;
  const why = (x: string | null, y: string | null): DiffUnknown => ({ section: "config", name: path, a: x, b: y });
  if (isUnknown(a) || isUnknown(b)) return why(isUnknown(a) ? a.unknown : null, isUnknown(b) ? b.unknown : null);
  const [x, y] = [settingsIn(path, a), settingsIn(path, b)];
  const reason = "cannot be read as settings";
  if (x === null || y === null) return x === y ? null : why(x === null ? reason : null, y === null ? reason : null);
  const differ = x.size !== y.size || [...x].some(([key, value]) => y.get(key) !== value);
  return differ ? { path, a: x, b: y } : null;
}

/** What may come from the run itself. A duration, a speed, a size of memory is what somebody asked for. */
const OF_THE_RUN = /^(?:folder of the run|temporary name|time|uuid|host name|address|process id|run name) /;
const PORT = /(?:^|[_.-])port$/i;
const isPort = (value: DiffEntry["a"]): boolean =>
  /^\d{4,5}$/.test(String(value)) && Number(value) > 1023 && Number(value) < 65_536;
/** Somebody wrote it down: the command line, a file, a variable. */
const isGiven = (words: string | null): boolean =>
  words === null || /command line|environment|[^ ]:\d|\.\w+(?: |$)/.test(words);

/** Why a parameter may differ though nobody changed it: the run's own folder, its time, its id, a port that it drew. */
function benign(entry: DiffEntry, origins: Origins): string | null {
  const { name, a, b, change, detail } = entry;
  if (change !== "changed" || a === null || b === null) return null;
  const seen = compareText([`${name}: ${a}`], [`${name}: ${b}`], origins);
  const masks = seen.aside.map((one) => one.replace(/^line 1: /, ""));
  if (seen.agree && masks.length > 0 && masks.every((one) => OF_THE_RUN.test(one))) return masks.join(", ");
  const drawn = detail?.kind === "setting" && !isGiven(detail.a) && !isGiven(detail.b);
  return drawn && PORT.test(name) && isPort(a) && isPort(b) ? "port" : null;
}

/** A parameter that a parser took from a file whose key differs likewise is told there, with its place. */
function isToldByFile({ name, a, b }: DiffEntry, files: readonly DiffEntry[]): boolean {
  const same = (x: DiffEntry["a"], y: DiffEntry["a"]): boolean =>
    x === null || y === null ? x === y : plainValue(String(x)) === plainValue(String(y));
  const own = plainName(name);
  return files.some((entry) => {
    const key = plainName(entry.name.slice(entry.name.indexOf(": ") + 2));
    return (own === key || own.endsWith(`.${key}`)) && same(entry.a, a) && same(entry.b, b);
  });
}

/** Parameters, and the keys of the files that code and data found, each file once. */
export function configPart(
  facts: DiffPart,
  findings: readonly SettingsFinding[],
  codeUnknown: string | null,
  origins: Origins,
): DiffPart {
  const files = new Map(findings.map((finding) => ["path" in finding ? finding.path : finding.name, finding]));
  const [x, y] = [new Map<string, string>(), new Map<string, string>()];
  const unknown: DiffUnknown[] = [...facts.unknown];
  for (const finding of files.values()) {
    if (!("path" in finding)) {
      unknown.push(finding);
      continue;
    }
    for (const [key, value] of finding.a) x.set(`${finding.path}: ${key}`, value);
    for (const [key, value] of finding.b) y.set(`${finding.path}: ${key}`, value);
  }
  if (codeUnknown !== null)
    unknown.push({ section: "config", name: "files of settings", a: codeUnknown, b: codeUnknown });
  const inFiles = diffFacts("config", x, y).entries;
  const aside: DiffAside[] = [];
  const entries = [...facts.entries, ...inFiles].filter((entry) => {
    if (!inFiles.includes(entry) && isToldByFile(entry, inFiles)) return false;
    const why = benign(entry, origins);
    if (why !== null) aside.push({ section: "config", name: entry.name, a: String(entry.a), b: String(entry.b), why });
    return why === null;
  });
  return { entries, unknown, aside };
}
