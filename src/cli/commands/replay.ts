import { constants } from "node:os";
import { type CauseKind, RepriseError, type RunRecord } from "#record";
import type { Again, Chosen, EnvironmentChoice } from "#replay";
import type { Store } from "#store";
import { type Context, writeJson } from "../context.ts";
import { choiceOf } from "../environment/choose.ts";
import { environmentFor } from "../environment/told.ts";
import { EXIT, exitOfChild } from "../exit-codes.ts";
import { face } from "../face.ts";
import { catchInterrupt } from "../interrupt.ts";
import { addKind } from "../kinds.ts";
import { findPlace, withStore } from "../place.ts";
import { replayText } from "../render/replay.ts";
import { runToStart, YES } from "../transfer/foreign.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly into?: string;
  readonly environment?: EnvironmentChoice;
  readonly hold?: readonly CauseKind[];
  readonly strict?: true;
  readonly keep?: true;
  readonly yes?: true;
  readonly store?: string;
  readonly quiet?: true;
  readonly json?: true;
}

async function doAgain(store: Store, baseline: RunRecord, flags: Flags, context: Context): Promise<Again> {
  const { replayAgain } = await import("#replay");
  return replayAgain({
    baseline,
    store,
    version: context.version,
    env: context.env,
    ...(flags.hold === undefined ? {} : { hold: flags.hold }),
    ...(flags.into === undefined ? {} : { into: flags.into }),
    keep: flags.keep === true,
    strict: flags.strict === true,
    tee: { stdout: flags.json === true ? process.stderr : process.stdout, stderr: process.stderr },
  });
}

function exitOf({ replayed: { run, obstacle } }: Again): number {
  return run === null || obstacle !== null ? EXIT.inconclusive : exitOfChild(run, constants.signals);
}

const SAME = { same: true, parted: false, unseen: null } as const;

function print(again: Again, { run: baseline, kind, prefix }: Chosen, flags: Flags, context: Context): void {
  const { replayed, varied, held, evidence, likeness } = again;
  const { run, obstacle, warnings } = replayed;
  const folder = flags.keep === true || flags.into !== undefined ? replayed.folder : null;
  if (flags.json === true) {
    const result =
      run === null
        ? null
        : { id: run.id, status: run.status, exitCode: run.exitCode, signal: run.signal, seconds: run.seconds };
    writeJson(context, {
      format: "reprise/replay@1",
      baseline: baseline.id,
      replay: result,
      same: SAME[likeness],
      evidence: evidence ?? [],
      folder,
      environment: { kind, prefix },
      varied,
      held,
      obstacle,
      warnings,
    });
  }
  if (flags.quiet !== true) context.err.write(replayText(again, baseline, folder, context.err.colors));
}

export const defineReplay: Define = (context, end) =>
  face(context, "replay", "do a recorded run again", {
    notes: [
      "Restores code and inputs in a fresh folder, sets variables, seeds and what else was recorded, and runs the command.",
      "With --hold only the named factors are held as recorded, and the rest varies.",
    ],
    examples: [
      ["reprise replay", "the last run, as recorded"],
      ["reprise replay baseline --into again --strict", ""],
      ["reprise replay @last --hold unseeded-rng", "the same draws, all else varied"],
    ],
    exits: [
      ["the command's own", "128+N when signal N ended it"],
      ["3", "the replay could not be made, and why"],
      ["130", "stopped by Ctrl-C"],
    ],
  })
    .argument("[run]", "RUN: an id, a part of one, a name, @last, @last~N", "@last")
    .option("--into <dir>", "the fresh folder, which stays; it must be empty or not there")
    .option("--hold <kind>", "hold only this kind of factor; may be given several times", addKind)
    .option(
      "--environment <which>",
      "recorded, rebuild or present (default: recorded while it is whole, else rebuild)",
      choiceOf,
    )
    .option("--strict", "stop where the present differs from the record, instead of warning")
    .option("--keep", "keep the folder")
    .option(...YES)
    .option("--store <dir>", "the folder that keeps the runs")
    .option("-q, --quiet", "say nothing besides errors")
    .option("--json", "one JSON document on standard output; the program's own goes to stderr")
    .action(async (ref: string, flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      if (flags.into === "")
        throw new RepriseError("USAGE", "usage", "--into needs a folder", "reprise replay --into again");
      const code = await withStore(place, {}, async (store) => {
        const baseline = await runToStart(store, ref, "replay", flags, context);
        const interrupt = catchInterrupt();
        try {
          const chosen = await environmentFor(store, baseline, flags, context);
          const done = await doAgain(store, chosen.run, flags, context);
          print(done, chosen, flags, context);
          return interrupt.requested ? EXIT.interrupted : exitOf(done);
        } finally {
          interrupt.release();
        }
      });
      end(code);
    });
