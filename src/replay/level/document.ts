import { missRate } from "#compare";
import { isUnknown, type Level, type RunRecord, type ShownOn, type VerdictWord, type VerifyDocument } from "#record";
import type { Factor } from "../factor.ts";
import type { Trials } from "../trial.ts";

/** The machine and the versions that a run was made on: a verdict speaks of nothing else. */
export function shownOn(run: RunRecord): ShownOn {
  const { hardware, environment } = run;
  const python = isUnknown(environment.python) ? null : environment.python;
  return {
    cpu: hardware.cpu.model,
    gpus: isUnknown(hardware.gpus) ? [] : hardware.gpus.map((gpu) => gpu.name),
    os: hardware.os,
    python: python?.version ?? null,
    frameworks: python?.frameworks ?? {},
  };
}

interface Answer extends Pick<VerifyDocument, "evidence"> {
  readonly verdict: VerdictWord;
  readonly reason: string;
  readonly level: VerifyDocument["level"];
  readonly asked: Level;
}

/** A run that fails each time gives metrics and claims all the same: who reads the answer has to know. */
function failureOf({ exitCode, signal }: RunRecord, { verdict, level }: Answer): string {
  if (verdict !== "reproduced" || level === "numerical" || exitCode === 0) return "";
  return `; the run failed (${signal ?? `exit code ${exitCode}`}), and so did its replays`;
}

/** What every verdict over the replays of a run has. */
export function documentOf(v: Trials, free: readonly Factor[], answer: Answer): VerifyDocument {
  const { baseline } = v.options;
  return {
    format: "reprise/verify@1",
    baseline: baseline.id,
    replays: v.replays,
    verdict: answer.verdict,
    level: answer.level,
    asked: answer.asked,
    holds: [],
    evidence: answer.evidence,
    firstDivergence: null,
    varied: [...new Set(free.map((factor) => factor.kind))],
    shownOn: shownOn(baseline),
    missRate: missRate(v.agreeing),
    agreeing: v.agreeing,
    reason: answer.reason + failureOf(baseline, answer),
    warnings: [...v.warnings],
    seconds: v.seconds,
  };
}
