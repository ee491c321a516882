import { type Json, RepriseError, type RunId, type RunRecord } from "#record";
import type { Store } from "#store";
import { type ReplayOptions, replay } from "../replay.ts";
import type { Conditions } from "../vary/conditions.ts";
import { withSeed } from "./seed-argument.ts";
import type { Seed } from "./seeds.ts";

/** One replay of one side under one seed. */
export interface Sample {
  readonly seed: number;
  readonly repeat: number;
  /** null: it could not be made, or is gone. */
  readonly run: RunRecord | null;
  readonly failure: string | null;
  readonly reused: boolean;
  readonly warnings: readonly string[];
}

export interface SampleQuestion {
  readonly side: RunRecord;
  readonly seed: Seed;
  readonly index: number;
  readonly repeat: number;
  /** Template of the argument that carries the seed. */
  readonly argument: string | null;
}

export type SampleContext = Pick<ReplayOptions, "store" | "version" | "env" | "parent" | "keep">;

/** Kind of the fact on a run under which its replays by seed are found again. */
const FACT = "seed-replay";

interface Kept {
  readonly root: string | null;
  readonly argv: readonly string[];
  readonly repeat: number;
  readonly run: RunId;
  readonly failure: string | null;
  readonly index: number;
}

/** Ctrl-C came while it ran: it says nothing. */
export class Stopped extends Error {}

function rootOf({ side, seed }: SampleQuestion): string | null {
  return side.seed.mode === "off" ? null : seed.root;
}

function argvOf({ side, seed, argument }: SampleQuestion): readonly string[] {
  return argument === null ? side.command.argv : withSeed(side.command.argv, argument, seed.value);
}

/**
 * As a run of one's own would be, but for the seed: nothing recorded is held, so that noise shows, and nothing else is
 * varied on purpose.
 */
function conditionsOf(question: SampleQuestion): Conditions {
  return {
    root: rootOf(question),
    streams: new Map(),
    hashSeed: null,
    listingSalt: null,
    heldEvents: [],
    fill: null,
    fileTimes: "recorded",
    locate: false,
  };
}

/** Why it is no sample of what the recorded run is one of. */
function failureOf(side: RunRecord, made: RunRecord): string | null {
  if (made.exitCode === side.exitCode && made.signal === side.signal) return null;
  const say = (run: RunRecord): string => run.signal ?? `exit code ${run.exitCode ?? "unknown"}`;
  return `it ended with ${say(made)}, the recorded run with ${say(side)}`;
}

function load(store: Store, id: RunId): RunRecord | null {
  try {
    return store.runs.get(id);
  } catch (error) {
    if (error instanceof RepriseError && error.kind === "missing") return null;
    throw error;
  }
}

/** What was made for an earlier question and is still there. */
export function keptSample(question: SampleQuestion, { store }: Pick<SampleContext, "store">): Sample | null {
  const [root, argv] = [rootOf(question), argvOf(question).join("\0")];
  for (const fact of store.runs.facts(question.side.id, FACT)) {
    const kept = fact.value as unknown as Kept;
    if (kept.root !== root || kept.repeat !== question.repeat || kept.argv.join("\0") !== argv) continue;
    // Without a root nothing tells one replay from another but its number.
    if (root === null && kept.index !== question.index) continue;
    const run = load(store, kept.run);
    if (run !== null)
      return { seed: question.index, repeat: question.repeat, run, failure: kept.failure, reused: true, warnings: [] };
  }
  return null;
}

/** Does one side again under one seed. Throws Stopped. */
export async function makeSample(
  question: SampleQuestion,
  context: SampleContext,
  signal?: AbortSignal,
): Promise<Sample> {
  const { side, index, repeat } = question;
  const argv = argvOf(question);
  const made = await replay({
    ...context,
    baseline: { ...side, command: { ...side.command, argv } },
    conditions: conditionsOf(question),
    varied: ["seed"],
    held: [],
    observe: { steps: "auto" },
  });
  const { run, obstacle } = made;
  if (signal?.aborted === true || run?.status === "interrupted") throw new Stopped("stopped");
  const failure = obstacle ?? (run === null ? "no replay could be made" : failureOf(side, run));
  if (run !== null) {
    const kept: Kept = { root: rootOf(question), argv, repeat, run: run.id, failure, index };
    context.store.runs.addFact(side.id, FACT, kept as unknown as Json);
  }
  return { seed: index, repeat, run, failure, reused: false, warnings: made.warnings };
}
