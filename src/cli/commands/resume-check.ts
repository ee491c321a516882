import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Json, RepriseError, type RunRecord } from "#record";
import type { Chosen, EnvironmentChoice, ResumeDocument } from "#replay";
import type { Store } from "#store";
import type { Config } from "../config.ts";
import { type Context, writeJson } from "../context.ts";
import { choiceOf } from "../environment/choose.ts";
import { environmentFor } from "../environment/told.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { holdSignals } from "../interrupt.ts";
import { findPlace, withStore } from "../place.ts";
import { summaryText } from "../render/run.ts";
import { resumeText } from "../resume/text.ts";
import { runToStart, YES } from "../transfer/foreign.ts";
import type { Define } from "../verb.ts";
import { watched } from "../watched.ts";

interface Flags {
  readonly yes?: true;
  readonly checkpoint: readonly string[];
  readonly resume?: string;
  readonly resumeArgs?: string;
  readonly at?: number;
  readonly signal: "KILL" | "TERM";
  readonly seed?: string;
  readonly environment?: EnvironmentChoice;
  readonly store?: string;
  readonly quiet?: true;
  readonly json?: true;
}

const usage = (message: string, hint: string): RepriseError => new RepriseError("USAGE", "usage", message, hint);

function stepOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw usage(`--at ${text}: not a number of steps`, "--at 100");
}

function signalOf(text: string): "KILL" | "TERM" {
  const name = text.toUpperCase().replace(/^SIG/, "");
  if (name === "KILL" || name === "TERM") return name;
  throw usage(`--signal ${text}: a run is ended by KILL or by TERM`, "--signal TERM");
}

/** Several words are a command, and so is one that is a file; any other word names a run. */
function isCommand(words: readonly string[], cwd: string): boolean {
  const [first = ""] = words;
  return words.length > 1 || (words.length === 1 && (first.includes("/") || existsSync(resolve(cwd, first))));
}

/** The run that is to be checked, recorded as `reprise run` does. */
async function record(
  store: Store,
  argv: readonly string[],
  flags: Flags,
  context: Context,
  config: Config["run"],
): Promise<RunRecord> {
  const [{ parsePolicy, parseSeed, run }, { detectTerminal }] = await Promise.all([import("#run"), import("#exec")]);
  const held = holdSignals();
  try {
    const made = await run({
      argv,
      cwd: context.cwd,
      env: context.env,
      store,
      version: context.version,
      seed: parseSeed(flags.seed ?? config.seed ?? "fresh"),
      policy: parsePolicy(config.deterministic ?? "off"),
      terminal: detectTerminal(),
      tee: { stdout: process.stderr, stderr: process.stderr },
      onStart: () => held.started(),
    });
    if (flags.quiet !== true) context.err.write(summaryText(made, context.err));
    return made;
  } finally {
    held.release();
  }
}

/** A run that is there already, in the environment that it is to be done again in. */
async function recorded(store: Store, ref: string, flags: Flags, context: Context): Promise<Chosen> {
  const asked = await runToStart(store, ref, "resume-check", flags, context);
  return environmentFor(store, asked, flags, context);
}

async function check(
  store: Store,
  baseline: RunRecord,
  flags: Flags,
  context: Context,
): Promise<ResumeDocument | null> {
  const { resumeCheck } = await import("#replay");
  const { resume, resumeArgs } = flags;
  return watched(flags.quiet === true, context, (onProgress) =>
    resumeCheck({
      baseline,
      store,
      version: context.version,
      env: context.env,
      patterns: flags.checkpoint,
      signal: flags.signal,
      ...(flags.at === undefined ? {} : { at: flags.at }),
      resume:
        resume !== undefined
          ? { by: "command", text: resume }
          : resumeArgs !== undefined
            ? { by: "arguments", text: resumeArgs }
            : { by: "same" },
      onProgress,
    }),
  );
}

const EXIT_OF = { exact: EXIT.ok, differs: EXIT.no, inconclusive: EXIT.inconclusive } as const;

export const defineResumeCheck: Define = (context, end) =>
  face(context, "resume-check", "say whether a run that is killed and resumed comes out the same", {
    notes: [
      "Does the run to its end, does it again and kills it after a checkpoint, resumes it in the same folder and compares:",
      "every step, metrics after it, final files. Where they differ it says which state was not restored.",
      "What is no part of the recipe (seeds that nobody declared, the hash seed) is drawn anew when it is resumed.",
    ],
    examples: [
      ["reprise resume-check -- python train.py", "it finds its checkpoint by itself"],
      ["reprise resume-check --resume-args '--resume {checkpoint}' -- python train.py", ""],
      ["reprise resume-check baseline --checkpoint 'out/*.bin'", "a run that was recorded before"],
      ["reprise resume-check --signal TERM -- python train.py", "a program that saves when it is told to end"],
    ],
    exits: [
      ["0", "exact: the resumed run is the uninterrupted one"],
      ["1", "differs: which state was not restored is said"],
      ["3", "inconclusive: nothing was resumed, or it could not be told, and why"],
      ["130", "stopped by Ctrl-C; no verdict is kept"],
    ],
  })
    .usage("[options] [RUN | -- COMMAND [ARGUMENT…]]")
    .argument("[words...]", "a recorded run (default: @last), or after -- a command to be recorded first")
    .option(
      "--checkpoint <glob>",
      "files that are checkpoints, below the project; may be given several times (default: usual names)",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option("--resume <command>", "a shell's line that resumes the run; {checkpoint} stands for its path")
    .option("--resume-args <words>", "words to add to the run's own command, such as '--resume {checkpoint}'")
    .option("--at <steps>", "end the run after so many steps (default: after a checkpoint in the middle)", stepOf)
    .option("--signal <name>", "KILL, or TERM for programs that save when they are told to end", signalOf, "KILL")
    .option("--seed <fresh|N|off>", "with a command: where its root seed comes from (default: fresh)")
    .option(
      "--environment <which>",
      "of a recorded run: recorded, rebuild or present (default: recorded while it is whole, else rebuild)",
      choiceOf,
    )
    .option(...YES)
    .option("--store <dir>", "the folder that keeps the runs")
    .option("-q, --quiet", "no progress on standard error")
    .option("--json", "one JSON document on standard output")
    .action(async (words: string[], flags: Flags) => {
      if (flags.resume !== undefined && flags.resumeArgs !== undefined)
        throw usage("--resume and --resume-args both say how it is resumed", "give one of them");
      const command = isCommand(words, context.cwd);
      if (!command && flags.seed !== undefined)
        throw usage("--seed is for a command that is recorded first; a recorded run has its seed", "leave --seed out");
      if (command && flags.environment !== undefined)
        throw usage("--environment is for a recorded run; a command runs in the present one", "leave it out");
      const place = await findPlace(context, flags.store, command ? "write" : "read");
      const code = await withStore(place, { create: command }, async (store) => {
        const chosen = command
          ? { run: await record(store, words, flags, context, place.config.run), said: null }
          : await recorded(store, words[0] ?? "@last", flags, context);
        const baseline = chosen.run;
        const found = await check(store, baseline, flags, context);
        if (found === null) {
          context.err.write("reprise: stopped; no verdict is kept\n");
          return EXIT.interrupted;
        }
        const document = (await import("#replay")).withEnvironment(found, chosen);
        // A verdict is plain data; the type only lacks the index signature of Json.
        store.runs.addFact(baseline.id, "resume-check", document as unknown as Json);
        if (flags.json === true) writeJson(context, document);
        else
          context.out.write(
            resumeText(document, { colors: context.out.colors, columns: Math.min(context.out.columns, 100) }),
          );
        return EXIT_OF[document.verdict];
      });
      end(code);
    });
