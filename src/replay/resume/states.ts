import type { ResumedStream } from "#compare";
import type { ResumedState, StateKind } from "./document.ts";

type Step = ResumedStream["a"][number];

const NAMES: readonly (readonly [channel: string, state: StateKind, words: string])[] = [
  ["parameters", "parameters", "the parameters of the model"],
  ["optimizer", "optimizer", "the state of the optimizer (moments, momentum, its step count)"],
  ["buffers", "buffers", "the buffers of the model (running means of batch normalization)"],
  ["lr", "learning-rate", "the rate of learning"],
  ["scheduler", "scheduler", "the scheduler of the learning rate"],
  ["scaler", "scaler", "the gradient scaler"],
];

const GENERATORS: Readonly<Record<string, string>> = {
  "rng.random": "Python's global generator (random)",
  "rng.numpy": "NumPy's global generator",
  "rng.torch": "torch's generator on the processor",
  "rng.cuda": "torch's generators on CUDA devices",
};

export const generatorWords = (name: string): string =>
  GENERATORS[name] ?? `the generator in the variable ${name.replace(/^rng\.own:/, "")}`;

interface Pair {
  readonly a: string;
  readonly b: string;
}

function pair(x: Step | undefined, y: Step | undefined, channel: string): Pair | null {
  const [a, b] = [x?.c[channel], y?.c[channel]];
  return a === undefined || b === undefined ? null : { a, b };
}

/** Drawn from while the uninterrupted run went on: its state does not stand still. */
function isUsed({ a, from }: ResumedStream, channel: string): boolean {
  return new Set(a.slice(Math.max(0, from - 1)).map((step) => step.c[channel])).size > 1;
}

const seen = (state: StateKind, name: string, words: string, { a, b }: Pair): ResumedState => ({
  state,
  name,
  restored: a === b,
  certainty: "seen",
  words,
  a,
  b,
  runs: [],
});

/** A generator may be drawn from without deciding anything (a DataLoader draws a seed for workers that it has not). */
function generator(channel: string, found: Pair): ResumedState {
  const state = seen("generator", channel, generatorWords(channel), found);
  return state.restored ? state : { ...state, certainty: "consistent" };
}

/** Which step of the uninterrupted run had the batch that the resumed one was given first. */
function loader({ a, b, from }: ResumedStream): ResumedState[] {
  const [x, y] = [a[from], b[0]];
  const found = pair(x, y, "batch-set") ?? pair(x, y, "batch");
  const ordered = pair(x, y, "batch");
  if (found === null) return [];
  const channel = pair(x, y, "batch-set") === null ? "batch" : "batch-set";
  const at = a.findIndex((step) => step.c[channel] === found.b);
  const same = found.a === found.b && (ordered === null || ordered.a === ordered.b);
  const words = same
    ? "the position in the data"
    : found.a === found.b
      ? `the order of the rows within the batch of step ${from}`
      : at === -1
        ? `the position in the data: the batch of step ${from} is one that the uninterrupted run never had`
        : `the position in the data: at step ${from} it was given the batch of step ${at}`;
  return [{ ...seen("loader", "batch", words, found), restored: same }];
}

/** Each piece of state with which the resumed stream took its first step, beside the uninterrupted one. */
export function statesOf(stream: ResumedStream): ResumedState[] {
  const { a, b, from, entry, before } = stream;
  const [x, y] = [a[from], b[0]];
  const data = loader(stream);
  const sameData = data.every(({ restored }) => restored);
  const states = NAMES.flatMap(([channel, state, words]): ResumedState[] => {
    const isEntry = channel === "parameters" || channel === "optimizer";
    const found = isEntry ? pair(before, entry, channel) : pair(x, y, channel);
    // Running means follow the batch: on other data they say nothing about what was restored.
    if (found === null || (channel === "buffers" && !sameData)) return [];
    return [seen(state, channel, words, found)];
  });
  // A rate that a scheduler sets is the scheduler's.
  const scheduled = states.some(({ state, restored }) => state === "scheduler" && !restored);
  const generators = Object.keys(y?.c ?? {})
    .filter((channel) => channel.startsWith("rng.") && isUsed(stream, channel))
    .flatMap((channel) => {
      const found = pair(x, y, channel);
      return found === null ? [] : [generator(channel, found)];
    });
  return [...states.filter(({ state }) => state !== "learning-rate" || !scheduled), ...data, ...generators];
}
