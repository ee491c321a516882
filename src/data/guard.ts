import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createRedactor, scanTree } from "#capture";
import { isUnknown, knownOr, RepriseError, type RunRecord } from "#record";
import type { Store } from "#store";

/** One thing that a run read and that is not as it was. */
interface GuardFinding {
  readonly path: string;
  /** unknown: what the run read of it is. */
  readonly change: "changed" | "gone" | "new" | "unreadable" | "unknown";
}

export interface GuardReport {
  /** The run that the data is held against; null: there was none. */
  readonly run: RunRecord | null;
  readonly findings: readonly GuardFinding[];
  /** So many things are as the run read them; null: what it read is not known, or there was none. */
  readonly same: number | null;
}

/** A folder of which a run read so many files is one whose new files it would have read too. */
const MANY_OF_FOLDER = 3;

/** Settings are meant to be changed; they are no data. */
const SETTINGS = /\.(ya?ml|toml|ini|cfg|conf)$/i;

/** The last run that was no replay, of the same command in the same project. */
function lastRun(store: Store, project: string, command: readonly string[]): RunRecord | null {
  for (const { id } of store.runs.list()) {
    const run = store.runs.get(id);
    const { argv, project: where } = run.command;
    if (where === project && argv.length === command.length && argv.every((word, index) => word === command[index]))
      return run;
  }
  return null;
}

/** What lay in the project before that run, by name from its root; null when that is not known. */
function treeOf(store: Store, { tree }: RunRecord): ReadonlySet<string> | null {
  if (isUnknown(tree) || !store.objects.has(tree.digest)) return null;
  const lines = Buffer.from(store.objects.read(tree.digest)).toString("utf8").split("\n");
  return new Set(lines.filter((line) => line.startsWith("f\t")).map((line) => line.split("\t").slice(3).join("\t")));
}

/** Files that came since into folders of the project of which the run read several. */
function newFiles(store: Store, run: RunRecord, names: Iterable<string>): GuardFinding[] {
  const before = treeOf(store, run);
  if (before === null) return [];
  const read = knownOr(run.inputs, []).filter(({ scope }) => scope === "project");
  const made = new Set(knownOr(run.outputs, []).map(({ path }) => path));
  const counts = new Map<string, number>();
  for (const { path } of read) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...names].flatMap((path): GuardFinding[] => {
    const isNew = (counts.get(dirname(path)) ?? 0) >= MANY_OF_FOLDER && !before.has(path) && !made.has(path);
    return isNew ? [{ path, change: "new" }] : [];
  });
}

export interface GuardRequest {
  readonly project: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Whether what the last run of this command read is still as it was. */
export function guardData(store: Store, { project, argv, env }: GuardRequest): GuardReport {
  // Records have secrets of the command line cut out.
  const command = createRedactor({ env, argv }).redactArgv(argv).argv;
  const run = lastRun(store, project, command);
  if (run === null || isUnknown(run.inputs)) return { run, findings: [], same: null };
  const outputs = new Set(knownOr(run.outputs, []).map(({ path }) => path));
  // What the run itself changes is no data that somebody changed under it.
  const inputs = run.inputs.filter(({ path }) => !outputs.has(path) && !SETTINGS.test(path));
  const placed = inputs.map(
    (input) => [input, input.scope === "project" ? join(project, input.path) : input.path] as const,
  );
  const digests = store.files.digestFiles(placed.map(([, path]) => path));
  const findings: GuardFinding[] = [];
  let same = 0;
  for (const [{ path, digest, scope }, place] of placed) {
    const now = digests.get(place);
    const isGone = now === undefined || (isUnknown(now) && !existsSync(place));
    if (isGone && scope === "temporary") continue;
    // Also where it is gone: it may be one that the run itself took away.
    if (isUnknown(digest)) findings.push({ path, change: "unknown" });
    else if (isGone) findings.push({ path, change: "gone" });
    else if (isUnknown(now)) findings.push({ path, change: "unreadable" });
    else if (now.digest !== digest) findings.push({ path, change: "changed" });
    else same += 1;
  }
  return { run, findings: [...findings, ...newFiles(store, run, scanTree(project).files.keys())], same };
}

const SHOWN = 5;

/** Throws DATA_CHANGED when something of it is not as it was. */
export function requireSameData(report: GuardReport): void {
  const { findings, run } = report;
  const bad = findings.filter(({ change }) => change !== "unknown");
  if (bad.length === 0 || run === null) return;
  const named = bad.slice(0, SHOWN).map(({ path, change }) => `${path} (${change})`);
  const rest = bad.length > SHOWN ? ` and ${bad.length - SHOWN} more` : "";
  throw new RepriseError(
    "DATA_CHANGED",
    "missing",
    `the data has changed since run ${run.id}: ${named.join(", ")}${rest}; nothing was started`,
    `reprise data restore --run ${run.id}, or run without --guard-data`,
  );
}
