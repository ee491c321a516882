import { judgeMetric, parametersApart, type SideSeen, sameSeed, seedEffect } from "#compare";
import {
  type At,
  type CompareDocument,
  type Goal,
  type Json,
  type MetricComparison,
  RepriseError,
  type SeedReplay,
} from "#record";
import { type ChosenMetric, chooseMetrics } from "./metric-choice.ts";
import { ownSeed } from "./own-seed.ts";
import { readMetric } from "./reading.ts";
import type { Sample } from "./sample.ts";
import { type Sampled, type SamplingOptions, type Side, seedsReach, takeSamples } from "./sampling.ts";
import { checkSeedArgument } from "./seed-argument.ts";
import { freshBase } from "./seeds.ts";
import { pairingOf } from "./start.ts";

export interface CompareOptions extends Omit<SamplingOptions, "base"> {
  /** Metrics asked about; the only one that both print when empty. */
  readonly metrics: readonly string[];
  readonly goal: Goal | "auto";
  readonly at: At;
  readonly margin: number | null;
  readonly confidence: number;
  readonly power: number;
  /** What seeds are derived from; null: as for the last question about these runs, else fresh. */
  readonly base: string | null;
}

/** Kinds of facts on run A: what its seeds were derived from, and the answers. */
const [BASE, ANSWER] = ["compare-base", "compare"] as const;

interface KeptBase {
  readonly base: string;
  readonly argument: string | null;
}

/** More seeds, or a third run, must find the replays that are there. */
function baseOf({ a, b, argument, store, base }: CompareOptions): string {
  if (base !== null) return base;
  for (const run of [a, b]) {
    const kept = store.runs.facts(run.id, BASE).map((fact) => fact.value as unknown as KeptBase);
    const last = kept.findLast((one) => one.argument === argument);
    if (last !== undefined) return last.base;
  }
  return freshBase();
}

function sideSeen(
  name: ChosenMetric,
  side: Side,
  sampled: Sampled,
  options: CompareOptions,
): SideSeen & { readonly values: ReadonlyMap<Sample, number> } {
  const values = new Map<Sample, number>();
  for (const sample of sampled.samples[side]) {
    if (sample.run === null || sample.failure !== null) continue;
    const reading = readMetric(sample.run, name.name, options.at, name.goal, options.store);
    if ("value" in reading) values.set(sample, reading.value);
  }
  const of = (keep: (sample: Sample) => boolean): number[] =>
    [...values].flatMap(([sample, value]) => (keep(sample) ? [value] : []));
  const mode = options[side].seed.mode;
  const noise = sameSeed(
    mode === "off" ? [] : of((sample) => sample.seed === 0),
    mode === "off"
      ? options[side].imported === undefined
        ? "recorded with --seed off: no seed can be taken again"
        : "imported: no seed can be taken again"
      : options.repeats < 2
        ? "the same seed was not taken again (--repeats 1)"
        : "too few replays with the same seed succeeded",
  );
  const reach = seedsReach(sampled.samples[side], sampled.starts);
  const still = sampled.samples[side].filter((sample) => sample.seed === 0);
  const noisy = new Set(still.map((sample) => sampled.starts.get(sample)?.course)).size > 1;
  const few = sampled.note !== null && sampled.samples[side].length < 3;
  // Whether seeds do anything cannot be asked of one or two recorded runs: they are too few, and that is said.
  const effect = few
    ? "varied"
    : seedEffect(
        of((sample) => sample.repeat === 0),
        noise,
        { reach, noisy },
      );
  return { values, sameSeed: noise, effect, own: ownSeed(sampled.samples[side]) };
}

function judge(metric: ChosenMetric, sampled: Sampled, options: CompareOptions, isPaired: boolean): MetricComparison {
  const [a, b] = [sideSeen(metric, "a", sampled, options), sideSeen(metric, "b", sampled, options)];
  const valueAt = (side: Side, seed: number): number | null => {
    const sample = sampled.samples[side].find((one) => one.seed === seed && one.repeat === 0);
    return sample === undefined ? null : ((side === "a" ? a : b).values.get(sample) ?? null);
  };
  const tried = [...new Set([...sampled.samples.a, ...sampled.samples.b].map((sample) => sample.seed))];
  const values = tried.map((seed) => ({ seed, a: valueAt("a", seed), b: valueAt("b", seed) }));
  const { at, confidence, power, margin } = options;
  return judgeMetric({ ...metric, at, confidence, power, margin, paired: isPaired }, { values, a, b });
}

/** A replay that was made and has no value of any metric asked about failed too; why. */
function replaysOf(
  side: Side,
  sampled: Sampled,
  chosen: readonly ChosenMetric[],
  { at, store }: CompareOptions,
): SeedReplay[] {
  return sampled.samples[side].map(({ seed, repeat, run, failure, reused }) => {
    const unread = chosen.flatMap(({ name, goal }) => {
      const reading = run === null ? null : readMetric(run, name, at, goal, store);
      return reading !== null && "failure" in reading ? [reading.failure] : [];
    });
    return {
      seed,
      repeat,
      run: run?.id ?? null,
      failure: failure ?? (unread.length > 0 ? unread.join("; ") : null),
      reused,
    };
  });
}

const seedsIn = ({ replays }: Pick<CompareDocument, "replays">): number =>
  new Set([...replays.a, ...replays.b].map(({ seed }) => seed)).size;

/** What statistics cannot know: that the question was changed once answers were seen. */
function earlierLooks(document: Omit<CompareDocument, "notes" | "seconds">, options: CompareOptions): string[] {
  const { a, b, store, argument, margin } = options;
  const facts = store.runs.facts(a.id, ANSWER).map((fact) => fact.value as unknown as CompareDocument);
  const before = facts.filter((one) => one.b === b.id && one.seeds.argument === argument);
  const fewer = [...new Set(before.map(seedsIn))].filter((count) => count < seedsIn(document));
  const margins = before.flatMap(({ metrics }) => metrics.map(({ equivalence }) => equivalence?.margin ?? null));
  return [
    ...(fewer.length > 0
      ? [
          `asked before with ${fewer.join(", ")} seeds: looking until it is shown finds luck more often than the intervals say`,
        ]
      : []),
    ...(margin !== null && margins.length > 0 && !margins.includes(margin)
      ? ["this margin was not asked about before values were seen: it shows what it says only if it was fixed then"]
      : []),
  ];
}

function notesOf(
  document: Omit<CompareDocument, "notes" | "seconds">,
  ended: string | null,
  options: CompareOptions,
): string[] {
  const notes: string[] = [];
  if (ended !== null) notes.push(ended);
  if (document.metrics.length > 1)
    notes.push(
      `each of the ${document.metrics.length} metrics has its own intervals: the more are asked about, the likelier one looks real by luck`,
    );
  notes.push(...earlierLooks(document, options));
  return notes;
}

/**
 * Whether B is better than A or was lucky: both recipes are done again under the same seeds, and the metric is judged over
 * them (docs/compare.md). Throws RepriseError of kind usage where the question is not clear; all else is an answer.
 */
export async function compareRuns(options: CompareOptions): Promise<CompareDocument> {
  const { a, b, store, argument, confidence } = options;
  const from = performance.now();
  if (a.id === b.id) throw new RepriseError("USAGE", "usage", "A and B are one run", "reprise compare BASELINE @last");
  const chosen = chooseMetrics(a, b, options.metrics, options.goal, options.at);
  if (argument !== null) for (const run of [a, b]) checkSeedArgument(argument, run.command.argv);
  const base = baseOf(options);
  store.runs.addFact(a.id, BASE, { base, argument });
  const sampled = await takeSamples({ ...options, base });
  const shared = a.seed.mode !== "off" && b.seed.mode !== "off";
  const pairs = sampled.seeds.flatMap((_, seed) => {
    const [x, y] = (["a", "b"] as const).map((side) => {
      const sample = sampled.samples[side].find((one) => one.seed === seed && one.repeat === 0 && one.failure === null);
      return sample === undefined ? undefined : sampled.starts.get(sample);
    });
    return x === undefined || y === undefined ? [] : [[x, y] as const];
  });
  const pairing = shared
    ? pairingOf(pairs)
    : {
        paired: false,
        reason:
          sampled.note === null
            ? "a run recorded with --seed off shares no seed with another"
            : "which seeds imported runs share is not known",
      };
  const document = {
    format: "reprise/compare@1",
    a: a.id,
    b: b.id,
    seeds: {
      base,
      argument,
      asked: options.seeds,
      list: sampled.seeds.map(({ root, value }) => ({ root: shared ? root : null, value })),
    },
    replays: { a: replaysOf("a", sampled, chosen, options), b: replaysOf("b", sampled, chosen, options) },
    made: sampled.made,
    parameters: parametersApart(a, b),
    paired: pairing.paired,
    pairing: pairing.reason,
    confidence,
    metrics: chosen.map((metric) => judge(metric, sampled, options, pairing.paired)),
    complete: sampled.ended === null,
    warnings: [...new Set([...sampled.samples.a, ...sampled.samples.b].flatMap((sample) => sample.warnings))],
  } as const satisfies Omit<CompareDocument, "notes" | "seconds">;
  const notes = [...(sampled.note === null ? [] : [sampled.note]), ...notesOf(document, sampled.ended, options)];
  const whole: CompareDocument = { ...document, notes, seconds: (performance.now() - from) / 1000 };
  store.runs.addFact(a.id, ANSWER, whole as unknown as Json);
  return whole;
}
