import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { CAUSE_KINDS, type CauseKind, RepriseError } from "#record";
import { nearest } from "./nearest.ts";

const CONFIG_NAME = "reprise.toml";

/** What a project's reprise.toml says. */
export interface Config {
  /** Absolute; null: there is none. */
  readonly file: string | null;
  readonly store: { readonly path?: string };
  readonly verify: {
    readonly hold?: readonly CauseKind[];
    readonly vary?: "default" | "none";
    readonly budget?: number;
  };
  readonly run: {
    readonly seed?: string;
    readonly requireClean?: boolean;
    readonly deterministic?: string;
    readonly storeInputs?: string;
  };
  /** Reference predictions, and what they may be apart by. */
  readonly reference: {
    readonly file?: string;
    readonly maxAbs?: number;
    readonly ulps?: number;
    readonly flips?: number;
    readonly threshold?: number;
  };
  /** What runs are to show, and where it is written. */
  readonly claims: readonly { readonly text: string; readonly from: string }[];
}

const NOTHING: Config = { file: null, store: {}, verify: {}, run: {}, reference: {}, claims: [] };

type Read = (value: unknown) => unknown;
interface Setting {
  readonly name: string;
  /** The value, or undefined when it is not one. */
  readonly read: Read;
  readonly wants: string;
}

const text: Read = (value) => (typeof value === "string" && value !== "" ? value : undefined);
const whole: Read = (value) => (typeof value === "number" && Number.isInteger(value) && value >= 1 ? value : undefined);
const positive: Read = (value) => (typeof value === "number" && value >= 0 ? value : undefined);
const share: Read = (value) => (typeof value === "number" && value >= 0 && value <= 1 ? value : undefined);
const isKind = (value: unknown): value is CauseKind => CAUSE_KINDS.some((kind) => kind === value);

const SETTINGS: Readonly<Record<string, Readonly<Record<string, Setting>>>> = {
  store: { path: { name: "path", read: text, wants: 'a folder, such as path = ".reprise"' } },
  verify: {
    hold: {
      name: "hold",
      read: (value) => (Array.isArray(value) && value.every(isKind) ? value : undefined),
      wants: `a list of kinds, such as hold = ["listing-order"]; there are ${CAUSE_KINDS.slice(0, 9).join(", ")} …`,
    },
    vary: {
      name: "vary",
      read: (v) => (v === "default" || v === "none" ? v : undefined),
      wants: 'vary = "default" or vary = "none"',
    },
    budget: { name: "budget", read: whole, wants: "a number of replays, such as budget = 20" },
  },
  reference: {
    file: {
      name: "file",
      read: text,
      wants: 'a saved .npy file that the run writes, such as file = "predictions.npy"',
    },
    max_abs: {
      name: "maxAbs",
      read: positive,
      wants: "the largest distance of two predictions, such as max_abs = 1e-4",
    },
    ulps: { name: "ulps", read: positive, wants: "units in the last place, such as ulps = 16" },
    flips: { name: "flips", read: share, wants: "a share of rows that may be decided otherwise, such as flips = 0.01" },
    threshold: {
      name: "threshold",
      read: (value) => (typeof value === "number" ? value : undefined),
      wants: "from where on a number decides for, such as threshold = 0.5",
    },
  },
  run: {
    seed: {
      name: "seed",
      read: (v) =>
        v === "fresh" || v === "off"
          ? v
          : (typeof v === "number" && Number.isInteger(v) && v >= 0) || (typeof v === "string" && v.includes("="))
            ? String(v)
            : undefined,
      wants: 'seed = "fresh", seed = "off", a whole number such as seed = 42, or with names: seed = "42,split=7"',
    },
    deterministic: {
      name: "deterministic",
      read: (v) => (v === "off" || v === "warn" || v === "strict" ? v : undefined),
      wants: 'deterministic = "off", "warn" or "strict"',
    },
    store_inputs: {
      name: "storeInputs",
      read: (v) => (v === "all" || v === "auto" || v === "none" ? v : undefined),
      wants: 'store_inputs = "all", "auto" or "none"',
    },
    require_clean: {
      name: "requireClean",
      read: (v) => (typeof v === "boolean" ? v : undefined),
      wants: "require_clean = true or false",
    },
  },
};

interface Source {
  readonly shown: string;
  readonly lines: readonly string[];
}

/** Where a section or a key of it stands, from 1. The parser has accepted the file, so a simple search finds it. */
function lineOf({ lines }: Source, section: string, key?: string): number {
  let inside = false;
  for (const [i, line] of lines.entries()) {
    const head = /^\s*\[\s*"?([^\]"]*?)"?\s*\]/.exec(line)?.[1];
    if (head !== undefined) {
      inside = head === section;
      if (inside && key === undefined) return i + 1;
    } else {
      const name = /^\s*"?([\w.-]+)"?\s*=/.exec(line)?.[1];
      if (name === (key === undefined ? section : inside ? key : `${section}.${key}`)) return i + 1;
    }
  }
  return 1;
}

function invalid(source: Source, line: number, what: string, hint: string): RepriseError {
  return new RepriseError("CONFIG_INVALID", "config", `${source.shown}:${line}: ${what}`, hint);
}

function unknownName(source: Source, line: number, what: string, name: string, names: readonly string[]): RepriseError {
  const meant = nearest(name, names);
  const hint =
    meant === undefined ? `there ${names.length === 1 ? "is" : "are"} ${names.join(", ")}` : `did you mean ${meant}?`;
  return invalid(source, line, `there is no ${what} '${name}'`, hint);
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

function readSection(source: Source, section: string, table: unknown): Record<string, unknown> {
  const settings = Object.hasOwn(SETTINGS, section) ? SETTINGS[section] : undefined;
  if (settings === undefined)
    throw unknownName(source, lineOf(source, section), "section", section, [...Object.keys(SETTINGS), "claims"]);
  if (!isTable(table))
    throw invalid(
      source,
      lineOf(source, section),
      `'${section}' is a section`,
      `write [${section}] on a line of its own`,
    );
  const found: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(table)) {
    const line = lineOf(source, section, key);
    const setting = Object.hasOwn(settings, key) ? settings[key] : undefined;
    if (setting === undefined) throw unknownName(source, line, `setting in [${section}]`, key, Object.keys(settings));
    const read = setting.read(value);
    if (read === undefined)
      throw invalid(source, line, `${key} in [${section}] is ${JSON.stringify(value)}`, setting.wants);
    found[setting.name] = read;
  }
  return found;
}

/** Under names of one's own: what a run is to show, which verify --level scientific reads. */
function readClaims(source: Source, table: unknown): Config["claims"] {
  const example = 'write [claims] on a line of its own, and below it: good = "accuracy > 0.9"';
  if (!isTable(table)) throw invalid(source, lineOf(source, "claims"), "'claims' is a section", example);
  return Object.entries(table).map(([name, claim]) => {
    const line = lineOf(source, "claims", name);
    if (typeof claim === "string" && claim.trim() !== "") return { text: claim, from: `${source.shown}:${line}` };
    throw invalid(
      source,
      line,
      `${name} in [claims] is ${JSON.stringify(claim)}`,
      'a claim is text: good = "accuracy > 0.9"',
    );
  });
}

/** The nearest reprise.toml from a folder up to its project's root. */
function findConfig(cwd: string, project: string): string | null {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, CONFIG_NAME);
    if (existsSync(path)) return path;
    if (folder === project || folder === dirname(folder)) return null;
  }
}

/** Reads the project's configuration. Throws CONFIG_INVALID with file, line and what to type. */
export async function loadConfig(cwd: string, project: string): Promise<Config> {
  const file = findConfig(cwd, project);
  if (file === null) return NOTHING;
  const content = readConfig(file);
  const source = { shown: relative(cwd, file) || CONFIG_NAME, lines: content.split("\n") };
  const { parse, TomlError } = await import("smol-toml");
  let document: Readonly<Record<string, unknown>>;
  try {
    document = parse(content);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what = error.message.split("\n")[0]?.replace("Invalid TOML document: ", "") ?? "";
    throw invalid(source, error.line, `not TOML: ${what}`, "docs/cli.md has an example");
  }
  const sections = Object.fromEntries(
    Object.entries(document).map(([name, table]) => [
      name,
      name === "claims" ? readClaims(source, table) : readSection(source, name, table),
    ]),
  );
  return { ...NOTHING, ...sections, file };
}

function readConfig(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new RepriseError(
      "CONFIG_UNREADABLE",
      "config",
      `${file} cannot be read: ${(error as Error).message}`,
      `ls -l '${file}'`,
      { cause: error },
    );
  }
}
