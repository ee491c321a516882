import { type At, COMPARE_DEFAULTS, type CompareDocument, type CompareWord, type Goal, RepriseError } from "#record";
import { type BudgetFlag, budgetOf } from "../budget.ts";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { catchInterrupt } from "../interrupt.ts";
import { findPlace, withStore } from "../place.ts";
import { createProgress } from "../progress.ts";
import { compareText } from "../render/compare.ts";
import { plural } from "../render/words.ts";
import { runToStart, YES } from "../transfer/foreign.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly yes?: true;
  readonly seeds?: number;
  readonly metric: readonly string[];
  readonly goal?: Goal | "auto";
  readonly at?: At;
  readonly margin?: number;
  readonly confidence?: number;
  readonly power?: number;
  readonly repeats?: number;
  readonly seed?: string;
  readonly seedArg?: string;
  readonly budget?: BudgetFlag;
  readonly keep?: true;
  readonly store?: string;
  readonly quiet?: true;
  readonly json?: true;
}

const { seeds: SEEDS, repeats: REPEATS, confidence: CONFIDENCE, power: POWER } = COMPARE_DEFAULTS;

const wrong = (what: string, hint: string): RepriseError => new RepriseError("USAGE", "usage", what, hint);

const count =
  (option: string, least: number, example: number) =>
  (text: string): number => {
    if (/^\d{1,5}$/.test(text) && Number(text) >= least) return Number(text);
    throw wrong(`${option} ${text}: not a whole number from ${least}`, `${option} ${example}`);
  };

const chance =
  (option: string, example: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && value >= 0.5 && value < 1) return value;
    throw wrong(`${option} ${text}: not a probability from 0.5 to below 1`, `${option} ${example}`);
  };

function marginOf(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw wrong(`--margin ${text}: not a number above 0`, "--margin 0.01");
}

const oneOf =
  <T extends string>(option: string, known: readonly T[]) =>
  (text: string): T => {
    const found = known.find((word) => word === text);
    if (found !== undefined) return found;
    throw wrong(`${option} ${text}: type ${known.join(", ")}`, `${option} ${known[0]}`);
  };

function seedOf(text: string): string {
  if (text === "fresh" || /^\d{1,20}$/.test(text) || /^[0-9a-f]{32}$/.test(text)) return text;
  throw new RepriseError("SEED_INVALID", "usage", `--seed ${text}: not what seeds are derived from`, "--seed 42");
}

const ANSWERS: Readonly<Record<CompareWord, number>> = {
  better: EXIT.ok,
  equivalent: EXIT.ok,
  worse: EXIT.no,
  differs: EXIT.no,
  "not-shown": EXIT.no,
  inconclusive: EXIT.inconclusive,
};

/** Of several metrics the worst answer: no before could not tell before yes. */
function exitOfCompare({ metrics }: CompareDocument): number {
  const codes = metrics.map(({ verdict }) => ANSWERS[verdict]);
  return codes.includes(EXIT.no) ? EXIT.no : Math.max(...codes);
}

export const defineCompare: Define = (context, end) =>
  face(context, "compare", "say whether B is better than A, or was lucky", {
    notes: [
      "Does both recipes again under the same seeds, and judges a metric over them: interval of the difference,",
      "P(B better), size of the effect, and how many seeds would be needed to know. What the same seed gives when it is",
      "taken again is told apart from what seeds do. Replays are kept: asking with more seeds makes only the new ones.",
    ],
    examples: [
      ["reprise compare baseline @last", `${SEEDS} seeds on each side`],
      ["reprise compare baseline @last --metric val_acc --seeds 30", ""],
      ["reprise compare A B --seed-arg '--seed {seed}'", "for programs that take their seed so"],
      ["reprise compare A B --margin 0.005", "is the difference too small to matter?"],
    ],
    exits: [
      ["0", "B is better, or equivalent within the margin"],
      ["1", "not shown, or B is worse, or it differs and what is better is not known"],
      ["3", "inconclusive: could not be asked, and why"],
      ["130", "stopped by Ctrl-C; what was known by then is printed"],
    ],
  })
    .argument("<a>", "RUN: an id, a part of one, a name, @last, @last~N")
    .argument("<b>", "the run that may be better")
    .option("--seeds <n>", `seeds on each side (default: ${SEEDS})`, count("--seeds", 2, SEEDS))
    .option(
      "--metric <name>",
      "what is compared; may be given several times (default: the one that both print)",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option(
      "--goal <which>",
      "max, min: what is better; auto: by the name (default)",
      oneOf("--goal", ["max", "min", "auto"] as const),
    )
    .option(
      "--at <which>",
      "the value of a series that counts: last (default), best, min, max",
      oneOf("--at", ["last", "best", "min", "max"] as const),
    )
    .option("--margin <x>", "a difference that does not matter: is it shown to be smaller?", marginOf)
    .option("--confidence <p>", `of intervals (default: ${CONFIDENCE})`, chance("--confidence", CONFIDENCE))
    .option("--power <p>", `for how many seeds are needed (default: ${POWER})`, chance("--power", POWER))
    .option(
      "--repeats <n>",
      `how often one seed is taken on each side (default: ${REPEATS})`,
      count("--repeats", 1, REPEATS),
    )
    .option(
      "--seed <n>",
      "derive the seeds from this; fresh: from new entropy (default: as asked last, else fresh)",
      seedOf,
    )
    .option("--seed-arg <words>", "argument of both commands that carries the seed, such as '--seed {seed}'")
    .option("--budget <n>", "most replays made now, or most time such as 90s, 20m, 1h", budgetOf)
    .option("--keep", "keep the folders of the replays")
    .option(...YES)
    .option("--store <dir>", "the folder that keeps the runs")
    .option("-q, --quiet", "no progress on standard error")
    .option("--json", "one JSON document on standard output")
    .action(async (first: string, second: string, flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      const code = await withStore(place, {}, async (store) => {
        const [a, b] = [
          await runToStart(store, first, "compare", flags, context),
          await runToStart(store, second, "compare", flags, context),
        ];
        const { document, interrupted } = await ask(flags, context, async (signal, onProgress) => {
          const { compareRuns, freshBase } = await import("#replay");
          return compareRuns({
            a,
            b,
            store,
            version: context.version,
            env: context.env,
            keep: flags.keep === true,
            metrics: flags.metric,
            seeds: flags.seeds ?? SEEDS,
            repeats: flags.repeats ?? REPEATS,
            goal: flags.goal ?? "auto",
            at: flags.at ?? "last",
            margin: flags.margin ?? null,
            confidence: flags.confidence ?? CONFIDENCE,
            power: flags.power ?? POWER,
            base: flags.seed === "fresh" ? freshBase() : (flags.seed ?? null),
            argument: flags.seedArg ?? null,
            ...(flags.budget === undefined ? {} : { budget: flags.budget }),
            signal,
            onProgress,
          });
        });
        const look = { colors: context.out.colors, columns: Math.min(context.out.columns, 100) };
        if (flags.json === true) writeJson(context, document);
        else context.out.write(compareText(document, { a, b }, look));
        return interrupted ? EXIT.interrupted : exitOfCompare(document);
      });
      end(code);
    });

type Work = (signal: AbortSignal, onProgress: (words: string, left: number) => void) => Promise<CompareDocument>;

/** With progress, and Ctrl-C that ends the replay which is running; what is known by then is the answer. */
async function ask(
  flags: Flags,
  context: Context,
  work: Work,
): Promise<{ readonly document: CompareDocument; readonly interrupted: boolean }> {
  const progress = createProgress(context.err, flags.quiet === true);
  const interrupt = catchInterrupt();
  try {
    const document = await work(interrupt.signal, (words, left) =>
      progress.say(`${words} (${plural(left, "replay")} left)`),
    );
    return { document, interrupted: interrupt.requested };
  } finally {
    progress.clear();
    interrupt.release();
  }
}
