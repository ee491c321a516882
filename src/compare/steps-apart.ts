import type { AgentEvent, Divergence } from "#record";

export type Step = Extract<AgentEvent, { readonly e: "step" }>;

export interface StepApart {
  readonly step: Step;
  /** Steps of the process that were whole before it: where a line trace begins. */
  readonly before: number;
  readonly channel: Divergence["channel"];
  readonly a: string | null;
  readonly b: string | null;
}

/** Within one step, in the order in which one thing leads to another. Same rows in another order are no other rows. */
const CHANNELS: readonly (readonly [name: RegExp, channel: Divergence["channel"]])[] = [
  [/^batch-set$/, "data"],
  [/^batch$/, "order"],
  [/^rng\./, "rng"],
  [/^loss$/, "loss"],
  [/^gradients$/, "gradients"],
  [/^parameters$/, "parameters"],
  [/^(optimizer|lr|options|scaler)$/, "parameters"],
  [/^control$/, "control-flow"],
];

const isStep = (event: AgentEvent): event is Step => event.e === "step";

/** Steps by process: a process's events stand behind its first line. */
export function stepsByProcess(events: readonly AgentEvent[]): Map<string, Step[]> {
  const found = new Map<string, Step[]>();
  let steps: Step[] = [];
  for (const event of events) {
    if (event.e === "hello" || event.e === "fork") {
      steps = found.get(event.proc) ?? [];
      found.set(event.proc, steps);
    } else if (isStep(event)) steps.push(event);
  }
  return found;
}

function compareStep(
  x: Step | undefined,
  y: Step | undefined,
  sameLines: boolean,
): Pick<StepApart, "channel" | "a" | "b"> | null {
  if (x === undefined || y === undefined || x.of !== y.of || x.n !== y.n) {
    const say = (step: Step | undefined): string | null => (step === undefined ? null : `${step.of} step ${step.n}`);
    return { channel: "control-flow", a: say(x), b: say(y) };
  }
  for (const [name, channel] of CHANNELS) {
    if (channel === "control-flow" && !sameLines) continue;
    for (const key of Object.keys(x.c)) {
      const [a, b] = [x.c[key], y.c[key]];
      if (name.test(key) && a !== undefined && b !== undefined && a !== b) return { channel, a, b };
    }
  }
  return null;
}

/** The first difference after the last step at which all was equal: what heals is no root. */
function inProcess(a: readonly Step[], b: readonly Step[], sameLines: boolean): StepApart | null {
  let open: StepApart | null = null;
  let before = 0;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    const found = compareStep(x, y, sameLines);
    const step = x ?? y;
    if (step === undefined) break;
    if (found === null) open = null;
    else open ??= { step, before, ...found };
    // Streams that are no longer in line cannot come together again.
    if (open?.channel === "control-flow" && (x?.n !== y?.n || x?.of !== y?.of)) return open;
    if (step.n >= 0) before += 1;
  }
  return open;
}

/**
 * Where the steps of two runs part, by their fingerprints; null when they do not, or when there are none. Where the two had
 * other code (not `sameLines`) the fingerprint of the control flow says nothing: it is made of lines.
 */
export function firstStepApart(a: readonly AgentEvent[], b: readonly AgentEvent[], sameLines = true): StepApart | null {
  const [left, right] = [stepsByProcess(a), stepsByProcess(b)];
  // The first process first: what its children do differently is mostly its doing.
  const first = [...left].toSorted(([x], [y]) => x.length - y.length || (x < y ? -1 : 1));
  for (const [proc, steps] of first) {
    const found = inProcess(steps, right.get(proc) ?? [], sameLines);
    if (found !== null) return found;
  }
  return null;
}
