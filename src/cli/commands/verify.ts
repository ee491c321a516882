import {
  type AgainstDocument,
  type CauseKind,
  type Json,
  type Level,
  RepriseError,
  type RunRecord,
  type VerifyDocument,
} from "#record";
import type { Colleague, EnvironmentChoice } from "#replay";
import type { Store } from "#store";
import { type BudgetFlag, budgetOf } from "../budget.ts";
import type { Config } from "../config.ts";
import { type Context, writeJson } from "../context.ts";
import { choiceOf } from "../environment/choose.ts";
import { environmentFor } from "../environment/told.ts";
import { EXIT, exitOfVerdict } from "../exit-codes.ts";
import { face } from "../face.ts";
import { addKind } from "../kinds.ts";
import { againstText } from "../level/against.ts";
import { boundsOf, chance, levelOf, valueAt } from "../level/asked.ts";
import { colleagueIn } from "../level/colleague.ts";
import { findPlace, withStore } from "../place.ts";
import { verdictText } from "../render/verdict.ts";
import { whyText } from "../render/why.ts";
import { runToStart, YES } from "../transfer/foreign.ts";
import type { Define } from "../verb.ts";
import { watched } from "../watched.ts";
import { explain } from "./why.ts";

interface Flags {
  readonly level: Level;
  readonly confidence?: number;
  readonly rate?: number;
  readonly against: readonly string[];
  readonly claim: readonly string[];
  readonly at?: "last" | "best";
  readonly vary?: string;
  readonly hold: readonly CauseKind[];
  readonly environment?: EnvironmentChoice;
  readonly budget?: BudgetFlag;
  readonly replays?: number;
  readonly keep?: true;
  readonly yes?: true;
  readonly complete?: true;
  readonly why?: true;
  readonly store?: string;
  readonly quiet?: true;
  readonly json?: true;
}

const BUDGET = 20;
const [CONFIDENCE, POWER, RATE] = [0.95, 0.8, 0.8];

const count =
  (option: string) =>
  (text: string): number => {
    if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
    throw new RepriseError("USAGE", "usage", `${option} ${text}: not a number of replays`, `${option} 20`);
  };

function varyOf(text: string): "default" | "none" {
  if (text === "default" || text === "none") return text;
  const what = text === "all" ? "this version cannot vary all factors yet" : `--vary ${text}: type default or none`;
  throw new RepriseError("VARY_UNAVAILABLE", "usage", what, "reprise verify --vary default");
}

type Judged = Pick<Config, "verify" | "claims" | "reference">;

/** What every level is asked with. */
function commonOf(store: Store, baseline: RunRecord, flags: Flags, { verify: config }: Judged, context: Context) {
  return {
    baseline,
    store,
    version: context.version,
    env: context.env,
    vary: varyOf(flags.vary ?? config.vary ?? "default"),
    hold: [...new Set([...flags.hold, ...(config.hold ?? [])])],
    ...(flags.replays === undefined ? {} : { replays: flags.replays }),
    keep: flags.keep === true,
  };
}

async function judge(
  store: Store,
  baseline: RunRecord,
  flags: Flags,
  config: Judged,
  context: Context,
): Promise<VerifyDocument | null> {
  const { verify, verifyFunctional, verifyScientific, verifyStatistical } = await import("#replay");
  const budget = flags.budget?.replays ?? config.verify.budget ?? BUDGET;
  const asked = flags.claim.map((text) => ({ text, from: "--claim" }));
  const { level, confidence = CONFIDENCE, at = "last", rate = RATE } = flags;
  const { reference } = config;
  return watched(flags.quiet === true, context, (onProgress) => {
    const common = { ...commonOf(store, baseline, flags, config, context), onProgress };
    if (level === "statistical") return verifyStatistical({ ...common, confidence, power: POWER, at });
    if (level === "scientific")
      return verifyScientific({ ...common, confidence, rate, claims: [...asked, ...config.claims] });
    if (level === "functional")
      return verifyFunctional({ ...common, file: reference.file ?? null, bounds: boundsOf(reference) });
    return verify({ ...common, level, budget, complete: flags.complete === true });
  });
}

async function compareMachines(
  store: Store,
  baseline: RunRecord,
  flags: Flags,
  config: Judged,
  context: Context,
): Promise<AgainstDocument | null> {
  const { level, confidence = CONFIDENCE, at = "last" } = flags;
  if (level !== "numerical" && level !== "statistical")
    throw new RepriseError(
      "USAGE",
      "usage",
      `--against compares at the numerical or the statistical level, not the ${level} one`,
      "reprise verify --level statistical --against FILE",
    );
  const { verifyAgainst } = await import("#replay");
  const colleagues: Colleague[] = [];
  for (const file of flags.against) colleagues.push(await colleagueIn(file, context));
  return watched(flags.quiet === true, context, (onProgress) => {
    const common = { ...commonOf(store, baseline, flags, config, context), onProgress };
    return verifyAgainst({ ...common, level, colleagues, confidence, power: POWER, at });
  });
}

export const defineVerify: Define = (context, end) =>
  face(context, "verify", "say whether a recorded run reproduces", {
    notes: [
      "Replays the run in a fresh folder while everything that is not part of the recipe varies: seeds that",
      "nobody declared, hash order, listing order, folders, process ids, time, file times, fresh memory.",
    ],
    examples: [
      ["reprise verify", "the last run"],
      ["reprise verify baseline --hold listing-order", "the listing order is part of the recipe"],
      ["reprise verify --level statistical --replays 20", "do the metrics lie where fresh seeds put them?"],
      ["reprise verify --level scientific --claim 'acc(big) > acc(small)'", "does the finding hold?"],
      ["reprise verify --against theirs.json.gz", "does it agree with a run of another machine?"],
      ["reprise verify @last~1 --json", ""],
    ],
    exits: [
      ["0", "reproduced"],
      ["1", "conditional (only while named factors are held as recorded), or differs"],
      ["3", "inconclusive: could not tell, and why"],
      ["130", "stopped by Ctrl-C; no verdict is kept"],
    ],
  })
    .argument("[run]", "RUN: an id, a part of one, a name, @last, @last~N", "@last")
    .option(
      "--level <level>",
      "numerical: every result bit for bit; statistical: metrics inside the noise of fresh seeds; scientific: claims hold; functional: same predictions",
      levelOf,
      "numerical",
    )
    .option(
      "--confidence <p>",
      `statistical: of all metrics together; scientific: of each claim (default: ${CONFIDENCE})`,
      chance("--confidence", CONFIDENCE),
    )
    .option(
      "--claim <claim>",
      "scientific: what the run is to show, such as 'auc > 0.9'; may be given several times",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option("--rate <p>", `scientific: in so many of all runs (default: ${RATE})`, chance("--rate", RATE))
    .option("--at <which>", "statistical: last values of metrics (default), or the best ones too", valueAt)
    .option("--vary <which>", "default: everything outside the recipe; none: repeat as recorded")
    .option(
      "--hold <kind>",
      "make a factor part of the recipe, such as listing-order; may be given several times",
      addKind,
      [],
    )
    .option(
      "--environment <which>",
      "recorded, rebuild or present (default: recorded while it is whole, else rebuild)",
      choiceOf,
    )
    .option("--budget <n>", `most replays spent on finding what must be held (default: ${BUDGET}); time: 20m`, budgetOf)
    .option(
      "--replays <n>",
      "so many agreeing replays (default: one, and more while they are quick)",
      count("--replays"),
    )
    .option(
      "--against <file>",
      "compare with a run of another machine, as reprise export wrote it; may be given several times",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option("--complete", "let a replay run to its end after it has differed")
    .option("--why", "where it does not reproduce, go on and find the causes (as reprise why does)")
    .option("--keep", "keep the folders of the replays")
    .option(...YES)
    .option("--store <dir>", "the folder that keeps the runs")
    .option("-q, --quiet", "no progress on standard error")
    .option("--json", "one JSON document on standard output")
    .action(async (ref: string, flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      if (varyOf(flags.vary ?? place.config.verify.vary ?? "default") === "none" && flags.level !== "numerical")
        throw new RepriseError(
          "USAGE",
          "usage",
          `--vary none: noise is measured by varying, and --level ${flags.level} needs it`,
          `reprise verify --level ${flags.level} --vary default`,
        );
      const code = await withStore(place, {}, async (store) => {
        const allowed = await runToStart(store, ref, "verify", flags, context);
        const chosen = await environmentFor(store, allowed, flags, context);
        const { withEnvironment } = await import("#replay");
        const baseline = chosen.run;
        if (flags.against.length > 0) {
          const compared = await compareMachines(store, baseline, flags, place.config, context);
          if (compared === null) return EXIT.interrupted;
          const found = withEnvironment(compared, chosen);
          store.runs.addFact(baseline.id, "against", found as unknown as Json);
          const look = { colors: context.out.colors, columns: Math.min(context.out.columns, 100) };
          if (flags.json === true) writeJson(context, found);
          else context.out.write(againstText(found, look));
          return exitOfVerdict(found.verdict);
        }
        const judged = await judge(store, baseline, flags, place.config, context);
        const document = judged === null ? null : withEnvironment(judged, chosen);
        if (document === null) {
          context.err.write("reprise: stopped; no verdict is kept\n");
          return EXIT.interrupted;
        }
        // A verdict is plain data; the type only lacks the index signature of Json.
        store.runs.addFact(baseline.id, "verdict", document as unknown as Json);
        const asks = flags.why === true && (document.verdict === "conditional" || document.verdict === "differs");
        const cause = asks ? (await explain(store, baseline, null, flags, context)).document : null;
        if (flags.json === true) writeJson(context, cause === null ? document : { ...document, why: cause });
        else {
          const look = { colors: context.out.colors, columns: Math.min(context.out.columns, 100) };
          context.out.write(verdictText(document, baseline, look));
          if (cause !== null) context.out.write(`\n${whyText(cause, baseline, look)}`);
        }
        return exitOfVerdict(document.verdict);
      });
      end(code);
    });
