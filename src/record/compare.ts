import type { Known } from "./known.ts";
import type { RunId } from "./run-record.ts";

/**
 * better, worse: shown, and what is better is known. differs: shown, and it is not known. equivalent: shown to lie within
 * the margin. not-shown: enough was seen, and it may be luck. inconclusive: it could not be asked.
 */
export type CompareWord = "better" | "worse" | "differs" | "equivalent" | "not-shown" | "inconclusive";

export type Goal = "max" | "min";

/** Which value of a series counts. */
export type At = "last" | "best" | "min" | "max";

interface SampleFacts {
  readonly n: number;
  readonly mean: number;
  readonly sd: number | null;
  readonly min: number;
  readonly q25: number;
  readonly median: number;
  readonly q75: number;
  readonly max: number;
}

/** What comes out when nothing is varied on purpose: the same seed again. No part of what seeds do. */
export interface SameSeed {
  readonly values: readonly number[];
  /** 0 exactly when the bits are equal. */
  readonly sd: number;
  readonly equal: boolean;
}

/**
 * varied: values differ from seed to seed. constant: no number that a replay printed depends on the seed. unclear: they
 * differ, but by no more than with the same seed.
 */
export type SeedEffect = "varied" | "constant" | "unclear";

export interface SeedSide {
  readonly over: SampleFacts | null;
  readonly sameSeed: Known<SameSeed>;
  readonly effect: SeedEffect;
}

export interface MetricComparison {
  readonly name: string;
  readonly at: At;
  /** What is better; null: not known, and nothing is called better. */
  readonly goal: Goal | null;
  readonly goalFrom: "asked" | "name" | "unknown";
  readonly verdict: CompareWord;
  /** Why it is that verdict, in words. */
  readonly reason: string;
  /** One value a side and seed, in the order of seeds; null: that replay failed. */
  readonly values: readonly { readonly seed: number; readonly a: number | null; readonly b: number | null }[];
  readonly a: SeedSide;
  readonly b: SeedSide;
  /** B less A, as printed; null: too few values. Infinite numbers are null. */
  readonly difference: {
    readonly method: "paired t" | "Welch";
    readonly estimate: number;
    readonly low: number;
    readonly high: number;
    readonly t: number | null;
    readonly df: number;
    readonly p: number;
  } | null;
  /** P(B better than A), ties half; P(B > A) where the goal is not known. */
  readonly superiority: {
    readonly p: number;
    readonly low: number;
    readonly high: number;
    readonly method: "bootstrap" | "exact";
  } | null;
  /** B less A in deviations: null without spread. */
  readonly effect: {
    readonly d: number | null;
    readonly g: number | null;
    readonly dz: number | null;
    readonly cliff: number;
  } | null;
  readonly equivalence: { readonly margin: number; readonly p: number; readonly equivalent: boolean } | null;
  readonly power: {
    readonly asked: number;
    /** How often so many seeds find a difference of one and of two deviations. */
    readonly ofOneSigma: number;
    readonly ofTwoSigma: number;
    /** Seeds needed if the difference is as large as it looks; null: more than anybody makes. */
    readonly seeds: number | null;
  } | null;
}

/** One replay of one side. */
export interface SeedReplay {
  /** Which seed of the list, from 0. */
  readonly seed: number;
  /** 0 counts as a value; those above only for what the same seed does. */
  readonly repeat: number;
  readonly run: RunId | null;
  readonly failure: string | null;
  /** Made for an earlier question. */
  readonly reused: boolean;
}

export interface CompareDocument {
  readonly format: "reprise/compare@1";
  readonly a: RunId;
  readonly b: RunId;
  readonly seeds: {
    /** All seeds are derived from it; give it to --seed to have the same ones again. */
    readonly base: string;
    /** How the program gets its seed besides the root; null: not by an argument. */
    readonly argument: string | null;
    readonly asked: number;
    readonly list: readonly { readonly root: string | null; readonly value: number }[];
  };
  readonly replays: { readonly a: readonly SeedReplay[]; readonly b: readonly SeedReplay[] };
  readonly made: number;
  /** What somebody set otherwise for B than for A: parameters of the two recorded runs. Absent in older answers. */
  readonly parameters?: readonly { readonly name: string; readonly a: string | null; readonly b: string | null }[];
  readonly paired: boolean;
  readonly pairing: string;
  readonly confidence: number;
  readonly metrics: readonly MetricComparison[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** False when the budget or Ctrl-C ended it, or seeds were seen to change nothing. */
  readonly complete: boolean;
  readonly seconds: number;
}

/** What is asked where nothing else is said. */
export const COMPARE_DEFAULTS = {
  seeds: 10,
  repeats: 2,
  metrics: [],
  goal: "auto",
  at: "last",
  margin: null,
  confidence: 0.95,
  power: 0.8,
  base: null,
  argument: null,
} as const;
