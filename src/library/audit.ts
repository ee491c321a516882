import {
  type AuditDocument,
  acceptGolden,
  type Initiated,
  initGolden,
  runAudit,
  Stopped,
  type Workplace,
} from "#audit";
import { RepriseError } from "#record";
import { runHere } from "#replay";
import { parsePolicy, parseSeed } from "#run";
import type { RunRef } from "#store";
import { type Asking, type Output, placeOf, streams } from "./request.ts";

interface AuditPlace extends Asking, Output {
  /** The project's root, absolute: golden files lie in its folder reprise-audit. */
  readonly project: string;
  /** The golden; "default" when left out. */
  readonly name?: string;
  /** Ends it between two trainings: it is refused with AUDIT_STOPPED then, and nothing is written. */
  readonly signal?: AbortSignal;
}

interface Measuring extends AuditPlace {
  /** Trainings in all; 10, or as many as the tolerances need, when left out. */
  readonly replays?: number;
  /** Metrics that are judged; all when left out. */
  readonly metrics?: readonly string[];
}

export interface AuditInitRequest extends Measuring {
  /** What is trained: a program with its arguments, or a run that was made. */
  readonly train: readonly string[] | RunRef;
  /** Folder of the project that a program is run in; its root when left out. */
  readonly workdir?: string;
  /** "fresh" when left out. A number is pinned in the golden. */
  readonly seed?: "fresh" | "off" | number | bigint;
  readonly deterministic?: "off" | "warn" | "strict";
}

export interface AuditRequest extends AuditPlace {
  /** Whether a cause is searched for where it is outside: "auto" when left out, which is where that takes less than ten minutes. */
  readonly why?: "auto" | "yes" | "no";
  readonly budget?: { readonly replays?: number; readonly minutes?: number };
}

export interface AuditAcceptRequest extends Measuring {
  /** Why the results may be others from now on. */
  readonly reason: string;
  /** The first training, one that was made. */
  readonly run?: RunRef;
}

const workplace = (request: AuditPlace): Workplace & { readonly name: string } => ({
  ...placeOf(request),
  project: request.project,
  name: request.name ?? "default",
  tee: streams(request),
  ...(request.signal === undefined ? {} : { signal: request.signal }),
});

async function unlessStopped<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    throw new RepriseError("AUDIT_STOPPED", "missing", "the audit was stopped: nothing is said, nothing was written");
  }
}

const measured = ({ replays, metrics }: Measuring) => ({
  ...(replays === undefined ? {} : { replays }),
  ...(metrics === undefined ? {} : { metrics }),
});

/** Measures the noise of a training and writes it into a golden file, as `reprise audit init` does. */
export async function auditInit(request: AuditInitRequest): Promise<Initiated> {
  const { train, workdir = "", store, metrics = [] } = request;
  const seed = String(request.seed ?? "fresh");
  parseSeed(seed);
  const deterministic = parsePolicy(request.deterministic ?? "off").mode;
  const from = typeof train === "string" ? runHere(store, train) : { command: train, workdir, seed, deterministic };
  return unlessStopped(initGolden({ ...workplace(request), ...measured(request), metrics, from }));
}

/** Trains what a golden pins and says whether its results are as it allows, as `reprise audit run` does. */
export function auditRun(request: AuditRequest): Promise<AuditDocument> {
  const { why = "auto", budget } = request;
  return unlessStopped(runAudit({ ...workplace(request), why, ...(budget === undefined ? {} : { budget }) }));
}

/** Takes the present results for right, with a reason, as `reprise audit accept` does: the golden before stays in its file. */
export async function auditAccept(request: AuditAcceptRequest): Promise<Initiated> {
  const { run, store, reason } = request;
  const from = run === undefined ? {} : { from: runHere(store, run) };
  return unlessStopped(acceptGolden({ ...workplace(request), ...measured(request), ...from, reason }));
}
