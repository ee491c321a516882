import type { Json, RunRecord, WhyDocument } from "#record";
import type { EnvironmentChoice } from "#replay";
import type { Store } from "#store";
import { type BudgetFlag, budgetOf } from "../budget.ts";
import { type Context, writeJson } from "../context.ts";
import { choiceOf } from "../environment/choose.ts";
import { environmentFor } from "../environment/told.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { catchInterrupt } from "../interrupt.ts";
import { findPlace, withStore } from "../place.ts";
import { createProgress } from "../progress.ts";
import { whyText } from "../render/why.ts";
import { runToStart, YES } from "../transfer/foreign.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly budget?: BudgetFlag;
  readonly keep?: true;
  readonly yes?: true;
  readonly store?: string;
  readonly quiet?: true;
  readonly json?: true;
  readonly environment?: EnvironmentChoice;
}

const BUDGET = 100;

interface Answer {
  readonly document: WhyDocument;
  readonly interrupted: boolean;
}

/** Searches until the end, the budget or Ctrl-C; what is known by then is the answer, kept as a fact about the run. */
export async function explain(
  store: Store,
  baseline: RunRecord,
  other: RunRecord | null,
  flags: Pick<Flags, "budget" | "keep" | "quiet">,
  context: Context,
): Promise<Answer> {
  const { why, whyPair } = await import("#replay");
  const progress = createProgress(context.err, flags.quiet === true);
  const interrupt = catchInterrupt();
  const options = {
    store,
    version: context.version,
    env: context.env,
    budget: flags.budget ?? { replays: BUDGET },
    keep: flags.keep === true,
    onProgress: (words: string) => progress.say(words),
    // A pressed key ends the replay that is running (exec does that) and no other begins.
    signal: interrupt.signal,
  };
  try {
    const document =
      other === null ? await why({ ...options, baseline }) : await whyPair({ ...options, a: baseline, b: other });
    // A cause is plain data; the type only lacks the index signature of Json.
    store.runs.addFact((other ?? baseline).id, "why", document as unknown as Json);
    return { document, interrupted: interrupt.requested };
  } finally {
    progress.clear();
    interrupt.release();
  }
}

/** 0: nothing parts; 1: there are causes; 3: something parts and no cause was found. */
function exitOfWhy(document: WhyDocument): number {
  if (document.parts === false) return EXIT.ok;
  return document.causes.length > 0 ? EXIT.no : EXIT.inconclusive;
}

export const defineWhy: Define = (context, end) =>
  face(context, "why", "find what makes a run come out differently, and prove it", {
    notes: [
      "Replays the run with causes held as recorded, drawn anew or taken away, until the smallest guilty set is",
      "left. proved: A's value put back gives A's results, and taking it away parts them again. controlled: replays",
      "agree once the cause is taken away. consistent: fits what was seen, and was not shown.",
    ],
    examples: [
      ["reprise why", "the last run"],
      ["reprise why baseline @last", "why the last run differs from another one"],
      ["reprise why baseline --budget 40", "at most 40 replays"],
      ["reprise why baseline --budget 20m", "no replay begins after 20 minutes"],
      ["reprise why @last~1 --json", ""],
    ],
    exits: [
      ["0", "nothing parts"],
      ["1", "causes were found"],
      ["3", "something parts, and no cause was found"],
      ["130", "stopped by Ctrl-C; what was known by then is printed"],
    ],
  })
    .argument("[run]", "RUN: an id, a part of one, a name, @last, @last~N", "@last")
    .argument("[other]", "a second run: why does it differ from the first?")
    .option("--budget <n>", `most replays, or most time such as 90s, 20m, 1h (default: ${BUDGET} replays)`, budgetOf)
    .option("--keep", "keep the folders of the replays")
    .option(
      "--environment <which>",
      "of one run: recorded, rebuild or present (default: recorded while it is whole, else rebuild)",
      choiceOf,
    )
    .option(...YES)
    .option("--store <dir>", "the folder that keeps the runs")
    .option("-q, --quiet", "no progress on standard error")
    .option("--json", "one JSON document on standard output")
    .action(async (ref: string, other: string | undefined, flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      const code = await withStore(place, {}, async (store) => {
        const asked = await runToStart(store, ref, "why", flags, context);
        const baseline = other === undefined ? (await environmentFor(store, asked, flags, context)).run : asked;
        const second = other === undefined ? null : await runToStart(store, other, "why", flags, context);
        const { document, interrupted } = await explain(store, baseline, second, flags, context);
        const look = { colors: context.out.colors, columns: Math.min(context.out.columns, 100) };
        if (flags.json === true) writeJson(context, document);
        else context.out.write(whyText(document, baseline, look, second));
        return interrupted ? EXIT.interrupted : exitOfWhy(document);
      });
      end(code);
    });
