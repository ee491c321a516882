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

/** What the replays had: an environment that was built again can be another one. The run's own where none tells. */
function shownBy({ made, options: { baseline } }: Trials): ShownOn {
  const replayed = made
    .map((trial) => trial.replayed.run)
    .find((run) => run !== null && !isUnknown(run.environment.python));
  const own = shownOn(baseline);
  if (replayed === undefined || replayed === null) return own;
  const there = shownOn(replayed);
  // A replay that was cut short after it had differed has not told its frameworks.
  return Object.keys(there.frameworks).length === 0 ? { ...there, frameworks: own.frameworks } : there;
}

const hostOf = ({ made, options: { baseline } }: Trials): string =>
  (made.map((trial) => trial.replayed.run).find((run) => run !== null) ?? baseline).hardware.hostname;

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

/** Where the recorded run was made, if that is another machine, system or Python than the replays had. */
function recordedElsewhere(recorded: ShownOn, shown: ShownOn): string[] {
  const fields = ["cpu", "os", "python"] as const;
  const apart = fields.flatMap((name) =>
    recorded[name] === shown[name]
      ? []
      : [name === "python" ? `Python ${recorded.python ?? "none"}` : `${recorded[name]}`],
  );
  const gpus = recorded.gpus.join(", ") === shown.gpus.join(", ") ? [] : [recorded.gpus.join(", ") || "no GPU"];
  const all = [...apart, ...gpus];
  return all.length === 0 ? [] : [`recorded with ${all.join("; ")}`];
}

/** What every verdict over the replays of a run has. */
export function documentOf(v: Trials, free: readonly Factor[], answer: Answer): VerifyDocument {
  const { baseline } = v.options;
  const recorded = shownOn(baseline);
  const shown = shownBy(v);
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
    shownOn: shown,
    hostname: hostOf(v),
    missRate: missRate(v.agreeing),
    agreeing: v.agreeing,
    reason: answer.reason + failureOf(baseline, answer),
    warnings: [...recordedElsewhere(recorded, shown), ...v.warnings],
    seconds: v.seconds,
  };
}
