import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { isUnknown, type Json, type Known, type PolicyCost, RepriseError, type RunRecord, unknown } from "#record";
import type { Store } from "#store";
import type { Config } from "../config.ts";
import { type Context, writeJson } from "../context.ts";
import { EXIT, exitOfChild } from "../exit-codes.ts";
import { face } from "../face.ts";
import { catchInterrupt, holdSignals, Interrupted } from "../interrupt.ts";
import { isNotebook, notebookCommand } from "../notebook.ts";
import { findPlace, withStore } from "../place.ts";
import { policyLine, policyText } from "../policy/text.ts";
import { notebooksText } from "../render/notebook.ts";
import { startLine, summaryText } from "../render/run.ts";
import { runDocument } from "../render/run-document.ts";
import { shellLine } from "../render/words.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly seed?: string;
  readonly name?: string;
  readonly tag: Readonly<Record<string, string>>;
  readonly requireClean?: boolean;
  readonly deterministic?: string;
  readonly measure?: true;
  readonly measureSeconds?: number;
  readonly storeInputs?: string;
  readonly guardData?: true;
  readonly store?: string;
  readonly quiet?: true;
  readonly json?: true;
}

const addSeed = (text: string, before?: string): string => (before === undefined ? text : `${before},${text}`);

function addTag(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new RepriseError("USAGE", "usage", `--tag ${text}: a tag is KEY=VALUE`, "--tag dataset=v2");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function checkName(name: string): string {
  if (/^[^\s@-][^\s]{0,99}$/.test(name)) return name;
  throw new RepriseError(
    "USAGE",
    "usage",
    `--name ${name}: a name has no spaces and starts with a letter or digit`,
    "--name baseline",
  );
}

const MEASURE_SECONDS = 5;

const nothingToMeasure = (): RepriseError =>
  new RepriseError(
    "USAGE",
    "usage",
    "--measure: there is no policy whose levers could be measured",
    "reprise run --deterministic warn --measure -- python train.py",
  );

/** As a shell: 127 when there is no such program, 126 when there is and it cannot be run. Nothing is recorded of either. */
async function checkProgram(argv: readonly string[], context: Context): Promise<void> {
  const { findProgram } = await import("#exec");
  const name = argv[0] ?? "";
  const found = findProgram(name, context.env, context.cwd);
  if (!("errno" in found)) return;
  const absent = found.errno === "ENOENT";
  const hint = startHint(argv, absent);
  throw new RepriseError(absent ? "COMMAND_NOT_FOUND" : "COMMAND_NOT_EXECUTABLE", "usage", found.message, hint);
}

function startHint(argv: readonly string[], absent: boolean): string {
  const [name = "", ...rest] = argv;
  const there = existsSync(name);
  if (there && name.endsWith(".py")) return `reprise run -- python ${shellLine(argv)}`;
  if (there && name.endsWith(".sh")) return `reprise run -- sh ${shellLine(argv)}`;
  if (there && absent) return `reprise run -- ${shellLine([`./${name}`, ...rest])}`;
  if (!absent) return `ls -l ${shellLine([name])}`;
  if (/[\s;|&<>]/.test(name)) return "words go apart; for a shell's syntax: reprise run -- sh -c '…'";
  return `check the spelling, or: command -v ${shellLine([name])}`;
}

const NO_SPACE = /ENOSPC|EDQUOT|EIO|no space left/;

/** The output, or what the agent told, could not be kept for want of space: said loudly, and in the exit code. */
const lostOutput = ({ warnings, stdout, stderr, events }: RunRecord): boolean =>
  warnings.some(({ code, message }) => code === "output-cut" && NO_SPACE.test(message)) ||
  [stdout, stderr, events].some((kept) => isUnknown(kept) && NO_SPACE.test(kept.unknown));

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0) return seconds;
  throw new RepriseError("USAGE", "usage", `--measure-seconds ${text}: not a number of seconds`, "--measure-seconds 5");
}

/** The levers' costs, on standard error and as a fact of the run. */
async function measure(store: Store, made: RunRecord, flags: Flags, context: Context): Promise<Known<PolicyCost>> {
  const [{ policyCost }, { createProgress }, { costText }] = await Promise.all([
    import("#replay"),
    import("../progress.ts"),
    import("../policy/cost.ts"),
  ]);
  const progress = createProgress(context.err, flags.quiet === true);
  const interrupt = catchInterrupt();
  try {
    const cost = await policyCost({
      baseline: made,
      store,
      version: context.version,
      env: context.env,
      seconds: flags.measureSeconds ?? MEASURE_SECONDS,
      onProgress: (words) => {
        interrupt.check();
        progress.say(words);
      },
    });
    // Plain data; its type only lacks the index signature of Json.
    if (!isUnknown(cost)) store.runs.addFact(made.id, "policy-cost", cost as unknown as Json);
    progress.clear();
    if (flags.quiet !== true) context.err.write(costText(cost, context.err));
    return cost;
  } catch (error) {
    progress.clear();
    if (!(error instanceof Interrupted)) throw error;
    return unknown("interrupted");
  } finally {
    interrupt.release();
  }
}

async function record(
  store: Store,
  argv: readonly string[],
  flags: Flags,
  context: Context,
  config: Config["run"],
): Promise<number> {
  const [{ parsePolicy, parseSeed, parseStoreInputs, policyHashSeed, run }, { detectTerminal }] = await Promise.all([
    import("#run"),
    import("#exec"),
  ]);
  const policy = parsePolicy(flags.deterministic ?? config.deterministic ?? "off");
  if (policy.mode === "off" && flags.measure === true) throw nothingToMeasure();
  const { err } = context;
  const held = holdSignals();
  try {
    const made = await run({
      argv,
      cwd: context.cwd,
      env: context.env,
      store,
      version: context.version,
      seed: parseSeed(flags.seed ?? config.seed ?? "fresh"),
      policy,
      terminal: detectTerminal(),
      tee: { stdout: flags.json === true ? process.stderr : process.stdout, stderr: process.stderr },
      tags: flags.tag,
      ...(flags.name === undefined ? {} : { name: flags.name }),
      storeInputs: parseStoreInputs(flags.storeInputs ?? config.storeInputs ?? "auto"),
      requireClean: flags.requireClean ?? config.requireClean ?? context.env.CI === "true",
      onStart: ({ id, seed, hashSeed }) => {
        held.started();
        const own = (context.env.PYTHONHASHSEED ?? "") !== "" || policyHashSeed(policy, seed, context.env) !== null;
        if (flags.quiet === true) return;
        err.write(startLine({ id, seed, hashSeeded: hashSeed !== null && !own }, err) + policyLine(policy.mode, err));
      },
    });
    (await import("#data")).notePins(store, made);
    const { savedOutputs, withCells } = await import("#replay");
    const [notebooks, shown] = [savedOutputs(made, store), withCells(made, store)];
    if (flags.quiet !== true)
      err.write(summaryText(shown, err) + notebooksText(notebooks, err) + policyText(made, err));
    const cost = flags.measure === true ? await measure(store, made, flags, context) : null;
    if (flags.json === true) writeJson(context, runDocument(shown, cost, notebooks));
    if (!lostOutput(made)) return exitOfChild(made, constants.signals);
    err.write(
      `${err.colors.red("reprise:")} the record is not whole: there was no space to keep the output and what the agent told\n`,
    );
    return EXIT.storage;
  } catch (error) {
    if (!held.isStarted || !(error instanceof RepriseError) || error.kind !== "storage") throw error;
    // The command has run undisturbed; only its record is lost, and that must not be overlooked.
    throw new RepriseError(
      error.code,
      "storage",
      `the command ran to its end, but was NOT recorded: ${error.message}`,
      error.hint,
      { cause: error },
    );
  } finally {
    held.release();
  }
}

export const defineRun: Define = (context, end) =>
  face(context, "run", "run a command and record it", {
    notes: [
      "Everything from the first word that is no option belongs to COMMAND; `--` before it is never wrong.",
      "A fresh seed is drawn from the operating system and recorded: results vary as before, but can be repeated.",
    ],
    examples: [
      ["reprise run -- python train.py --lr 0.1", ""],
      ["reprise run --seed 42 python train.py", "the seed becomes part of the recipe"],
      ["reprise run --deterministic warn python train.py", "and be told what is not deterministic"],
      ["reprise run --name baseline --tag data=v2 -- make train", ""],
      ["reprise run train.ipynb", "all cells of a notebook, from top to bottom"],
      ["reprise run --json -- python train.py > run.json", "the program's own output goes to stderr"],
    ],
    exits: [
      ["the command's own", "128+N when signal N ended it, 127 not found, 126 not executable"],
      ["4", "also: the command ran to its end, but could not be recorded"],
    ],
  })
    .usage("[options] [--] COMMAND [ARGUMENT…]")
    .argument("[command...]", "any command")
    .passThroughOptions()
    .option("--seed <fresh|N|off|name=N>", "the root seed (default: fresh), or one by its name; several times", addSeed)
    .option("--deterministic <off|warn|strict>", "force determinism from outside (default: off)")
    .option("--measure", "with it: what each of its levers costs on this run, by short replays")
    .option("--measure-seconds <n>", "so long each, at most (default: 5)", secondsOf)
    .option("--name <name>", "a name for the run")
    .option("-t, --tag <key=value>", "a tag; may be given several times", addTag, {})
    .option("--require-clean", "refuse when the code is not committed (default where CI=true)")
    .option("--no-require-clean", "record uncommitted code too")
    .option(
      "--store-inputs <all|auto|none>",
      "keep what the run reads: all, small files, or digests alone (default: auto)",
    )
    .option("--guard-data", "start nothing when what its last run read has changed since (exit code 6)")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("-q, --quiet", "say nothing besides errors")
    .option("--json", "one JSON document on standard output")
    .action(async (words: string[], flags: Flags) => {
      if (words.length === 0)
        throw new RepriseError("NO_COMMAND", "usage", "no command was given", "reprise run -- python train.py");
      if (flags.name !== undefined) checkName(flags.name);
      const { parsePolicy, parseSeed, parseStoreInputs } = await import("#run");
      if (flags.storeInputs !== undefined) parseStoreInputs(flags.storeInputs);
      if (flags.seed !== undefined) parseSeed(flags.seed);
      if (flags.deterministic !== undefined) parsePolicy(flags.deterministic);
      const argv = isNotebook(words[0]) ? await notebookCommand(words, context) : words;
      await checkProgram(argv, context);
      const place = await findPlace(context, flags.store, "write");
      if (flags.quiet !== true && existsSync(join(place.project, ".env.example")))
        context.err.write(await (await import("../environment/example.ts")).missingLine(context, place.project));
      if (flags.guardData === true)
        await (await import("../data/guard.ts")).guard(place, argv, flags.quiet === true, context);
      end(await withStore(place, { create: true }, (store) => record(store, argv, flags, context, place.config.run)));
    });
