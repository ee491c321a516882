import { existsSync, realpathSync } from "node:fs";
import type { Writable } from "node:stream";
import { findProject } from "#capture";
import { guardData, notePins, requireSameData } from "#data";
import { detectTerminal } from "#exec";
import type { CauseKind, RunId, RunRecord } from "#record";
import { type Replayed, replayAgain, withEnvironment } from "#replay";
import { parsePolicy, parseSeed, run as runCommand } from "#run";
import type { Store } from "#store";
import { chosenRun, definedOnly, type Environment, type Surroundings, streams, version } from "./request.ts";

export interface RunRequest {
  /** The program and its arguments; no shell takes part. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The child's whole environment. */
  readonly env: Environment;
  readonly store: Store;
  /** "fresh" when left out: drawn from the operating system and recorded. A number becomes part of the recipe. */
  readonly seed?: "fresh" | "off" | number | bigint;
  /** Seeds that the program asks for by name (`reprise.seed("split")`), below 2^32. */
  readonly namedSeeds?: Readonly<Record<string, number>>;
  /** "off" when left out: nothing is forced. "warn" and "strict" as `--deterministic` has them (docs/determinism.md). */
  readonly deterministic?: "off" | "warn" | "strict";
  /** "auto" when left out: small files are kept, of large ones the digest (docs/data.md). */
  readonly storeInputs?: "all" | "auto" | "none";
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Refuse with CODE_DIRTY when the code is not committed; false when left out. */
  readonly requireClean?: boolean;
  /** Throw DATA_CHANGED, and start nothing, when what the last run of this command read has changed; false when left out. */
  readonly guardData?: boolean;
  /** Where the child's output also goes; it is recorded in any case. */
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Told when the child is about to start. */
  readonly onStart?: (id: RunId) => void;
}

export interface ReplayRequest extends Surroundings {
  /** The kinds of factors to hold as recorded while the rest varies; all when left out. */
  readonly hold?: readonly CauseKind[];
  /** The fresh folder, which stays; one that is removed afterwards when left out. */
  readonly into?: string;
  readonly keep?: boolean;
  /** Throw REPLAY_STRICT where the present differs from the record. */
  readonly strict?: boolean;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
}

/**
 * Runs a command and records it, as `reprise run` does. A command that fails is a record with its exit code. Output goes
 * to the record and to the streams given; without them the child has pipes.
 */
export async function run(request: RunRequest): Promise<RunRecord> {
  const { command, cwd, env, store, storeInputs, name, tags, requireClean, onStart } = request;
  const kind = (stream: Writable | undefined): "tty" | "pipe" =>
    (stream as { isTTY?: boolean } | undefined)?.isTTY === true ? "tty" : "pipe";
  const terminal = { ...detectTerminal(), stdout: kind(request.stdout), stderr: kind(request.stderr) };
  const named = Object.entries(request.namedSeeds ?? {}).map((pair) => pair.join("="));
  const variables = definedOnly(env);
  if (request.guardData === true)
    requireSameData(
      guardData(store, {
        project: findProject(existsSync(cwd) ? realpathSync(cwd) : cwd).root,
        argv: command,
        env: variables,
      }),
    );
  const made = await runCommand({
    argv: command,
    cwd,
    env: variables,
    store,
    version: version(),
    seed: parseSeed([request.seed ?? "fresh", ...named].join(",")),
    policy: parsePolicy(request.deterministic ?? "off"),
    terminal,
    tee: streams(request),
    ...(storeInputs === undefined ? {} : { storeInputs }),
    ...(name === undefined ? {} : { name }),
    ...(tags === undefined ? {} : { tags }),
    ...(requireClean === undefined ? {} : { requireClean }),
    ...(onStart === undefined ? {} : { onStart: ({ id }) => onStart(id) }),
  });
  notePins(store, made);
  return made;
}

/** Does a recorded run again, as `reprise replay` does. One that cannot be made is an answer: `obstacle` says why. */
export async function replay(request: ReplayRequest): Promise<Replayed> {
  const { store, hold, into, keep, strict } = request;
  const chosen = await chosenRun(request);
  const { replayed } = await replayAgain({
    baseline: chosen.run,
    store,
    version: version(),
    env: definedOnly(request.env),
    tee: streams(request),
    ...(hold === undefined ? {} : { hold }),
    ...(into === undefined ? {} : { into }),
    ...(keep === undefined ? {} : { keep }),
    ...(strict === undefined ? {} : { strict }),
  });
  return withEnvironment(replayed, chosen);
}
