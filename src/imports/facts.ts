import { statSync } from "node:fs";
import { variesByName } from "#content";
import {
  type CodeFacts,
  digestOf,
  type HardwareFacts,
  isUnknown,
  type Known,
  type MetricSeries,
  type RunId,
  type RunRecord,
  unknown,
} from "#record";
import type { ForeignRun } from "./foreign.ts";

export const TOOL_NAMES: Readonly<Record<ForeignRun["tool"], string>> = {
  mlflow: "MLflow",
  wandb: "W&B",
  tensorboard: "TensorBoard",
  dvc: "DVC",
  sacred: "Sacred",
};

const MOST_POINTS = 100_000;

/** The same foreign run has the same id, wherever and how often it is imported: the time that it says, and its own id. */
export function idOf({ tool, id, startedMs }: ForeignRun): RunId {
  const time = Math.max(0, Math.floor(startedMs ?? 0))
    .toString(16)
    .padStart(12, "0")
    .slice(-12);
  const hash = digestOf(`${tool}\0${id}`).slice(7);
  const variant = "89ab"[Number.parseInt(hash[3] ?? "0", 16) % 4] ?? "8";
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}

/** When it ran; else when its files were written. */
export function timesOf({ startedMs, endedMs, folder }: ForeignRun): {
  readonly startedAt: string;
  readonly endedAt: string;
} {
  const files = (): number => Math.floor(statSync(folder).mtimeMs);
  const start = startedMs ?? endedMs ?? files();
  const iso = (ms: number): string => new Date(Math.min(Math.max(0, ms), 8.64e15)).toISOString();
  return { startedAt: iso(start), endedAt: iso(Math.max(start, endedMs ?? start)) };
}

export function metricsOf({ metrics }: ForeignRun): MetricSeries[] {
  return metrics.map(({ name, source, points }) => ({
    name,
    source,
    points: points.slice(0, MOST_POINTS),
    timing: variesByName(name),
    redrawn: false,
    dropped: Math.max(0, points.length - MOST_POINTS),
  }));
}

/** What the record has no room to call unknown, with the reason. */
export function unsaid(run: ForeignRun): Record<string, string> {
  const tool = TOOL_NAMES[run.tool];
  const silent = (what: string): string => `${tool} does not record ${what}`;
  const found: Record<string, string> = {
    seed: silent("seeds, but for those among the parameters"),
    terminal: silent("the terminal"),
    variables: silent("environment variables"),
  };
  if (run.argv === null) found.command = silent("the command line");
  if (run.cwd === null) found["working folder"] = silent("the folder that it ran in");
  if (run.status === "unknown") found.status = silent("how it ended");
  if (run.exitCode === null) found["exit code"] = silent("the exit code");
  if (run.startedMs === null) found.start = silent("when it began: the time is that of its files");
  if (run.endedMs === null) found.end = silent("when it ended");
  if (run.git !== null && run.git.dirty === null)
    found["uncommitted changes"] = silent("whether the code was as committed");
  if (run.git?.dirty === true)
    found["uncommitted changes"] = `${tool} says that there were some, and does not have them all`;
  found.hardware = silent(run.host === null ? "the machine" : "more of the machine than its name and system");
  return found;
}

export function hardwareOf({ host, tool }: ForeignRun): HardwareFacts {
  const reason = unknown(`${TOOL_NAMES[tool]} does not record it`);
  return {
    os: host?.os || "unknown",
    kernel: "unknown",
    libc: reason,
    container: reason,
    cpu: { model: host?.cpu || "unknown", flags: reason, logical: 0, usable: 0 },
    memoryBytes: 0,
    gpus: reason,
    hostname: host?.name || "unknown",
    locale: "unknown",
    timeZone: "unknown",
  };
}

/** What a replay would need and does not have, in one sentence; null for runs of our own. */
export function neededToReplay(run: RunRecord): string | null {
  const { imported } = run;
  if (imported === undefined) return null;
  const reason = (fact: Known<unknown>): string => (isUnknown(fact) ? ` (unknown: ${fact.unknown})` : "");
  const command =
    imported.unknown.command === undefined ? "" : `its command line (unknown: ${imported.unknown.command})`;
  const code: Known<CodeFacts> = run.code;
  const commit =
    !isUnknown(code) && code.kind === "git" ? ` (commit ${code.commit?.slice(0, 12)}, whose content is not kept)` : "";
  const parts = [
    command,
    !isUnknown(code) && code.kind === "snapshot" ? "" : `its code${commit}${reason(code)}`,
    `its environment${reason(run.environment.python)}`,
    `its data${reason(run.inputs)}`,
  ].filter((part) => part !== "");
  return `it was imported from ${TOOL_NAMES[imported.from]}; to do it again these would be needed: ${parts.join("; ")}. Record it once with: reprise run -- ${imported.unknown.command === undefined ? run.command.argv.join(" ") : "COMMAND"}`;
}
