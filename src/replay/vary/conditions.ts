import { randomBytes, randomInt } from "node:crypto";
import type { AgentEvent, RunRecord } from "#record";
import { type Factor, OTHER_STREAMS } from "../factor.ts";
import type { Leftover, Placed } from "../leftover.ts";

/** What a call site draws from: of which root, and as which site: its own, or the one that it was in other code. */
export interface Stream {
  readonly root: string;
  readonly site?: string;
}

/** Under what a replay runs: each factor as recorded, or drawn anew. */
export interface Conditions {
  /** Root seed of the replay; null with `--seed off`. */
  readonly root: string | null;
  /** Streams that keep the baseline's root while the rest draw from `root`. */
  readonly streams: ReadonlyMap<string, Stream>;
  readonly hashSeed: string | null;
  /** Salt by which directory listings are permuted; null: as they come. */
  readonly listingSalt: string | null;
  /** Recorded events whose values are given back. */
  readonly heldEvents: readonly AgentEvent[];
  /** Value for MALLOC_PERTURB_; null: fresh memory is left as it is. */
  readonly fill: string | null;
  /** Restore file times as recorded, or in the opposite order. */
  readonly fileTimes: "recorded" | "reversed";
  /** Files outside the project that the recorded run changed: as it found them, or as it left them. */
  readonly leftovers?: readonly Placed[];
  /** Find the line that first draws from a global generator. */
  readonly locate: boolean;
}

/**
 * glibc fills fresh memory with the complement of this byte. 0x80 gives 0x7f7f7f7f, about 3e38 as a float: it cannot pass
 * unseen, where the zeros of a fresh page would.
 */
const LOUD_FILL = String(0x80);

function matches(event: AgentEvent, factor: Factor): boolean {
  if (event.e === "val") {
    const kind = event.kind === "clock" ? "wall-clock" : event.kind === "os-entropy" ? "os-entropy" : "other";
    return factor.kind === kind && factor.name === event.name && factor.file === event.f && factor.line === event.l;
  }
  return (
    event.e === "list" &&
    factor.kind === "listing-order" &&
    factor.name === event.name &&
    factor.file === event.f &&
    factor.line === event.l
  );
}

export interface Question {
  readonly run: RunRecord;
  readonly events: readonly AgentEvent[];
  /** All factors of the run. */
  readonly factors: readonly Factor[];
  readonly held: readonly Factor[];
  readonly locate?: boolean;
  readonly leftovers?: readonly Leftover[];
  /** Where the order of hashes varies; drawn at random when left out. */
  readonly hashSeed?: string;
  /** What is not held is drawn from this, the same at every call; at random when left out. */
  readonly anew?: Anew;
}

/** Draws of one variation. Where two replays are to differ in one thing alone, the rest has to come as in the other. */
export interface Anew {
  readonly root: string;
  readonly listingSalt: string;
}

export const drawAnew = (): Anew => ({
  root: randomBytes(16).toString("hex"),
  listingSalt: randomBytes(8).toString("hex"),
});

/** Whether sets come in another order than in the run. */
export const hashVaries = ({ factors, held }: Pick<Question, "factors" | "held">): boolean =>
  factors.some((factor) => factor.kind === "hash-order") && !held.some((factor) => factor.kind === "hash-order");

/** Draws every factor that is not held anew. Two calls give two different variations. */
export function drawConditions(question: Question): Conditions {
  const { run, events, factors, held, locate = false, leftovers = [], anew } = question;
  const holds = (kind: Factor["kind"]): boolean => held.some((factor) => factor.kind === kind);
  const free = run.seed.mode === "fresh";
  const recorded = run.seed.root;
  const { root: other, listingSalt } = anew ?? drawAnew();
  const generators = factors.filter((factor) => factor.kind === "unseeded-rng");
  const restHeld = generators.every((factor) => factor.site !== OTHER_STREAMS.site || held.includes(factor));
  // The root speaks for every stream that is not named: those that go the other way are.
  const root = !free || recorded === null || restHeld ? recorded : other;
  const named = generators.filter((factor) => factor.site !== OTHER_STREAMS.site && held.includes(factor) !== restHeld);
  const streams = new Map(
    !free || recorded === null
      ? []
      : named.map((factor): [string, Stream] => [factor.site, { root: restHeld ? other : recorded }]),
  );
  const listings = held.filter((factor) => factor.kind === "listing-order");
  const allListings = listings.length === factors.filter((factor) => factor.kind === "listing-order").length;
  return {
    root,
    streams,
    hashSeed: hashVaries(question) ? (question.hashSeed ?? String(randomInt(1, 2 ** 32 - 1))) : run.seed.hashSeed,
    listingSalt: allListings && held.length === factors.length ? null : listingSalt,
    heldEvents: events.filter((event) => held.some((factor) => matches(event, factor))),
    fill: holds("uninitialised-memory") ? null : LOUD_FILL,
    fileTimes: holds("data-order") ? "recorded" : "reversed",
    leftovers: leftovers.map((one) => ({
      ...one,
      held: held.some((factor) => factor.kind === "leftover-state" && factor.name === one.path),
    })),
    locate,
  };
}
