import { type DiffPart, type DiffUnknown, diffFacts } from "#compare";
import { isSettings, settingsIn } from "#content";
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

/** Arguments, and the keys of the files that code and data found, each file once. */
export function configPart(
  facts: DiffPart,
  findings: readonly SettingsFinding[],
  codeUnknown: string | null,
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
  return { entries: [...facts.entries, ...diffFacts("config", x, y).entries], unknown };
}
