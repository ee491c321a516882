import { agrees, alignResumed, firstParted, isTold, type ResumedStream, type StepParted } from "#compare";
import type { AgentEvent, RunRecord } from "#record";
import type { Store } from "#store";
import type { Side } from "../evidence.ts";
import { eventsOf } from "../replay.ts";
import { sideOf } from "../side.ts";
import type { ResumedApart } from "./document.ts";
import { type Results, resultsOf } from "./results.ts";

/** What a resumed run showed, held against the uninterrupted one. */
export interface Outcome {
  /** exact and differs are about a run that went on; none: nothing shows that it did, and `reason` says why. */
  readonly word: "exact" | "differs" | "none";
  readonly reason: string;
  readonly run: RunRecord;
  readonly events: readonly AgentEvent[];
  readonly stream: ResumedStream | null;
  readonly divergence: ResumedApart | null;
  readonly results: Results | null;
}

export interface Uninterrupted {
  readonly side: Side;
  readonly events: readonly AgentEvent[];
}

const CHANNEL: Readonly<Record<StepParted["channel"], string>> = {
  "batch-set": "the rows of the batch",
  batch: "the order of the rows in the batch",
  loss: "the loss",
  gradients: "the gradients",
  scaler: "the gradient scaler",
  lr: "the rate of learning",
  parameters: "the parameters",
  buffers: "the buffers",
  optimizer: "the state of the optimizer",
  steps: "the number of steps",
};

function lastLine(run: RunRecord, store: Store): string {
  if (!("digest" in run.stderr) || !store.objects.has(run.stderr.digest)) return "";
  const text = new TextDecoder().decode(store.objects.read(run.stderr.digest)).trimEnd();
  const line = text.slice(text.lastIndexOf("\n") + 1).trim();
  return line === "" ? "" : `: ${line.slice(0, 300)}`;
}

/** Streams that were made anew, as data is prepared again, must be what they were then. */
function partedInSetup(streams: readonly ResumedStream[]): StepParted | null {
  for (const stream of streams) {
    if (stream.from > 0 || stream.a.length === 0) continue;
    const found = firstParted({ ...stream, a: stream.a.slice(0, stream.b.length) });
    if (found !== null) return found;
  }
  return null;
}

function apartOf(found: StepParted): ResumedApart {
  return { step: found.step, what: `${CHANNEL[found.channel]} of ${found.of}`, a: found.a, b: found.b };
}

function resultApart({ evidence }: Results): ResumedApart | null {
  const item =
    evidence.find(({ agree, unseen }) => !agree && unseen === undefined) ?? evidence.find(({ agree }) => !agree);
  const say = (value: string | number | null | undefined): string | null => (value == null ? null : String(value));
  return item === undefined ? null : { step: null, what: `${item.kind} ${item.name}`, a: say(item.a), b: say(item.b) };
}

/** Holds the second part of a run, and what both parts left, against the whole one. */
export function judge(
  whole: Uninterrupted,
  first: RunRecord,
  second: RunRecord,
  temporary: string,
  store: Store,
): Outcome {
  const events = eventsOf(second, store);
  const base = { run: second, events, stream: null, divergence: null, results: null };
  const none = (reason: string): Outcome => ({ ...base, word: "none", reason });
  if (second.status !== "completed")
    return none(
      `the resumed run did not end well (${second.signal ?? `exit ${second.exitCode}`})${lastLine(second, store)}`,
    );
  const { streams, main } = alignResumed(whole.events, events);
  const anySteps = whole.events.some(({ e }) => e === "step");
  if (anySteps && !streams.some(({ b }) => b.length > 0)) return none("the resumed run made no step of a training");
  if (anySteps && main === null)
    return none("the second part began again from step 0: it did not go on from the checkpoint");
  const side = sideOf(second, events, store, [temporary]);
  const share = main === null ? 0.25 : main.b.length / Math.max(1, main.a.length);
  const results = resultsOf(whole.side, first, side, share);
  const parted = main === null ? null : (partedInSetup(streams) ?? firstParted(main));
  const told = { ...base, stream: main, results };
  if (main === null && !results.metrics.shorter)
    return none("no steps of a training were seen, and no metric shows where the second part went on");
  if (parted !== null) {
    const divergence = apartOf(parted);
    return { ...told, word: "differs", reason: `${divergence.what} differs at step ${parted.step}`, divergence };
  }
  if (main !== null && !isTold(main) && !results.metrics.shorter)
    return none("the steps of the training show nothing that could be compared");
  if (agrees(results.evidence)) return { ...told, word: "exact", reason: "" };
  const blind = results.evidence.filter(({ agree }) => !agree).every(({ unseen }) => unseen !== undefined);
  if (blind)
    return none(
      results.evidence.flatMap(({ name, unseen }) => (unseen === undefined ? [] : [`${name}: ${unseen}`])).join("; "),
    );
  const divergence = resultApart(results);
  const steps = main === null ? "" : "every step after resuming is the same, but ";
  return { ...told, word: "differs", reason: `${steps}${divergence?.what ?? "a result"} differs`, divergence };
}
