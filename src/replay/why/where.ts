import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isLibraryPath } from "#capture";
import { firstOperatorApart, firstStepApart, type LineApart, linesApart, type StepApart } from "#compare";
import { readTrace } from "#exec";
import type { AgentEvent, Divergence, TraceRecord } from "#record";
import type { Factor } from "../factor.ts";
import { eventsOf } from "../replay.ts";
import type { How, Trial, Trials } from "../trial.ts";

/** Two replays to be compared with each other: under which factors held, and what both are made to write down. */
export interface Pair {
  readonly all: readonly Factor[];
  readonly a: readonly Factor[];
  readonly b: readonly Factor[];
}

/** In a folder that both have, one after the other: paths are equal then, and no difference. */
async function inOneFolder(
  v: Trials,
  pair: Pair,
  parent: string,
  words: string,
  observe: (side: "a" | "b") => NonNullable<How["observe"]>,
): Promise<readonly [Trial, Trial]> {
  const into = join(parent, "replay");
  const one = async (side: "a" | "b"): Promise<Trial> => {
    try {
      return await v.try(pair.all, pair[side], words, { observe: observe(side), into, complete: true });
    } finally {
      rmSync(into, { recursive: true, force: true });
    }
  };
  const a = await one("a");
  return [a, await one("b")];
}

/** A set's text says in which order it would be gone through, and most sets never are: what is made of one tells. */
const isOnlySet = ({ a, b }: LineApart): boolean => a.startsWith("set[") && b.startsWith("set[");

async function stepsOf(v: Trials, pair: Pair, parent: string): Promise<StepApart | null> {
  const [a, b] = await inOneFolder(v, pair, parent, "comparing the steps of two replays", () => ({ steps: "all" }));
  const read = (trial: Trial): AgentEvent[] => (trial.side === null ? [] : eventsOf(trial.side.run, v.options.store));
  return firstStepApart(read(a), read(b));
}

interface Lines {
  readonly line: LineApart | null;
  readonly operator: string | null;
}

/**
 * In the main thread if it parts there: what a worker got first is how the cause works, not where it comes in. Where the
 * order of one set is all that differs, it was used up on the spot (printed, passed to a library): then the line that
 * made the set is the place.
 */
function lineIn(a: Iterable<TraceRecord>, b: Iterable<TraceRecord>): LineApart | null {
  const sets = new Map<string, LineApart>();
  const isNoPlace = (apart: LineApart): boolean => {
    if (isOnlySet(apart) && !sets.has(apart.a)) sets.set(apart.a, apart);
    // What runs as `__main__` in a worker of a library is no code of the user's.
    return isOnlySet(apart) || isLibraryPath(apart.file);
  };
  const main = linesApart(a, b, (apart) => apart.thread !== "" || isNoPlace(apart));
  if (main.root !== null) return main.root;
  const any = linesApart(a, b, isNoPlace);
  const [only = null, another] = sets.values();
  return any.root ?? main.healed[0] ?? any.healed[0] ?? (another === undefined ? only : null);
}

async function linesOf(v: Trials, pair: Pair, parent: string, step: StepApart | null): Promise<Lines> {
  const folder = (side: "a" | "b"): string => join(parent, `trace-${side}`);
  const from = step === null ? 0 : step.before;
  await inOneFolder(v, pair, parent, "looking for the line", (side) => {
    mkdirSync(folder(side));
    const trace = { folder: folder(side), from, ...(step === null ? {} : { to: from + 1 }) };
    return { steps: "all", trace, ...(step === null ? {} : { operators: from }) };
  });
  const [a, b] = [readTrace(folder("a")), readTrace(folder("b"))];
  // The first process first: what its children do differently is mostly its doing.
  const processes = [...a].toSorted(([x], [y]) => x.length - y.length || (x < y ? -1 : 1));
  for (const [proc, records] of processes) {
    const other = b.get(proc);
    if (other === undefined) continue;
    const line = lineIn(records, other);
    const operator = firstOperatorApart(records, other)?.operator ?? null;
    if (line !== null || operator !== null) return { line, operator };
  }
  return { line: null, operator: null };
}

const CHANNEL: Readonly<Record<LineApart["kind"], Divergence["channel"]>> = {
  value: "output",
  rng: "rng",
  "control-flow": "control-flow",
};

/**
 * The first point where two replays part: the step by its fingerprints, then the line and the variable by a trace from the
 * last step that agreed, then the torch operator where one got equal inputs. Four replays; null when nothing was seen.
 */
export async function firstDivergence(v: Trials, pair: Pair, parent: string): Promise<Divergence | null> {
  const base = mkdtempSync(join(parent, "reprise-why-"));
  try {
    const step = await stepsOf(v, pair, base);
    // What parts before the first step is looked for from the start.
    const early = step === null || step.before === 0;
    const told = step === null || step.step.f === null || isLibraryPath(step.step.f) ? null : step.step;
    const { line, operator } = await linesOf(v, pair, base, early ? null : step);
    if (step === null && line === null) return null;
    return {
      step: step === null ? null : Math.max(0, step.before),
      phase: step === null || step.step.n < 0 ? "setup" : "train",
      channel: step?.channel ?? (line === null ? "output" : CHANNEL[line.kind]),
      file: line?.file ?? told?.f ?? null,
      line: line?.line ?? told?.l ?? null,
      variable: line?.variable ?? null,
      operator,
      a: line?.a ?? step?.a ?? null,
      b: line?.b ?? step?.b ?? null,
      distance: null,
    };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}
