import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { firstStepApart, stepsMade } from "#compare";
import { isUnknown, type RunId, type RunRecord } from "#record";
import type { Checkpoints } from "#run";
import { compareReplay } from "../likeness.ts";
import { eventsOf, type Replayed, temporaryOf } from "../replay.ts";
import { sideOf } from "../side.ts";
import { blindness, type Trial } from "../trial.ts";
import { checkpointPath } from "./checkpoint-path.ts";
import { type ResumeBy, resumeCommand, resumeOptions } from "./command.ts";
import type { ResumeDocument, ResumedState } from "./document.ts";
import { judge, type Outcome, type Uninterrupted } from "./judge.ts";
import { type Again, proveGenerators, proveRecipe, savedGenerators } from "./prove.ts";
import { type Interrupted, Rig, type RigOptions } from "./rig.ts";
import { type Plan, planOf, type SavingProcess, savingProcess } from "./saves.ts";
import { statesOf } from "./states.ts";
import { tornOf } from "./torn.ts";

export interface ResumeOptions extends RigOptions {
  /** Globs of checkpoints; known by their usual names when there are none. */
  readonly patterns: readonly string[];
  readonly signal: "KILL" | "TERM";
  /** End the run after so many steps; in the middle of the training when left out. */
  readonly at?: number;
  readonly resume: ResumeBy;
  readonly onProgress?: (words: string) => void;
}

/** The answer was found early. */
class Settled extends Error {
  constructor(
    readonly reason: string,
    readonly hint = "",
  ) {
    super(reason);
  }
}

type Draft = { -readonly [K in keyof ResumeDocument]: ResumeDocument[K] };

class Check {
  readonly #rig: Rig;
  readonly #from = performance.now();
  readonly #document: Draft;
  readonly #replays: RunId[] = [];
  readonly #warnings = new Set<string>();

  constructor(private readonly options: ResumeOptions) {
    this.#rig = new Rig(options);
    this.#document = {
      format: "reprise/resume-check@1",
      run: options.baseline.id,
      verdict: "inconclusive",
      reason: "",
      hint: "",
      uninterrupted: null,
      interrupted: null,
      resumed: null,
      divergence: null,
      states: [],
      evidence: [],
      notes: [],
      varied: [...new Set(this.#rig.factors.map(({ kind }) => kind))],
      replays: this.#replays,
      warnings: [],
      seconds: 0,
    };
  }

  async answer(): Promise<ResumeDocument> {
    try {
      await this.#ask();
    } catch (error) {
      if (!(error instanceof Settled)) throw error;
      Object.assign(this.#document, { verdict: "inconclusive", reason: error.reason, hint: error.hint });
    } finally {
      this.#rig.discard();
    }
    const seconds = (performance.now() - this.#from) / 1000;
    return { ...this.#document, warnings: [...this.#warnings], seconds };
  }

  #checkpoints(more: Partial<Checkpoints> = {}): Checkpoints {
    return { patterns: this.options.patterns, states: this.#rig.states, ...more };
  }

  /** What came of it, or an end. */
  #made(replayed: Replayed, what: string): RunRecord {
    for (const warning of replayed.warnings) this.#warnings.add(warning);
    if (replayed.run !== null) this.#replays.push(replayed.run.id);
    if (replayed.run === null || replayed.obstacle !== null)
      throw new Settled(`${what} could not be made: ${replayed.obstacle ?? "no replay"}`);
    return replayed.run;
  }

  async #ask(): Promise<void> {
    const whole = await this.#whole();
    const { saving, plan } = this.#plan(whole);
    const { signal } = this.options;
    this.options.onProgress?.(`ending it after ${plan.halt.after} ${plan.halt.count}, and resuming it`);
    const halt = { ...plan.halt, signal };
    const { states: _, ...watch } = this.#checkpoints({ halt });
    const first = await this.#rig.interrupted(watch, async (made) => this.#resumed(whole, made, saving, plan));
    if (this.#document.interrupted === null) this.#made(first, "the interrupted run");
  }

  /** The run to its end, with everything held as recorded: it must come out as it did, or nothing can be told. */
  async #whole(): Promise<Uninterrupted> {
    const { baseline, store } = this.options;
    this.options.onProgress?.("replaying it without an interruption");
    const replayed = await this.#rig.asRecorded(this.#checkpoints());
    const run = this.#made(replayed, "the uninterrupted run");
    const recorded = sideOf(baseline, this.#rig.events, store, [temporaryOf(baseline)]);
    const compared = compareReplay(recorded, replayed, store);
    if (run.status !== "completed")
      throw new Settled("the run does not end well without an interruption", `reprise show ${baseline.id}`);
    const events = eventsOf(run, store);
    this.#document.uninterrupted = { run: run.id, steps: stepsMade(events) };
    if (compared.likeness === "parted") {
      const trial: Trial = { held: this.#rig.factors, replayed, ...compared };
      const parted = blindness(baseline, trial) ?? compared.evidence?.find(({ agree }) => !agree)?.name ?? "a result";
      throw new Settled(
        `the run does not repeat, even without an interruption and with everything recorded held (${parted} differs)`,
        `reprise why ${baseline.id}`,
      );
    }
    return { side: sideOf(run, events, store, [replayed.temporary]), events };
  }

  #plan(whole: Uninterrupted): { readonly saving: SavingProcess; readonly plan: Plan } {
    const saving = savingProcess(whole.events);
    if (saving === null)
      throw new Settled(
        "no checkpoint was seen to be written",
        "name it: --checkpoint 'out/*.bin' (a glob, below the project)",
      );
    const plan = planOf(saving, this.options.at ?? null);
    if (typeof plan === "string") throw new Settled(plan, "save sooner, or name other files: --checkpoint 'out/*.bin'");
    return { saving, plan };
  }

  async #resumed(whole: Uninterrupted, made: Interrupted, saving: SavingProcess, plan: Plan): Promise<void> {
    const { baseline, store, resume, signal } = this.options;
    const events = eventsOf(made.record, store);
    this.#replays.push(made.record.id);
    const halted = events.find((event) => event.e === "halt");
    if (halted === undefined || halted.e !== "halt")
      throw new Settled("the run ended by itself before the point at which it was to be ended");
    const written = savingProcess(events)?.saved ?? [];
    const own = signal === "TERM" ? written.filter(({ steps }) => steps >= plan.save.steps) : [];
    const paths = [...own.map(({ p }) => p).reverse(), ...plan.save.paths];
    const checkpoint = checkpointPath(paths, made.cwd);
    if (checkpoint === null)
      throw new Settled(`the checkpoint ${plan.save.paths[0] ?? ""} was not there when the run had been ended`);
    const isSeen = saving.steps > 0;
    this.#document.interrupted = {
      run: made.record.id,
      signal,
      steps: isSeen ? halted.steps : null,
      checkpoint,
      savedAfter: isSeen ? plan.save.steps : null,
    };
    this.#notes(plan, made, paths);
    this.#isSame(whole, events, plan);
    const argv = resumeCommand(baseline, resume, checkpoint);
    const again: Again = async (words, { held = [], put }) => {
      this.options.onProgress?.(words);
      const checkpoints = this.#checkpoints(put === undefined ? {} : { put });
      const { states: __, ...quiet } = checkpoints;
      const run = await made.resume({ argv, held, checkpoints: put === undefined ? quiet : checkpoints });
      this.#replays.push(run.id);
      if (run.status === "interrupted") throw new Settled("stopped before there was an answer");
      return judge(whole, made.record, run, made.folder.temporary, store);
    };
    const found = await again("resuming it", {});
    await this.#conclude(found, argv, made, saving, plan, again);
  }

  async #conclude(
    found: Outcome,
    argv: readonly string[],
    made: Interrupted,
    saving: SavingProcess,
    plan: Plan,
    again: Again,
  ): Promise<void> {
    const { stream, run, results, divergence } = found;
    const document = this.#document;
    document.resumed = { run: run.id, argv, from: stream?.from ?? null, steps: stream?.b.length ?? null };
    if (found.word === "none") throw new Settled(found.reason, this.#hint(found));
    document.evidence = results?.evidence ?? [];
    document.divergence = divergence;
    const left = stream === null ? 0 : stream.a.length - stream.from;
    const count =
      stream === null || stream.b.length === left ? [] : [`it made ${stream.b.length} steps where ${left} were left`];
    document.notes = [...count, ...document.notes, ...(results?.aside ?? [])];
    const states = stream === null ? [] : statesOf(stream);
    if (found.word === "exact") {
      document.verdict = "exact";
      document.states = states.filter(({ restored }) => restored);
      const idle = states.filter(({ restored }) => !restored).map(({ words }) => words);
      if (idle.length > 0)
        document.notes = [...document.notes, `other than in the uninterrupted run, without effect: ${idle.join(", ")}`];
      return;
    }
    document.verdict = "differs";
    document.reason = found.reason;
    document.states = states;
    const shown = made.isRepeatable ? await this.#prove(states, stream !== null, saving, plan, again) : [];
    if (shown.length > 0) document.states = [...shown, ...states.filter(({ restored }) => restored)];
  }

  async #prove(
    states: readonly ResumedState[],
    stepped: boolean,
    saving: SavingProcess,
    plan: Plan,
    again: Again,
  ): Promise<readonly ResumedState[]> {
    const lost = states.filter(({ restored }) => !restored);
    // No generator gives back what the model or its optimizer had.
    if (lost.some(({ state }) => state === "parameters" || state === "optimizer")) return [];
    const all = savedGenerators(this.#rig.states, saving.proc, plan.save.last);
    const likely = lost.flatMap(({ state, name }) => (state === "generator" && all.includes(name) ? [name] : []));
    // Where every step is the same and every state restored, none of them is to blame.
    const suspects = stepped && lost.length === 0 ? [] : all;
    for (const names of likely.length > 0 && likely.length < all.length ? [likely, all] : [suspects]) {
      const shown = await proveGenerators(again, plan.save.last, names);
      if (shown.length > 0) return shown;
    }
    return proveRecipe(again, this.#rig.factors);
  }

  /** The interrupted run must be the uninterrupted one as far as it got. */
  #isSame(whole: Uninterrupted, events: Uninterrupted["events"], plan: Plan): void {
    const steps = events.filter(({ e }) => e === "hello" || e === "fork" || e === "step");
    const apart = firstStepApart(steps, whole.events);
    const isEnd = apart?.channel === "control-flow" && apart.a === null;
    if (apart !== null && !isEnd && apart.before < plan.halt.count)
      throw new Settled(
        `the run does not repeat: with everything recorded held its first part parts at step ${apart.before}`,
        `reprise why ${this.options.baseline.id}`,
      );
  }

  #notes(plan: Plan, made: Interrupted, paths: readonly string[]): void {
    const name = (path: string): string => relative(made.cwd, path);
    const over = plan.save.overwritten.map(
      (path) =>
        `${name(path)} is written over in place: a run that is killed during a save leaves no checkpoint at all`,
    );
    const torn = paths.flatMap((path) => {
      const why = tornOf(path);
      return why === null ? [] : [`${name(path)} is torn: ${why}`];
    });
    this.#document.notes = [...torn, ...over];
  }

  /** What to type where nothing was resumed. */
  #hint({ run }: Outcome): string {
    const { resume, baseline } = this.options;
    if (resume.by !== "same")
      return "see what it said: add --json and look at the run it names, or try another --resume";
    const script = baseline.command.argv.find((word) => word.endsWith(".py"));
    const source = script === undefined ? "" : readText(join(baseline.command.cwd, script));
    const options = isUnknown(run.code) ? [] : resumeOptions(source);
    const [option] = options;
    return option === undefined
      ? "say how it is resumed: --resume-args '--resume {checkpoint}', or --resume 'python train.py --resume {checkpoint}'"
      : `say how it is resumed; its parser has ${options.join(", ")}: --resume-args '${option} {checkpoint}'`;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Whether a run that is killed and resumed comes out as the run that was not, and which state it lacks where it does not. */
export async function resumeCheck(options: ResumeOptions): Promise<ResumeDocument> {
  return new Check(options).answer();
}
