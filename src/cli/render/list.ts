import type { RunStatus, VerdictWord } from "#record";
import type { RunSummary, UnfinishedRun } from "#store";
import type { Colors } from "../output.ts";
import { safe } from "./escape.ts";
import { type Column, tableText } from "./table.ts";
import { cut } from "./width.ts";
import { ago, duration, plural, shortId } from "./words.ts";

interface ListedRun {
  readonly run: RunSummary;
  readonly verdict: VerdictWord | null;
}

export interface Listing {
  readonly runs: readonly ListedRun[];
  readonly unfinished: readonly UnfinishedRun[];
  /** Runs beyond those listed. */
  readonly more: number;
}

export interface ListLook {
  readonly colors: Colors;
  readonly columns: number;
  readonly now: number;
}

const VERDICT: Readonly<Record<VerdictWord, string>> = {
  reproduced: "✓ reproduced",
  conditional: "✗ conditional",
  differs: "✗ differs",
  inconclusive: "? inconclusive",
};

export function verdictWord(verdict: VerdictWord | null): string {
  return verdict === null ? "" : VERDICT[verdict];
}

export function paintVerdict(text: string, colors: Colors): string {
  if (text.startsWith("✓")) return colors.green(text);
  return text.startsWith("✗") ? colors.red(text) : text.startsWith("?") ? colors.yellow(text) : text;
}

function statusWord(status: RunStatus, exitCode: number | null): string {
  if (status === "completed") return "ok";
  return status === "failed" ? `failed ${exitCode ?? ""}`.trim() : status;
}

/** Names may be longer; `show` and --json have them whole. */
const NAME_COLUMNS = 20;

interface Row {
  readonly startedAt: string;
  readonly cells: readonly string[];
}

function finishedRow({ run, verdict }: ListedRun, now: number): Row {
  const name = run.replayOf === null ? cut(safe(run.name ?? ""), NAME_COLUMNS) : `of ${shortId(run.replayOf)}`;
  const cells = [
    shortId(run.id),
    name,
    ago(run.startedAt, now),
    statusWord(run.status, run.exitCode),
    duration(run.seconds),
    safe(run.command),
    verdictWord(verdict),
  ];
  return { startedAt: run.startedAt, cells };
}

function openRow(run: UnfinishedRun, now: number): Row {
  const name = run.replayOf === null ? cut(safe(run.name ?? ""), NAME_COLUMNS) : `of ${shortId(run.replayOf)}`;
  return {
    startedAt: run.startedAt,
    cells: [shortId(run.id), name, ago(run.startedAt, now), run.state, "", safe(run.command), ""],
  };
}

/** The runs as a table, newest first; columns that would be empty are left out. */
export function listText(listing: Listing, { colors, columns, now }: ListLook): string {
  const rows = [
    ...listing.runs.map((item) => finishedRow(item, now)),
    ...listing.unfinished.map((run) => openRow(run, now)),
  ].sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0));
  const all: Column[] = [
    { name: "RUN", paint: colors.bold },
    { name: "NAME" },
    { name: "WHEN" },
    { name: "STATUS", paint: (text) => (text === "ok" ? text : colors.yellow(text)) },
    { name: "TIME", right: true },
    { name: "COMMAND", flexible: true },
    { name: "VERDICT", paint: (text) => paintVerdict(text, colors) },
  ];
  const used = all.map((_, i) => rows.some(({ cells }) => cells[i] !== ""));
  const pick = <T>(items: readonly T[]): T[] => items.filter((_, i) => used[i]);
  const table = tableText(
    pick(all),
    rows.map(({ cells }) => pick(cells)),
    { colors, columns },
  );
  const more = listing.more > 0 ? colors.dim(`${plural(listing.more, "more run")}: reprise ls --all\n`) : "";
  return table + more;
}
