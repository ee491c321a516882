import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentEvent, RunRecord } from "#record";
import { type Checkpoints, namedOf, policyOf, run } from "#run";
import { originOf } from "#store";
import { type Factor, factorsOf } from "../factor.ts";
import { makeReady } from "../ready.ts";
import { eventsOf, type Replayed, type ReplayOptions, replay, settingOf, terminalOf } from "../replay.ts";
import { homeOf } from "../restore/arrival.ts";
import type { ReplayFolder } from "../restore/folder.ts";
import { type Conditions, drawAnew, drawConditions, hashVaries } from "../vary/conditions.ts";
import { HashSeeds } from "../vary/hash-seeds.ts";

export type RigOptions = Pick<ReplayOptions, "baseline" | "store" | "version" | "env" | "parent">;

/** More than this is not put aside, to be gone on from once more. */
const MOST_BYTES_ASIDE = 2 * 1024 ** 3;

/** How the second part is made. */
export interface SecondPart {
  readonly argv: readonly string[];
  readonly held: readonly Factor[];
  readonly checkpoints: Checkpoints;
}

/** A run that was ended on purpose, and may be resumed where it lies, as often as is asked. */
export interface Interrupted {
  readonly record: RunRecord;
  readonly folder: ReplayFolder;
  readonly cwd: string;
  /** False: what it left is too much to be put aside, or lies elsewhere, so it can be resumed only once. */
  readonly isRepeatable: boolean;
  resume(how: SecondPart): Promise<RunRecord>;
}

function sizeOf(folder: string, most: number): number {
  let total = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) total += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
    if (total > most) break;
  }
  return total;
}

/** Sockets and pipes that a killed process left cannot be copied, and nobody goes on from them. */
const isCopied = (path: string): boolean => {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && (stat.isFile() || stat.isDirectory() || stat.isSymbolicLink());
};

const COPY = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true, mode: 2, filter: isCopied } as const;

/** Runs of one recorded run in one folder: paths are equal in all of them, and no difference. */
export class Rig {
  readonly base: string;
  readonly events: readonly AgentEvent[];
  readonly factors: readonly Factor[];
  readonly states: string;
  readonly #anew = drawAnew();
  #hashSeed: string | null = null;

  constructor(readonly options: RigOptions) {
    this.base = mkdtempSync(join(options.parent ?? tmpdir(), "reprise-resume-"));
    this.events = eventsOf(options.baseline, options.store);
    this.factors = factorsOf(options.baseline, this.events);
    this.states = join(this.base, "states");
    mkdirSync(this.states);
  }

  discard(): void {
    rmSync(this.base, { recursive: true, force: true, maxRetries: 2 });
  }

  /** One variation for all second parts: what is put back or held in one of them is then all in which it differs. */
  async #conditions(held: readonly Factor[]): Promise<Conditions> {
    const { baseline: run } = this.options;
    const question = { run, events: this.events, factors: this.factors, held, anew: this.#anew };
    if (!hashVaries(question)) return drawConditions(question);
    this.#hashSeed ??= await new HashSeeds(run).draw();
    return drawConditions({ ...question, hashSeed: this.#hashSeed });
  }

  /** With everything held as recorded; `then` is called before its folder goes. */
  async asRecorded(checkpoints: Checkpoints, then?: ReplayOptions["onEnd"]): Promise<Replayed> {
    const into = join(this.base, "run");
    const kinds = [...new Set(this.factors.map(({ kind }) => kind))];
    try {
      return await replay({
        ...this.options,
        into,
        conditions: await this.#conditions(this.factors),
        varied: [],
        held: kinds,
        observe: { steps: "all", checkpoints },
        ...(then === undefined ? {} : { onEnd: then }),
      });
    } finally {
      rmSync(into, { recursive: true, force: true, maxRetries: 2 });
    }
  }

  /** The run until it is ended after a checkpoint, and then whatever `use` does with what is left of it. */
  async interrupted(checkpoints: Checkpoints, use: (made: Interrupted) => Promise<void>): Promise<Replayed> {
    return this.asRecorded(checkpoints, async (record, folder) => use(this.#interrupted(record, folder)));
  }

  #interrupted(record: RunRecord, folder: ReplayFolder): Interrupted {
    const { baseline } = this.options;
    const aside = join(this.base, "aside");
    const kept = [folder.project, folder.temporary];
    const isRepeatable = kept.reduce((sum, path) => sum + sizeOf(path, MOST_BYTES_ASIDE), 0) < MOST_BYTES_ASIDE;
    rmSync(aside, { recursive: true, force: true });
    if (isRepeatable) for (const [i, path] of kept.entries()) cpSync(path, join(aside, String(i)), COPY);
    let times = 0;
    return {
      record,
      folder,
      cwd: join(folder.project, baseline.command.workdir),
      isRepeatable,
      resume: async (how) => {
        if (times > 0)
          for (const [i, path] of kept.entries()) {
            rmSync(path, { recursive: true, force: true, maxRetries: 2 });
            cpSync(join(aside, String(i)), path, COPY);
          }
        times += 1;
        return this.#resume(how, folder, times);
      },
    };
  }

  async #resume({ argv, held, checkpoints }: SecondPart, folder: ReplayFolder, times: number): Promise<RunRecord> {
    const { baseline, store, version } = this.options;
    const base = join(this.base, `part-${times}`);
    mkdirSync(base);
    const conditions = await this.#conditions(held);
    const isHeld = (factor: Factor): boolean => held.includes(factor);
    const kinds = (list: readonly Factor[]): string[] => [...new Set(list.map(({ kind }) => kind))];
    const options: ReplayOptions = {
      ...this.options,
      baseline: { ...baseline, command: { ...baseline.command, argv } },
      conditions,
      varied: kinds(this.factors.filter((factor) => !isHeld(factor))),
      held: kinds(held),
      observe: { steps: "all", checkpoints },
    };
    const ready = makeReady(options, folder, store.key(), homeOf(baseline, folder, originOf(store, baseline.id)));
    return run({
      argv: ready.argv,
      cwd: join(folder.project, baseline.command.workdir),
      env: ready.env,
      store,
      version,
      seed: { mode: baseline.seed.mode, root: conditions.root, ...namedOf(baseline) },
      terminal: terminalOf(baseline),
      tee: {},
      replay: settingOf(options, { ...folder, base }),
      policy: policyOf(baseline),
    });
  }
}
