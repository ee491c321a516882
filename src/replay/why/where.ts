import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isLibraryPath } from "#capture";
import {
  firstOperatorApart,
  firstStepApart,
  type LineApart,
  linesApart,
  renumbered,
  type Standing,
  type StepApart,
} from "#compare";
import { readTrace } from "#exec";
import type { AgentEvent, Divergence, TraceRecord } from "#record";
import { lookSeconds } from "../patience.ts";
import type { How } from "../trial.ts";

type Of = "a" | "b";

/** How two replays are made that are to be compared with each other. */
export interface Looks {
  /** One of them, to its end, and all that it wrote down; empty when it could not be made. */
  look(of: Of, words: string, how: Required<Pick<How, "observe" | "into">>): Promise<readonly AgentEvent[]>;
  /** How long one of them took without being looked at. */
  readonly seconds: number;
  /** They come out as they do whether or not their lines are traced: one pair of replays can tell step and line. */
  readonly isStable?: true;
  /** Where the two had other code: lines by numbers that both share, and the number that each code knows a line by. */
  readonly lines?: {
    readonly shared: Readonly<Record<Of, Standing>>;
    /** A line that only one has, by the number that it has there. */
    readonly own: (line: number) => number | null;
    /** It defines a name, and what comes of that is seen where the name is used. */
    readonly isDefinition: (file: string, line: number) => boolean;
  };
}

/** In a folder that both have, one after the other: paths are equal then, and no difference. */
async function inOneFolder(
  looks: Looks,
  parent: string,
  words: string,
  observe: (of: Of) => NonNullable<How["observe"]>,
): Promise<readonly [readonly AgentEvent[], readonly AgentEvent[]]> {
  const into = join(parent, "replay");
  const one = async (of: Of): Promise<readonly AgentEvent[]> => {
    try {
      return await looks.look(of, words, { observe: observe(of), into });
    } finally {
      rmSync(into, { recursive: true, force: true });
    }
  };
  const a = await one("a");
  return [a, await one("b")];
}

/** A set's text says in which order it would be gone through, and most sets never are: what is made of one tells. */
const isOnlySet = ({ a, b }: LineApart): boolean => a.startsWith("set[") && b.startsWith("set[");

interface Steps {
  readonly step: StepApart | null;
  readonly any: boolean;
  /** Operators of torch are to be looked at: without steps of an optimizer all of them, from its import on. */
  readonly torch: boolean;
}

async function stepsOf(looks: Looks, parent: string): Promise<Steps> {
  const observe =
    looks.isStable === true ? traced(looks, parent, { from: 0, to: 1 }) : () => ({ steps: "all" }) as const;
  const [a, b] = await inOneFolder(looks, parent, "comparing the steps of two replays", observe);
  const step = firstStepApart(a, b, looks.lines === undefined);
  const torch = step !== null || a.some((event) => event.e === "end" && "torch" in event.frameworks);
  return { step, any: [...a, ...b].some(({ e }) => e === "step"), torch };
}

/** A trace in lines that both share. */
function inShared(records: Iterable<TraceRecord>, { lines }: Looks, of: Of): Iterable<TraceRecord> {
  return lines === undefined ? records : { [Symbol.iterator]: () => renumbered(records, lines.shared[of]) };
}

/** Pairs of replays in which a line is looked for, each from an earlier step than the one before. */
const MOST_LOOKS = 3;

interface Lines {
  readonly line: LineApart | null;
  readonly operator: string | null;
}

/**
 * In the main thread if it parts there: what a worker got first is how the cause works, not where it comes in. Where the
 * order of one set is all that differs, it was used up on the spot (printed, passed to a library): then the line that
 * made the set is the place.
 */
function lineIn(
  a: Iterable<TraceRecord>,
  b: Iterable<TraceRecord>,
  isHarmless: (apart: LineApart) => boolean,
): LineApart | null {
  const sets = new Map<string, LineApart>();
  const isNoPlace = (apart: LineApart): boolean => {
    if (isOnlySet(apart) && !sets.has(apart.a)) sets.set(apart.a, apart);
    // What runs as `__main__` in a worker of a library is no code of the user's.
    return isOnlySet(apart) || isLibraryPath(apart.file) || isHarmless(apart);
  };
  const main = linesApart(a, b, (apart) => apart.thread !== "" || isNoPlace(apart));
  if (main.root !== null) return main.root;
  const any = linesApart(a, b, isNoPlace);
  const [only = null, another] = sets.values();
  return any.root ?? main.healed[0] ?? any.healed[0] ?? (another === undefined ? only : null);
}

/** A draw elsewhere may have come to nothing since: only the one on the line itself is told. */
function operatorAt(line: LineApart | null, found: ReturnType<typeof firstOperatorApart>): string | null {
  if (found === null) return null;
  const isThere = line !== null && found.file === line.file && found.line === line.line;
  return isThere || !found.drew ? found.operator.replace(/\.default$/, "") : null;
}

/** From the end of this step on, to the end of that one. */
interface Part {
  readonly from: number;
  readonly to?: number;
  readonly operators?: number;
}

const traceFolder = (parent: string, of: Of): string => join(parent, `trace-${of}`);

function traced(looks: Looks, parent: string, { operators, ...part }: Part): (of: Of) => NonNullable<How["observe"]> {
  return (of) => {
    const folder = traceFolder(parent, of);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const trace = { folder, seconds: lookSeconds(looks.seconds), ...part };
    return { steps: "all", trace, ...(operators === undefined ? {} : { operators }) };
  };
}

function readLines(looks: Looks, parent: string): Lines {
  const [a, b] = [readTrace(traceFolder(parent, "a")), readTrace(traceFolder(parent, "b"))];
  // The first process first: what its children do differently is mostly its doing.
  const processes = [...a].toSorted(([x], [y]) => x.length - y.length || (x < y ? -1 : 1));
  for (const [proc, records] of processes) {
    const other = b.get(proc);
    if (other === undefined) continue;
    const [mine, theirs] = [inShared(records, looks, "a"), inShared(other, looks, "b")];
    const line = lineIn(mine, theirs, (apart) => isDefined(apart, looks));
    const operator = operatorAt(line, firstOperatorApart(mine, theirs));
    if (line !== null || operator !== null) return { line, operator };
  }
  return { line: null, operator: null };
}

/** What parts before the first step is over was traced along with the steps, where there was a trace and it got there. */
async function linesOf(looks: Looks, parent: string, { step, any, torch }: Steps): Promise<Lines> {
  const first = step === null || step.before === 0;
  if (first && looks.isStable === true) {
    const lines = readLines(looks, parent);
    if (lines.line !== null || step !== null || !any) return lines;
  }
  let at = step;
  for (let look = 0; look < MOST_LOOKS; look++) {
    const from = at === null ? 0 : at.before;
    const part = { from, ...(at === null ? {} : { to: from + 1 }), ...(torch ? { operators: from } : {}) };
    const [a, b] = await inOneFolder(looks, parent, "looking for the line", traced(looks, parent, part));
    // What comes by chance may come at another step in these two than in those whose steps were compared.
    const own = firstStepApart(a, b, looks.lines === undefined);
    const lines = readLines(looks, parent);
    const early = (own !== null && own.before < from) || lines.line?.before === true;
    if (from === 0 || !early) return lines;
    at = own !== null && own.before < from ? own : null;
  }
  return { line: null, operator: null };
}

type Told = { readonly file: string; readonly line: number };

/** Runs that go on at different lines part at the line that only one code has, where there is such. */
const ownLine = ({ ways }: LineApart, { lines }: Looks): Told | null =>
  [ways?.b, ways?.a].find((way) => way != null && lines !== undefined && lines.own(way.line) !== null) ?? null;

function placeOf(apart: LineApart, looks: Looks): Told {
  const { file, line } = ownLine(apart, looks) ?? apart;
  return { file, line: looks.lines?.own(line) ?? line };
}

const isDefined = (apart: LineApart, looks: Looks): boolean => {
  const own = ownLine(apart, looks);
  return own !== null && looks.lines?.isDefinition(own.file, own.line) === true;
};

/** Where one of the two went on, by the numbers of its own code. */
function wayText({ ways, ...apart }: LineApart, of: Of, { lines }: Looks): string {
  const line = ways?.[of]?.line;
  const own = line === undefined ? null : lines?.own(line);
  return own == null ? apart[of] : apart[of].replace(`:${line}`, `:${own}`);
}

function placeOfStep({ step }: StepApart, { lines }: Looks): Told | null {
  if (step.f === null || step.l === null || isLibraryPath(step.f)) return null;
  const line = lines?.shared.a(step.f, step.l) ?? step.l;
  return { file: step.f, line: lines?.own(line) ?? line };
}

/** Between two numbers as a trace writes them: `f:0.25`, `i:3`. */
function distanceOf(a: string | null, b: string | null): number | null {
  const [x, y] = [a, b].map((text) => (text !== null && /^[fi]:/.test(text) ? Number(text.slice(2)) : Number.NaN));
  const distance = Math.abs((x ?? Number.NaN) - (y ?? Number.NaN));
  return Number.isFinite(distance) ? distance : null;
}

const CHANNEL: Readonly<Record<LineApart["kind"], Divergence["channel"]>> = {
  value: "output",
  rng: "rng",
  "control-flow": "control-flow",
};

/**
 * The first point where two replays part: the step by its fingerprints, then the line and the variable by a trace from the
 * last step that agreed, then the torch operator where one got equal inputs. Four replays, or two where a first look can tell
 * all of it; null when nothing was seen.
 */
export async function firstDivergence(looks: Looks, parent: string): Promise<Divergence | null> {
  const base = mkdtempSync(join(parent, "reprise-why-"));
  try {
    const steps = await stepsOf(looks, base);
    const { step } = steps;
    const { line, operator } = await linesOf(looks, base, steps);
    if (step === null && line === null) return null;
    const a = line === null ? (step?.a ?? null) : wayText(line, "a", looks);
    const b = line === null ? (step?.b ?? null) : wayText(line, "b", looks);
    const place = line !== null ? placeOf(line, looks) : step !== null ? placeOfStep(step, looks) : null;
    return {
      step: step === null ? null : Math.max(0, step.before),
      phase: step === null || step.step.n < 0 ? "setup" : "train",
      channel: step?.channel ?? (line === null ? "output" : CHANNEL[line.kind]),
      file: place?.file ?? null,
      line: place?.line ?? null,
      variable: line?.variable ?? null,
      operator,
      a,
      b,
      distance: distanceOf(a, b),
    };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}
