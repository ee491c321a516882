import type { Param, RunRecord } from "#record";

/** One source that has the value of a row. */
interface SettingOrigin {
  /** "argument", "file", a parser or a logger. */
  readonly source: string;
  /** How that source came by it, where it is known. */
  readonly from: string | null;
}

/** One parameter of a run with its last value, and every source that agrees on it. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  /** Where a value comes from first: the file or the command line before the parser that took it over. */
  readonly origins: readonly SettingOrigin[];
  /** Nobody set it: every source says that it is a default. */
  readonly standard: boolean;
}

/** --learning-rate and learning_rate are one name; so is Hydra's +model.depth. */
export const plainName = (name: string): string => name.replace(/^[+~]+/, "").replaceAll("-", "_");

/** No label: 007 and 2024_01 are others than 7 and 202401. */
const BARE = /^[-+]?(?:(?:0|[1-9]\d{0,2}(?:_\d{3})+|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i;

/** A value in the one form that all spellings of it have: 1e-1 and 0.1, True and true, [1, 2] and "1 2". */
export function plainValue(value: string): string {
  const bare = value.trim().replace(/^(["'])(.*)\1$/s, "$2");
  // More digits than a number of JavaScript holds are compared as they are written.
  if (BARE.test(bare)) return /\d{16}/.test(bare) ? bare : String(Number(bare.replaceAll("_", "")));
  if (/^(?:none|null|~)$/i.test(bare)) return "null";
  if (/^(?:true|false)$/i.test(bare)) return bare.toLowerCase();
  if (/^[[(].*[\])]$/s.test(bare))
    return bare
      .slice(1, -1)
      .split(/[\s,]+/)
      .filter((one) => one !== "")
      .map(plainValue)
      .join(" ");
  return /^\S+(?:\s+\S+)+$/.test(bare)
    ? bare
        .split(/\s+/)
        .map((one) => (BARE.test(one) ? plainValue(one) : one))
        .join(" ")
    : bare;
}

/** The names that a key of a file can have for the program: alone, or below the folders that it lies in (Hydra's groups). */
function aliases({ name, from }: Param): string[] {
  const folders = (from ?? "").replace(/:\d+$/, "").split("/").slice(0, -1);
  const found = [name];
  for (const folder of folders.toReversed()) found.push(`${folder}.${found.at(-1)}`);
  return found.map(plainName).toReversed();
}

const fileOf = (from: string | undefined): string => (from ?? "").replace(/:\d+$/, "");

/** Sources that come later have the last word. */
const standing = ({ origin }: Param): number => (origin === "file" ? 0 : origin === "argument" ? 1 : 2);

const isStandard = ({ origin, from }: Param): boolean => origin !== "argument" && from === "default";

function settingOf(name: string, params: readonly Param[]): Setting {
  const origins = params.map(({ origin, from }) => ({ source: origin, from: from ?? null }));
  return { name, value: params.at(-1)?.value ?? "", origins, standard: params.every(isStandard) };
}

/** The parameters of one name: one row for each value, the last source's first. */
function rowsOf(params: readonly Param[]): Setting[] {
  // Which words belong to an option the parser knows, and the command line alone does not tell: --lr 0.2 fit.
  const known = params.some(({ origin, from }) => origin !== "argument" && from === "command line");
  const agreed = new Set(params.filter(({ origin }) => origin !== "argument").map(({ value }) => plainValue(value)));
  const heard = params.filter(({ origin, value }) => !known || origin !== "argument" || agreed.has(plainValue(value)));
  const byValue = Map.groupBy(heard, ({ value }) => plainValue(value));
  const last = params.findLast(({ origin }) => origin !== "file") ?? params.at(-1);
  const shown = last?.name ?? "";
  return [...byValue.values()]
    .toSorted((x, y) => Number(y.includes(last as Param)) - Number(x.includes(last as Param)))
    .map((group, index) => {
      const [first] = group;
      const named =
        first?.origin === "file"
          ? `${fileOf(first.from)}: ${first.name}`
          : `${shown} (${group.map(({ origin }) => origin).join(", ")})`;
      return settingOf(index === 0 ? shown : named, group);
    });
}

/** `-n 4` on the command line is what a parser calls `max_iter`: the value of an option that has no other word there. */
function shortOptions(params: readonly Param[]): Param[] {
  const words = params.filter(({ origin }) => origin === "argument");
  const named = new Set(words.map(({ name }) => plainName(name)));
  const parsed = params.filter(
    ({ name, origin, from }) => origin !== "argument" && from === "command line" && !named.has(plainName(name)),
  );
  const values = new Set(parsed.map(({ value }) => plainValue(value)));
  const isParsed = (name: string): boolean =>
    params.some((one) => one.origin !== "argument" && one.origin !== "file" && plainName(one.name) === name);
  return words.filter(({ name, value }) => name.length === 1 && !isParsed(name) && values.has(plainValue(value)));
}

/**
 * The one table of a run's parameters. What several sources say under one name is one row while they agree, and a row for
 * each of them where they do not. A key of a file that no parser took over stands by itself, with its file before it.
 */
export function configurationOf({ params }: Pick<RunRecord, "params">): Setting[] {
  const groups = new Map<string, Param[]>();
  const add = (name: string, param: Param): void => {
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [param]);
    else group.push(param);
  };
  const short = new Set(shortOptions(params));
  for (const param of params) if (param.origin !== "file" && !short.has(param)) add(plainName(param.name), param);
  const alone: Setting[] = [];
  for (const param of params) {
    if (param.origin !== "file") continue;
    const named = aliases(param).filter((name) => groups.has(name));
    const agrees = named.find((name) =>
      groups.get(name)?.some(({ value }) => plainValue(value) === plainValue(param.value)),
    );
    if (agrees !== undefined) add(agrees, param);
    else alone.push(settingOf(`${fileOf(param.from)}: ${param.name}`, [param]));
  }
  const taken = [...groups.values()].flatMap((group) => rowsOf(group.toSorted((x, y) => standing(x) - standing(y))));
  return [...taken, ...alone];
}

/** "conf/adam.yaml:2 · hydra", "command line · argparse", "default · argparse". */
export function originWords({ origins }: Pick<Setting, "origins">): string {
  const words = origins.flatMap(({ source, from }) =>
    source === "argument"
      ? ["command line"]
      : source === "file"
        ? [from ?? "file"]
        : [...(from === null || /^(?:configuration|override|call)/.test(from) ? [] : [from]), source],
  );
  const found = [...new Set(words)];
  // That a parser calls its default what a file set says nothing.
  const set = found.some((word) => word === "command line" || /[:.]/.test(word));
  return found.filter((word) => !(set && word === "default")).join(" · ");
}
