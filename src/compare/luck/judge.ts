import type { At, CompareWord, Goal, MetricComparison, SeedSide } from "#record";
import { type Difference, equivalence, paired, welch } from "../statistics/difference.ts";
import { effectOf } from "../statistics/effect.ts";
import { type Design, powerOf, runsForDifference, runsForSuperiority } from "../statistics/power.ts";
import { summarise } from "../statistics/sample.ts";
import { pairedSuperiority, type Superiority, superiority } from "../statistics/superiority.ts";
import { seedsUnseen } from "./unseen.ts";

export interface MetricQuestion {
  readonly name: string;
  readonly at: At;
  readonly goal: Goal | null;
  readonly goalFrom: MetricComparison["goalFrom"];
  readonly confidence: number;
  readonly power: number;
  /** Fixed before anything is seen; null: equivalence is not asked. */
  readonly margin: number | null;
  readonly paired: boolean;
}

export interface MetricValues {
  readonly values: MetricComparison["values"];
  readonly a: SideSeen;
  readonly b: SideSeen;
}

/** What else is known of a side than its values. */
export interface SideSeen extends Pick<SeedSide, "sameSeed" | "effect"> {
  /** Where the program seeds a generator by itself, such as "train.py:3"; null: nowhere that was seen. */
  readonly own: string | null;
}

/** Fewer say nothing about spread that anybody should read. */
const LEAST = 3;

const isNumber = (value: number | null): value is number => value !== null;
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

interface Shown {
  readonly difference: Difference;
  readonly rate: Superiority;
  readonly effect: ReturnType<typeof effectOf>;
  readonly same: ReturnType<typeof equivalence> | null;
  readonly n: number;
}

function calculate(a: readonly number[], b: readonly number[], question: MetricQuestion): Shown {
  const { confidence, goal, margin, paired: isPaired } = question;
  const [x, y] = goal === "min" ? [b, a] : [a, b];
  const difference = (isPaired ? paired : welch)(a, b, confidence);
  return {
    difference,
    rate: (isPaired ? pairedSuperiority : superiority)(x, y, confidence),
    effect: effectOf(a, b, isPaired),
    same: margin === null ? null : equivalence(difference, margin, confidence),
    n: Math.min(a.length, b.length),
  };
}

/** Which way both the difference and the rate point beyond luck: 1 B higher, −1 B lower, 0 not shown. */
function direction({ difference, rate }: Shown, goal: Goal | null): -1 | 0 | 1 {
  const sign = goal === "min" ? -1 : 1;
  if (difference.low > 0 && (sign > 0 ? rate.low > 0.5 : rate.high < 0.5)) return 1;
  if (difference.high < 0 && (sign > 0 ? rate.high < 0.5 : rate.low > 0.5)) return -1;
  return 0;
}

function wordOf(shown: Shown, goal: Goal | null): CompareWord {
  if (shown.same?.equivalent === true) return "equivalent";
  const way = direction(shown, goal);
  if (way === 0) return "not-shown";
  if (goal === null) return "differs";
  return way > 0 === (goal === "max") ? "better" : "worse";
}

/** More than there are: they were not enough. */
function seedsNeeded(shown: Shown, question: MetricQuestion, design: Design): number | null {
  const { confidence, power } = question;
  const size = design === "paired" ? shown.effect.dz : shown.effect.d;
  const byT = size === null ? 2 : runsForDifference(design, size, confidence, power);
  // A rate that is one in what was seen is hardly one in truth: half a win more and half a loss more.
  const rate = (shown.rate.p * shown.n + 0.5) / (shown.n + 1);
  const byRank = shown.difference.estimate === 0 ? null : runsForSuperiority(design, rate, confidence, power);
  return byT === null || byRank === null ? null : Math.max(byT, byRank);
}

function notShown({ difference, rate, n }: Shown, confidence: number): string {
  const [byMean, byRate] = [difference.low <= 0 && difference.high >= 0, rate.low <= 0.5 && rate.high >= 0.5];
  if (difference.estimate === 0 && difference.standardError === 0)
    return "A and B give the same value, bit for bit, under every seed";
  const what =
    byMean && byRate
      ? "a difference of nothing lies within both intervals"
      : byMean
        ? "a difference of nothing lies within the interval of the mean"
        : byRate
          ? "one half lies within the interval of P"
          : "the mean and P point in different ways";
  const few = n < fewest(confidence) ? `; with ${n} seeds nothing can be shown at ${confidence}` : "";
  return `${what}${few}`;
}

/** So many wins of so many are the fewest that no fair coin gives so often. */
const fewest = (confidence: number): number => Math.floor(Math.log((1 - confidence) / 2) / Math.log(0.5)) + 1;

function reasonOf(word: CompareWord, shown: Shown, question: MetricQuestion): string {
  if (word === "not-shown") return notShown(shown, question.confidence);
  if (word === "equivalent") return `two one-sided tests: the difference is smaller than ${question.margin} either way`;
  return "neither the interval of the mean nor that of P holds what luck would give";
}

/** One metric over the seeds: everything that was calculated, and the verdict. */
export function judgeMetric(asked: MetricQuestion, seen: MetricValues): MetricComparison {
  const { name, at, goal, goalFrom, confidence, power } = asked;
  const pairs = seen.values.filter((one) => one.a !== null && one.b !== null);
  // Equal bits need no test: runs that end alike under every seed belong together, however they began.
  const isSame = pairs.length >= LEAST && pairs.every((one) => one.a === one.b);
  const question = isSame ? { ...asked, paired: true } : asked;
  const usable = question.paired ? pairs : seen.values;
  const [a, b] = [usable.map((one) => one.a).filter(isNumber), usable.map((one) => one.b).filter(isNumber)];
  const side = (values: readonly number[], { sameSeed, effect }: SideSeen): SeedSide => ({
    over: values.length === 0 ? null : summarise(values),
    sameSeed,
    effect,
  });
  const plain = { name, at, goal, goalFrom, values: seen.values, a: side(a, seen.a), b: side(b, seen.b) };
  const few = Math.min(a.length, b.length) < LEAST;
  const unseen = seedsUnseen(seen.a, seen.b);
  // Of one sample nothing is calculated: any number would look like an answer.
  const shown = unseen !== null || Math.min(a.length, b.length) < 2 ? null : calculate(a, b, question);
  const design: Design = question.paired ? "paired" : "unpaired";
  const obstacle =
    unseen ??
    (few ? `too few values are left: ${a.length} of A and ${b.length} of B, and ${LEAST} are the least` : null);
  const open = { difference: null, superiority: null, effect: null, equivalence: null, power: null };
  const inconclusive = { verdict: "inconclusive", reason: obstacle ?? "too few values are left" } as const;
  if (shown === null) return { ...plain, ...open, ...inconclusive };
  const { difference, rate, effect, same, n } = shown;
  const word = wordOf(shown, goal);
  const { standardError: _, t, ...known } = difference;
  const seeds = seedsNeeded(shown, question, design);
  return {
    ...plain,
    ...(obstacle === null ? { verdict: word, reason: reasonOf(word, shown, question) } : inconclusive),
    difference: { method: question.paired ? "paired t" : "Welch", ...known, t: finite(t) },
    superiority: rate,
    effect,
    equivalence: same,
    power: {
      asked: power,
      ofOneSigma: powerOf(design, n, 1, confidence),
      ofTwoSigma: powerOf(design, n, 2, confidence),
      seeds: seeds === null || word !== "not-shown" ? seeds : Math.max(seeds, n + 1),
    },
  };
}
