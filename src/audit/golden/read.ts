import { parse, TomlError } from "smol-toml";
import { digestOf, type PolicyMode, RepriseError } from "#record";
import { GOLDEN_FORMAT, type Golden, type GoldenFile, type Machine, type Tolerance } from "./golden.ts";

type Value = unknown;
type Members = Readonly<Record<string, Value>>;

const isTable = (value: Value): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** Reads one golden; says where it is none. */
class Reader {
  constructor(
    readonly path: string,
    readonly where: string,
    readonly members: Members,
  ) {}

  wrong(name: string, wants: string): RepriseError {
    return new RepriseError(
      "GOLDEN_INVALID",
      "config",
      `${this.path}: ${this.where}: ${name} is not ${wants}`,
      `git log -p -- ${this.path}`,
    );
  }

  text(name: string): string {
    const value = this.members[name];
    if (typeof value !== "string") throw this.wrong(name, "a text");
    return value;
  }

  optional(name: string): string | null {
    return this.members[name] === undefined ? null : this.text(name);
  }

  number(name: string): number {
    const value = this.members[name];
    if (typeof value !== "number") throw this.wrong(name, "a number");
    return value;
  }

  /** Beyond these no interval can be calculated, and the search for one would not end. */
  chance(name: string): number {
    const value = this.number(name);
    if (value > 0 && value < 1) return value;
    throw this.wrong(name, "a chance between 0 and 1");
  }

  measured(name: string): readonly number[] {
    const values = this.list<number>(name, "number");
    if (!values.every(Number.isFinite)) throw this.wrong(name, "a list of finite numbers");
    return values;
  }

  list<T extends string | number>(name: string, of: "string" | "number"): readonly T[] {
    const value = this.members[name];
    if (!Array.isArray(value) || !value.every((one) => typeof one === of)) throw this.wrong(name, `a list of ${of}s`);
    return value as T[];
  }

  table<T>(name: string, read: (inside: Reader, key: string) => T): Record<string, T> {
    const value = this.members[name] ?? {};
    if (!isTable(value)) throw this.wrong(name, "a section");
    const inside = new Reader(this.path, `${this.where}.${name}`, value);
    return Object.fromEntries(Object.keys(value).map((key) => [key, read(inside, key)]));
  }

  inside(name: string): Reader {
    const value = this.members[name] ?? {};
    if (!isTable(value)) throw this.wrong(name, "a section");
    return new Reader(this.path, `${this.where}.${name}`, value);
  }
}

function toleranceIn(reader: Reader, name: string): Tolerance {
  const one = reader.inside(name);
  const byHand = one.optional("by_hand");
  const [low, high] = [one.number("low"), one.number("high")];
  if (!(low <= high)) throw reader.wrong(name, "an interval: low is above high");
  if (byHand?.trim() === "") throw reader.wrong(`${name}: by_hand`, "a reason");
  const numbers = { n: one.number("n"), mean: one.number("mean"), sd: one.number("sd") };
  return { low, high, ...numbers, rule: one.text("rule"), ...(byHand === null ? {} : { byHand }) };
}

function scalarIn(reader: Reader, name: string): string | number {
  return typeof reader.members[name] === "number" ? reader.number(name) : reader.text(name);
}

/** Inside of the project. */
function folderIn(reader: Reader): string {
  const said = reader.text("workdir");
  if (!said.startsWith("/") && !said.split("/").includes("..")) return said;
  throw reader.wrong("workdir", "a folder in the project");
}

function seedIn(reader: Reader): string {
  const said = reader.text("seed");
  if (/^(?:fresh|off|\d{1,20})(?:,[\w.-]+=\d{1,10})*$/.test(said)) return said;
  throw reader.wrong("seed", 'fresh, off or a number such as "42"');
}

function policyIn(reader: Reader): PolicyMode {
  const said = reader.text("deterministic");
  if (said === "off" || said === "warn" || said === "strict") return said;
  throw reader.wrong("deterministic", "off, warn or strict");
}

function machineIn(reader: Reader): Machine {
  return { os: reader.text("os"), cpu: reader.text("cpu"), gpus: reader.text("gpus") };
}

function goldenIn(reader: Reader): Golden {
  const environment = reader.inside("environment");
  return {
    run: reader.text("run"),
    date: reader.text("date"),
    by: reader.text("by"),
    reason: reader.text("reason"),
    command: reader.list("command", "string"),
    workdir: folderIn(reader),
    seed: seedIn(reader),
    deterministic: policyIn(reader),
    only: reader.members.metrics === undefined ? [] : reader.list("metrics", "string"),
    trainings: reader.number("trainings"),
    seconds: reader.number("seconds"),
    alarms: reader.chance("alarms"),
    confidence: reader.chance("confidence"),
    commit: reader.text("commit") || null,
    dirty: reader.members.dirty === true,
    reprise: environment.optional("reprise"),
    sources: reader.table("sources", (inside, key) => inside.text(key)),
    environment: environment.optional("digest"),
    python: environment.optional("python"),
    machine: machineIn(reader.inside("machine")),
    files: reader.table("files", (inside, key) => inside.text(key)),
    inputs: reader.table("inputs", (inside, key) => inside.text(key)),
    variables: reader.table("variables", (inside, key) => inside.text(key)),
    packages: reader.table("packages", (inside, key) => inside.text(key)),
    tolerance: reader.table("tolerance", toleranceIn),
    measured: reader.table("measured", (inside, key) => inside.measured(key)),
    exact: reader.table("exact", scalarIn),
    left: reader.table("left", (inside, key) => inside.text(key)),
    before: reader.optional("before"),
  };
}

const HEADER = /^\[\[golden\]\][ \t]*$/gm;

/** What a golden says of the text that was there before it: the same on a checkout with other line ends. */
export const digestBefore = (text: string): string => digestOf(text.replaceAll("\r\n", "\n").trimEnd());

/** Each golden names the text before it: whoever changes an old one breaks that. */
function checkHistory(path: string, text: string, goldens: readonly Golden[]): void {
  const starts = [...text.matchAll(HEADER)].map(({ index }) => index);
  for (const [i, golden] of goldens.entries()) {
    if (i === 0 || golden.before === digestBefore(text.slice(0, starts[i]))) continue;
    throw new RepriseError(
      "GOLDEN_EDITED",
      "config",
      `${path}: a golden before that of ${golden.date} was changed: the file is append-only`,
      `git log -p -- ${path}, and take back the change of the old golden`,
    );
  }
}

/** Throws GOLDEN_INVALID, GOLDEN_EDITED with the file. */
export function readGolden(path: string, written: string): GoldenFile {
  const text = written.replaceAll("\r\n", "\n");
  let document: Members;
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what = error.message.split("\n")[0]?.replace("Invalid TOML document: ", "") ?? "";
    throw new RepriseError(
      "GOLDEN_INVALID",
      "config",
      `${path}:${error.line}: not TOML: ${what}`,
      `git diff -- ${path}`,
    );
  }
  const reader = new Reader(path, "the file", document);
  const format = reader.text("format");
  if (format !== GOLDEN_FORMAT) {
    const newer = /^reprise\/golden@\d+$/.test(format);
    throw new RepriseError(
      newer ? "GOLDEN_NEWER" : "GOLDEN_INVALID",
      "config",
      newer
        ? `${path} was written by a newer Reprise (${format})`
        : `${path}: format is ${format}, not ${GOLDEN_FORMAT}`,
      newer ? "upgrade Reprise" : `git diff -- ${path}`,
    );
  }
  const list = document.golden;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isTable))
    throw reader.wrong("golden", "a list of goldens");
  const goldens = list.map((members, i) => goldenIn(new Reader(path, `golden ${i + 1}`, members as Members)));
  checkHistory(path, text, goldens);
  return { name: reader.text("name"), path, text, goldens };
}
