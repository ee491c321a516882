import type { AgentEvent } from "#record";
import { type Step, stepsByProcess } from "./steps-apart.ts";

/** Steps of one class (optimizers, models, boosters) of the uninterrupted run beside those of the resumed run, in their order. */
export interface ResumedStream {
  readonly of: string;
  readonly a: readonly Step[];
  readonly b: readonly Step[];
  /** The state in which the resumed run entered its first step. */
  readonly entry: Step | undefined;
  /** Of the uninterrupted run: the last step of what made `a[from]`, before that. */
  readonly before: Step | undefined;
  /** `b[0]` is held against `a[from]`; 0: it began anew. */
  readonly from: number;
}

interface StepsResumed {
  readonly streams: readonly ResumedStream[];
  /** Of the stream that went on and made most steps; null: none did. */
  readonly main: ResumedStream | null;
}

/** Objects are made anew in a resumed run, or one for each piece of a training: their numbers are not kept, their classes are. */
const classOf = ({ of }: Step): string => of.slice(of.indexOf(":") + 1);

function split(steps: readonly Step[]): Map<string, Step[]> {
  const found = new Map<string, Step[]>();
  for (const step of steps) found.set(classOf(step), [...(found.get(classOf(step)) ?? []), step]);
  return found;
}

/** The step that the same thing makes after this one; of what made no more the next one of all. */
function following(steps: readonly Step[], at: number): number {
  const next = steps.findIndex((step, i) => i > at && step.of === steps[at]?.of);
  return next === -1 ? at + 1 : next;
}

/** The step before which the resumed run stood. It began anew where it has what the other had before its first one. */
function fromOf(a: readonly Step[], b: readonly Step[], first: Step | undefined, entry: Step | undefined): number {
  const left = Math.max(0, a.length - b.length);
  const own = entry?.c["parameters"];
  if (own === undefined) return left;
  const after = a.flatMap((step, i) => (step.c["parameters"] === own ? [following(a, i)] : []));
  if (after.includes(left) || first?.c["parameters"] === own) return left;
  return after.at(-1) ?? left;
}

/** Steps with which the other began show nothing: a run that began again has them, too, and maybe fewer. */
function goesOn(stream: ResumedStream): boolean {
  const { a, b, from } = stream;
  const head = { ...stream, a: a.slice(0, b.length), from: 0 };
  return from > 0 && b.length > 0 && (!isTold(head) || firstParted(head) !== null);
}

/** Which step of an uninterrupted run each step of a resumed one is. */
export function alignResumed(a: readonly AgentEvent[], b: readonly AgentEvent[]): StepsResumed {
  const [left, right] = [stepsByProcess(a), stepsByProcess(b)];
  const streams = [...right].flatMap(([proc, steps]) => {
    const whole = split(left.get(proc) ?? []);
    return [...split(steps)].map(([of, mine]): ResumedStream => {
      const theirs = whole.get(of) ?? [];
      const made = (list: readonly Step[]): Step[] => list.filter(({ n }) => n >= 0);
      const entryOf = (list: readonly Step[]): Step | undefined => list.find(({ n }) => n === -1);
      const [x, y, entry] = [made(theirs), made(mine), entryOf(mine)];
      const from = fromOf(x, y, entryOf(theirs), entry);
      const before = x.slice(0, from).findLast((step) => step.of === x[from]?.of) ?? x[from - 1];
      return { of, a: x, b: y, entry, before, from };
    });
  });
  const resumed = streams.filter(goesOn);
  return { streams, main: resumed.toSorted((x, y) => y.b.length - x.b.length)[0] ?? null };
}

/** In the order in which one leads to another. Generators and schedules are left out: what they decide is here. */
const RESULTS = [
  "batch-set",
  "batch",
  "loss",
  "gradients",
  "scaler",
  "lr",
  "parameters",
  "buffers",
  "optimizer",
] as const;

export interface StepParted {
  readonly of: string;
  /** Counted in the uninterrupted run. */
  readonly step: number;
  /** A channel; `steps`: one of the two has a step that the other has not. */
  readonly channel: (typeof RESULTS)[number] | "steps";
  readonly a: string | null;
  readonly b: string | null;
}

function partedAt(x: Step, y: Step): Pick<StepParted, "channel" | "a" | "b"> | null {
  for (const channel of RESULTS) {
    const [a, b] = [x.c[channel], y.c[channel]];
    if (a !== undefined && b !== undefined && a !== b) return { channel, a, b };
  }
  return null;
}

/** Whether each step of the two shows what came of it, so that agreement means something. */
export function isTold({ a, b, from }: ResumedStream): boolean {
  const has = (step: Step | undefined, channel: string): boolean => step?.c[channel] !== undefined;
  return b.every((step, i) =>
    ["parameters", "loss", "gradients"].some(
      (name) => has(step, name) && (a[from + i] === undefined || has(a[from + i], name)),
    ),
  );
}

/** The first step at which the resumed stream is not the uninterrupted one. */
export function firstParted({ of, a, b, from }: ResumedStream): StepParted | null {
  const length = Math.max(a.length - from, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a[from + i], b[i]];
    if (x === undefined || y === undefined) {
      const [all, made] = [`${a.length} steps`, `${from + b.length} steps`];
      return { of, step: from + i, channel: "steps", a: all, b: made };
    }
    const found = partedAt(x, y);
    if (found !== null) return { of, step: from + i, ...found };
  }
  return null;
}

/** Steps of a process, or null where it made none. */
export function stepsMade(events: readonly AgentEvent[]): number | null {
  const counts = [...stepsByProcess(events).values()].map((steps) => steps.filter(({ n }) => n >= 0).length);
  const most = Math.max(0, ...counts);
  return most === 0 ? null : most;
}
