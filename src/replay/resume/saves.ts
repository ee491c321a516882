import type { AgentEvent } from "#record";

type Saved = Extract<AgentEvent, { readonly e: "saved" }>;

/** Files that were written between two steps: one checkpoint. */
interface Save {
  readonly paths: readonly string[];
  /** Steps that the process had made before it. */
  readonly steps: number;
  /** Of the first and of the last of its `saved` events. */
  readonly first: number;
  readonly last: number;
  /** Files that were opened for writing under the name of the checkpoint that lay there. */
  readonly overwritten: readonly string[];
}

export interface SavingProcess {
  readonly proc: string;
  readonly steps: number;
  readonly saved: readonly Saved[];
}

/** What the program itself calls a checkpoint, under whatever name. */
function tell(
  { steps, saved }: { readonly steps: number; readonly saved: Saved[] },
  { p, f, l }: Extract<AgentEvent, { readonly e: "checkpoint" }>,
): void {
  if (steps === 0 || saved.some((one) => one.p === p && one.steps === steps)) return;
  saved.push({ e: "saved", p, how: "rename", existed: false, steps, n: saved.at(-1)?.n ?? 0, f, l, c: {} });
}

/** The process that saves; of several the one that makes most steps, then the first. */
export function savingProcess(events: readonly AgentEvent[]): SavingProcess | null {
  const found = new Map<string, { proc: string; steps: number; saved: Saved[] }>();
  let now: { proc: string; steps: number; saved: Saved[] } | undefined;
  for (const event of events) {
    if (event.e === "hello" || event.e === "fork") {
      now = found.get(event.proc) ?? { proc: event.proc, steps: 0, saved: [] };
      found.set(event.proc, now);
    } else if (event.e === "saved") now?.saved.push(event);
    else if (event.e === "checkpoint" && now !== undefined) tell(now, event);
    else if (event.e === "step" && event.n >= 0 && now !== undefined) now.steps += 1;
  }
  return [...found.values()].filter(({ saved }) => saved.length > 0).toSorted((a, b) => b.steps - a.steps)[0] ?? null;
}

function saveOf(events: readonly Saved[]): Save {
  return {
    paths: [...new Set(events.map(({ p }) => p))],
    steps: events[0]?.steps ?? 0,
    first: events[0]?.n ?? 0,
    last: events.at(-1)?.n ?? 0,
    overwritten: [...new Set(events.flatMap(({ p, how, existed }) => (how === "open" && existed ? [p] : [])))],
  };
}

function byStep(saved: readonly Saved[]): Save[] {
  const groups = new Map<number, Saved[]>();
  for (const event of saved) groups.set(event.steps, [...(groups.get(event.steps) ?? []), event]);
  return [...groups.values()].map(saveOf);
}

/** A name without its numbers: of one kind of checkpoint. */
const familyOf = (path: string): string => path.replace(/\d+/g, "#");

export interface Plan {
  readonly save: Save;
  readonly halt: { readonly after: "step" | "save"; readonly count: number };
}

/**
 * Which checkpoint is to be gone on from, and where the run is ended: one step after it, so that it is whole, in the middle
 * of the training. Where no steps are seen: before the next checkpoint of its kind is written. A text says why there is none.
 */
export function planOf(from: SavingProcess, at: number | null): Plan | string {
  if (from.steps === 0) return withoutSteps(from.saved);
  const saves = byStep(from.saved).filter(({ steps }) => steps > 0 && steps < (at ?? from.steps));
  const target = at === null ? from.steps / 2 : at;
  const [save] = saves.toSorted((a, b) => Math.abs(a.steps - target) - Math.abs(b.steps - target));
  if (save === undefined) {
    const where = at === null ? `its last step (it made ${from.steps})` : `step ${at}`;
    return `no checkpoint was written after a first step and before ${where}`;
  }
  return { save, halt: { after: "step", count: at ?? save.steps + 1 } };
}

function withoutSteps(saved: readonly Saved[]): Plan | string {
  const families = new Map<string, Saved[]>();
  for (const event of saved) families.set(familyOf(event.p), [...(families.get(familyOf(event.p)) ?? []), event]);
  const [most = []] = [...families.values()].toSorted((a, b) => b.length - a.length);
  const next = most[Math.max(1, Math.floor(most.length / 2))];
  if (most.length < 2 || next === undefined)
    return "no steps of a training were seen, and only one checkpoint: there is no point after it to end the run at";
  const before = saved.filter(({ n }) => n < next.n);
  const kept = before.filter(({ n }) => n >= (most[most.indexOf(next) - 1]?.n ?? 0));
  return { save: saveOf(kept), halt: { after: "save", count: next.n } };
}
