/**
 * What a name says of its value. "signal" is a result or an ingredient of one (loss, score, seed, checksum): it is never
 * masked. "modelled" is of the world that is modelled (a predicted duration, the speed of a car): no time or speed of the
 * run. "pace" is a speed by a word that a robot's has, too: the name alone is no origin. null says nothing, and then a value
 * needs an origin of its own to be set aside.
 */
export type NameClass =
  | "signal"
  | "modelled"
  | "time"
  | "eta"
  | "speed"
  | "pace"
  | "pid"
  | "id"
  | "host"
  | "memory"
  | "count"
  | null;

const list = (words: string): ReadonlySet<string> => new Set(words.split(" "));

const SIGNAL = list(
  "loss losses nll acc accuracy top1 top5 error err errors auc roc auroc ap map ndcg mrr reward rewards return returns score scores " +
    "lr perplexity ppl bpc bpb bleu rouge meteor wer cer f1 fscore precision recall sensitivity specificity mse rmse mae mape " +
    "r2 kl elbo entropy logloss likelihood logprob grad gradient gradients norm weight weights bias param params parameter " +
    "parameters logits prob probability seed seeds hash digest sha sha1 sha256 md5 checksum crc crc32 fingerprint gain " +
    "alpha beta gamma momentum coef coefficient intercept objective cost metric value fitness iou dice psnr ssim fid " +
    "answer result forecast threshold ratio frequency bitrate argmax argmin",
);
/** Of the world that is modelled, not of the run. */
const MODELLED = list(
  "sim simulated simulation survival event audio video clip reaction travel arrival predicted pred target label " +
    "signal response lead horizon window lag timeout interval limit " +
    "predictions preds labels targets simulated sampling wind vehicle halflife period " +
    "waiting flight lap trip transit settling rise dwell recovery relaxation decay delay charging makespan useful",
);
/** Of these also where they stand apart from the name in running text: "mean travel time 5.1", "video fps: 30". */
const OF_THE_WORLD = list(
  "simulated survival audio video clip reaction travel arrival predicted wind vehicle forecasted sampling",
);
const COUNT = list(
  "step steps epoch epochs iter iters iteration iterations batch batches trial trials fold round n num count timesteps timestep",
);
const TIME = list(
  "time times elapsed took duration durations dur runtime walltime epochtime latency timing timings uptime timestamp ts date " +
    "datetime clock created modified updated started finished ended began now today",
);
const UNIT = list(
  "sec secs second seconds ms msec msecs millis milliseconds us usec ns nanoseconds mins minutes hours hrs",
);
const ETA = list("eta remaining");
/** Counted by a second, or measured of a processor. */
const SPEED = list("fps sps wps tps ips mfu tflops");
const PACE = list("speed speeds throughput");
/** What is done so fast is work of the program, and nothing of the world. */
const WORK = list(
  "training processing inference decode decoding prefill generation token tokens tok sample samples image images loading " +
    "download upload compute gpu disk io",
);
const MEMORY = list("mem memory rss vram ram maxrss");
/** Words behind the noun that do not change what it is: `time_total`, `time_taken`. */
const TRAILING = list(
  "total mean avg average min max std median sum cumulative last current taken spent used ago cum so far all",
);
const AT = list("created started finished updated ended saved modified generated recorded logged completed submitted");
const PER_SECOND = list("s sec secs second seconds");

const known = new Map<string, NameClass>();

export function nameClass(name: string): NameClass {
  let found = known.get(name);
  if (found === undefined) {
    found = classify(name);
    if (known.size > 10_000) known.clear();
    known.set(name, found);
  }
  return found;
}

function classify(name: string): NameClass {
  const all = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((part) => part !== "");
  if (all.length === 0) return null;
  if (/(?:^|[^A-Za-z])[TF]Ps$/.test(name)) return "count";
  const ratio = classifyRatio(name, all);
  if (ratio !== undefined) return ratio;

  const parts = [...all];
  while (parts.length > 1 && TRAILING.has(parts.at(-1) ?? "")) parts.pop();
  // `time_s`, `elapsed_s`
  if (parts.length > 1 && parts.at(-1) === "s" && TIME.has(parts.at(-2) ?? "")) parts.pop();
  const head = parts.at(-1) ?? "";
  const has = (words: ReadonlySet<string>): boolean => parts.some((part) => words.has(part));
  if (SIGNAL.has(head)) return "signal";
  if (has(MODELLED)) return "modelled";
  if (ETA.has(head)) return "eta";
  if (SPEED.has(head)) return has(SIGNAL) ? "signal" : "speed";
  if (PACE.has(head)) return has(SIGNAL) ? "signal" : has(WORK) ? "speed" : "pace";
  if (head === "at" && AT.has(parts.at(-2) ?? "")) return "time";
  if (head === "times" && /^(n|num|number|count)$/.test(parts[0] ?? "")) return "count";
  // `rmse_ms`: the unit of an error, and no time that passed.
  if (UNIT.has(head) && SIGNAL.has(parts.at(-2) ?? "")) return "signal";
  if (TIME.has(head) || UNIT.has(head)) return "time";
  if (
    head === "pid" ||
    head === "ppid" ||
    head === "tid" ||
    (head === "id" && /^(process|thread)$/.test(parts.at(-2) ?? ""))
  )
    return "pid";
  if (head === "uuid" || head === "guid" || head === "runid") return "id";
  if (head === "id" && /^(run|session|job|experiment|request|serialization|trace)$/.test(parts.at(-2) ?? ""))
    return "id";
  if (head === "host" || head === "hostname" || head === "nodename") return "host";
  if (has(SIGNAL)) return "signal";
  if (has(MEMORY)) return "memory";
  if (COUNT.has(head)) return "count";
  return null;
}

/** Whether a name beside these others counts true or false positives: fps beside fns or tps is no speed. */
export function countsPositives(name: string, others: readonly string[]): boolean {
  return /^[tf]ps$/i.test(name) && others.filter((other) => /^[tf][pn]s$/i.test(other)).length > 1;
}

/** Whether a word in front of a name says that its value is of the world that is modelled. */
export function saysWorld(word: string): boolean {
  return word
    .toLowerCase()
    .split(/[^a-z]+/)
    .some((part) => OF_THE_WORLD.has(part));
}

/** Whether a name is a unit of time and nothing else: it then says less than the word before it. */
export const isUnit = (name: string): boolean => UNIT.has(name.toLowerCase());

/** `samples_per_second`, `tok/s`, `ms/batch`, `time_per_epoch`. */
function classifyRatio(name: string, parts: readonly string[]): NameClass | undefined {
  let over = parts.lastIndexOf("per");
  let above = parts.slice(0, over);
  let below = parts.slice(over + 1);
  if (over <= 0) {
    if (!/^[^/]+\/[^/]+$/.test(name)) return undefined;
    over = name
      .slice(0, name.indexOf("/"))
      .split(/[^A-Za-z\d]+/)
      .filter(Boolean).length;
    above = parts.slice(0, over);
    below = parts.slice(over);
    const unitAbove = above.length === 1 && (UNIT.has(above[0] ?? "") || above[0] === "s");
    if (!unitAbove && !(below.length === 1 && PER_SECOND.has(below[0] ?? ""))) return undefined;
  }
  if (above.some((part) => SIGNAL.has(part))) return "signal";
  if (below.length >= 1 && PER_SECOND.has(below[0] ?? "")) return "speed";
  const last = above.at(-1) ?? "";
  return TIME.has(last) || UNIT.has(last) || last === "s" ? "speed" : undefined;
}

/** Of a name under which a duration is kept: how many seconds one unit of the number is. null: not said. */
export function unitOfName(name: string): number | null {
  const match =
    /(?:^|[^a-z])(ns|us|usec|ms|msecs?|millis(?:econds)?|s|secs?|seconds?|mins?|minutes|hours?|hrs?)(?![a-z])/i.exec(
      name.replace(/([a-z])([A-Z])/g, "$1_$2"),
    );
  return match?.[1] === undefined ? null : secondsOf(match[1].toLowerCase());
}

/** Seconds in a unit of time as it is written behind a number; null for any other word. */
export function secondsOf(unit: string): number | null {
  return SECONDS.get(unit) ?? null;
}

const SECONDS = new Map<string, number>(
  Object.entries({
    "ns nsec nanosecond nanoseconds nanos": 1e-9,
    "us µs μs usec microsecond microseconds": 1e-6,
    "ms msec msecs millis millisecond milliseconds": 1e-3,
    "s sec secs second seconds": 1,
    "m min mins minute minutes": 60,
    "h hr hrs hour hours": 3600,
    "d day days": 86400,
  }).flatMap(([units, seconds]) => units.split(" ").map((unit): [string, number] => [unit, seconds])),
);

/** Whether a name under which something is left also says that it is time: `eta` alone is a learning rate, too. */
export function saysTime(name: string): boolean {
  return /time|sec|dur|_ms$/i.test(name);
}

/** Whether a number under a name of time is a moment only: no duration is kept under a date. */
export function saysMoment(name: string): boolean {
  return MOMENT.test(name);
}

/** Who counts what was finished, started, updated writes these names, too: a small number below them is no duration. */
const MOMENT =
  /date|stamp|(?:^|[^a-z])(?:created|modified|updated|started|finished|ended|began|now|today|ts)(?![a-z])|_at$/i;

/** Whether a whole number under a name says how often, and not how long: "times 3". */
export const saysHowOften = (name: string): boolean => /(?:^|[^a-z])times$/i.test(name);
