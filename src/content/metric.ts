import { nameClass, saysTime } from "./name-class.ts";
import { lastState } from "./text/redraw.ts";

/** A number with a name that a program printed. */
export interface PrintedMetric {
  /** Trimmed, spaces as _. */
  readonly name: string;
  /** Always finite: nan and inf have no JSON form and are left out (the line itself is kept and compared). */
  readonly value: number;
  /** Of step, iteration or epoch, as far as the line says; the finest one it has. */
  readonly step: number | null;
  /** Time or speed: varies from run to run by nature. */
  readonly timing: boolean;
}

const NONE: readonly PrintedMetric[] = [];
const LINE_LIMIT = 20_000;
const PRINTED_LIMIT = 200;

const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`;
/** A percentage keeps its number as printed: 93.2 of 93.2%. */
/** A value ends where no path, time, version, date or shape can go on. */
/** A percentage before a bar counts progress. */
const UNIT = String.raw`(?:\s?(?:ns|us|µs|ms|s|secs?|seconds|min|h|it/s|[kMGT]i?B)(?![\w/]))?`;
const END = String.raw`(?! ?\w* ?\[\d+:\d\d)(?!\s?%?\s*\|[ █▉▊▋▌▍▎▏#\d.>=-]*\|)(?![\w]|[:/x×-]\d|\.\d|\.\w|,\d|/|\\)`;
const WORD = String.raw`[A-Za-z_][\w@]*(?:[./-][A-Za-z_\d][\w@]*)*`;
/** name=value, name: value, name = value. */
const PAIR = new RegExp(
  String.raw`(?<![\w./\\:=&?#%\x60-])(?<!\w\()(?<name>(?:${WORD} ){0,3}${WORD}(?: ?\(\w+\))?)(?:\s*=\s*|\s*:\s+|:)(?<value>${NUMBER})(?:\s?%)?${UNIT}${END}`,
  "g",
);
/** name value, for names that are known to carry a number; nanoGPT, PyTorch examples. */
const KNOWN =
  "loss|acc|accuracy|error|auc|f1|ppl|perplexity|bpc|reward|return|score|precision|recall|mse|rmse|mae|lr|r2|time|mfu|fps|sps|ms/batch|learning rate|bleu|rouge|iou|dice";
const SPACED = new RegExp(
  String.raw`(?<![\w./\\:=&?#%-])(?<name>(?:(?:train|training|val|valid|validation|test|eval|dev|avg|average|mean|best|final|running|total)[ _-]){0,2}(?:${KNOWN}))\s*\|?\s+(?<value>${NUMBER})(?:\s?%)?${UNIT}${END}`,
  "gi",
);
const STEP =
  /(?<![\w./-])(?<kind>global[ _]?step|step|steps|iter|iteration|itr|it|epoch|update|episode|batch)s?["']?\s*(?:[:=#[(|]\s*|\s)\s*(?<at>\d+)(?![\w.]\w|\w)/gi;
const RANK = ["global", "step", "iter", "itr", "it", "update", "batch", "episode", "epoch"];
/** Words that end a sentence before a colon, never names of numbers. */
const NO_NAME =
  /^(?:https?|file|port|line|pid|version|v|shape|size|torch|python|cuda|gpu|seed|device|rank|local_rank|world_size|https|line_no|exit code|using|available|at)$/i;
/** "cuda_dnn.cc:8310]": a place in a source. */
const SOURCE_FILE = /\.(?:cc|cpp|cxx|cu|c|h|hpp|py|rs|go|js|ts)$/;
const STEP_NAME =
  /^(?:global[ _]?step|steps?|iter|iters|iteration|iterations|itr|it|epochs?|updates?|episodes?|batch|trials?|folds?|rounds?)$/i;

/** What %time and %%time print, whose names (sys, total) say nothing of time. */
const IPYTHON_TIME = /^CPU times: (?:user|total)\b.*\b(?:ns|[µμu]s|ms|s|min|h)\b/;

/** The metrics that one line of output prints. Runs over every line: lines without a digit cost one scan. */
export function parseMetricLine(line: string): readonly PrintedMetric[] {
  if (line.length > LINE_LIMIT || !/\d/.test(line) || IPYTHON_TIME.test(line)) return NONE;
  const start = line.trimStart();
  if (start.startsWith("{")) {
    const members = objectIn(start.trimEnd());
    if (members !== null) return fromMembers(members);
  }
  if (!/[=:|]|loss|acc|err|auc|f1|ppl|score|reward|mse|mae|lr /i.test(line)) return NONE;
  return fromText(lastState(line));
}

function fromText(line: string): PrintedMetric[] {
  const found = new Map<string, { value: number; timing: boolean }>();
  for (const pattern of [PAIR, SPACED])
    for (const match of line.matchAll(pattern)) {
      const { name = "", value = "" } = match.groups ?? {};
      const own = nameOf(name, clauseBefore(line, match.index + name.length));
      if (own === null || found.has(own) || found.size >= PRINTED_LIMIT) continue;
      const number = Number(value);
      if (!Number.isFinite(number)) continue;
      const inUnit = nameClass(own) === "pace" && A_SECOND.test(line.slice(match.index + name.length));
      found.set(own, { value: number, timing: inUnit || isTiming(own) });
    }
  const step = stepOf(line);
  return [...found].map(([name, { value, timing }]) => ({ name, value, step, timing }));
}

/** The name as printed before a value, without the words of a sentence around it; null when it is no metric's. */
function nameOf(printed: string, clause: string): string | null {
  const words = printed.trim().split(/\s+/);
  // "Epoch 3 done, average loss: 0.3" has its comma; without one only the known qualifiers belong to the name.
  const kept = [words.at(-1) ?? ""];
  for (const word of words.slice(0, -1).toReversed()) {
    if (!QUALIFIER.test(word)) break;
    kept.unshift(word);
  }
  // "Accuracy of the model on the 10000 test images: 97.2 %"
  const owner = OWNER.exec(clause)?.groups?.name;
  const name = owner === undefined ? kept.join("_") : owner.replaceAll(/\s+/g, "_");
  if (NO_NAME.test(name) || SOURCE_FILE.test(name) || STEP_NAME.test(kept.at(-1) ?? "") || name.length > 100)
    return null;
  return name;
}

const clauseBefore = (line: string, end: number): string => {
  const from = Math.max(0, end - 200);
  return /[^,;|:]*$/.exec(line.slice(from, end))?.[0] ?? "";
};
const OWNER =
  /(?<name>(?:(?:train|training|val|validation|test|eval|average|mean) )*(?:loss|accuracy|error|precision|recall|score|perplexity|auc|rmse|mse|mae)) (?:of|on|for|over|in) /i;

const QUALIFIER =
  /^(?:train|training|val|valid|validation|test|eval|evaluation|dev|avg|average|mean|best|final|running|total|top|macro|micro|weighted|learning|cross|mean|squared|absolute|root|explained|balanced|elapsed|f1|roc|log|smoothed|entropy|policy|actor|critic|kl|episode|per|class)$/i;

function stepOf(line: string): number | null {
  let best: number | null = null;
  let rank = RANK.length;
  for (const match of line.matchAll(STEP)) {
    const kind = (match.groups?.kind ?? "").toLowerCase();
    const at = RANK.findIndex((word) => kind.startsWith(word));
    if (at >= 0 && at < rank) {
      rank = at;
      best = Number(match.groups?.at);
    }
  }
  return best !== null && Number.isSafeInteger(best) ? best : null;
}

/** "Throughput: 123.4 images/s" says of what, and by the second. */
const A_SECOND = /^[\s:=|]*[-+\d.,eE]+ ?\w*(?: ?\/ ?| per )s(?:ec(?:ond)?)?\b/;

const isTiming = (name: string): boolean => {
  const what = nameClass(name);
  return what === "time" || what === "speed" || (what === "eta" && saysTime(name));
};

/** What monitors of machines write: W&B's and MLflow's `system/…`, Lightning's DeviceStatsMonitor. */
const MACHINE =
  /^system[/._]|(?:^|[/._])(?:cpu|gpu|disk|network)[_. ]?(?:\d+[_. ]?)?(?:percent|util|utilization|power|temp|temperature|usage|vm_percent|swap_percent)/i;

/** Of a number given to a logger, by its name: it measures time, speed, memory or the machine, and is no result. */
export function variesByName(name: string): boolean {
  return isTiming(name) || nameClass(name) === "memory" || MACHINE.test(name);
}

/** JSON, or a dictionary as Python writes it: only numbers are taken from it. */
function objectIn(text: string): Map<string, number> | null {
  const members = new Map<string, number>();
  try {
    const parsed: unknown = JSON.parse(text);
    flatten(parsed, "", members, 0);
    return members;
  } catch {
    if (!/^\{(?:'|")/.test(text) || !text.endsWith("}")) return null;
  }
  for (const match of text.matchAll(
    /(['"])(?<name>[^'"]{1,100})\1\s*:\s*(?:np\.float\d+\(|tensor\()?(['"]?)(?<value>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\3\)?\s*(?=[,}])/g,
  )) {
    const value = Number(match.groups?.value);
    const name = match.groups?.name ?? "";
    if (Number.isFinite(value) && members.size < PRINTED_LIMIT) members.set(name, value);
  }
  return members;
}

function flatten(value: unknown, path: string, into: Map<string, number>, depth: number): void {
  if (into.size >= PRINTED_LIMIT || depth > 8) return;
  if (typeof value === "number" && Number.isFinite(value) && path !== "") into.set(path, value);
  else if (typeof value === "object" && value !== null && !Array.isArray(value))
    for (const [key, member] of Object.entries(value))
      flatten(member, path === "" ? key : `${path}.${key}`, into, depth + 1);
}

function fromMembers(members: ReadonlyMap<string, number>): PrintedMetric[] {
  const named = [...members].map(([name, value]) => ({ name: name.trim().replaceAll(/\s+/g, "_"), value }));
  const steps = named.filter(({ name, value }) => STEP_NAME.test(name) && Number.isInteger(value));
  const rankOf = (name: string): number => RANK.findIndex((word) => name.toLowerCase().startsWith(word));
  const step = steps.toSorted((a, b) => rankOf(a.name) - rankOf(b.name))[0]?.value ?? null;
  return named
    .filter(({ name }) => !STEP_NAME.test(name))
    .map(({ name, value }) => ({ name, value, step, timing: isTiming(name) }));
}
