import type { DiffDetail, DiffEntry, MetricDetail } from "#compare";
import { type RunRecord, seriesTitle } from "#record";
import { safe } from "../render/escape.ts";
import { cut, displayWidth } from "../render/width.ts";
import { brief, bytes } from "../render/words.ts";
import { fold } from "./fold.ts";
import { hunkLines, lineCounts } from "./hunks.ts";
import type { DiffLook } from "./look.ts";
import { plotLines } from "./plot.ts";
import { rowChangeLines, tableWords } from "./rows.ts";

const SIGN: Readonly<Record<DiffEntry["change"], string>> = { added: "+", removed: "-", changed: "~" };
const INDENT = "      ";
const MOST_FOLDS = 3;
/** Lines shown of a file that is only on one side. */
const WHOLE_FILE = 8;

interface Pair {
  readonly a: RunRecord;
  readonly b: RunRecord;
}

function value(side: DiffEntry["a"]): string {
  if (side === null) return "";
  if (side === "") return '""';
  return safe(String(side).replace(/sha256:([0-9a-f]{12})[0-9a-f]{52}/g, "$1"));
}

const digests = ({ a, b, change }: DiffEntry): string =>
  change === "changed" ? `${value(a)} → ${value(b)}` : value(a ?? b);

/** What the line of an entry says behind its name. */
function words(entry: DiffEntry): string {
  const { detail } = entry;
  switch (detail?.kind) {
    case "text":
      return lineCounts(detail) + modeWords(entry);
    case "renamed":
      return `renamed ${entry.change === "added" ? "from" : "to"} ${safe(detail.path)}`;
    case "table":
      return tableWords(detail);
    case "binary":
      return `binary, ${[detail.a, detail.b].flatMap((size) => (size === null ? [] : [bytes(size)])).join(" → ")}`;
    case "content":
      return contentWords(detail);
    case "unread":
      return `${digests(entry)}; not looked into: ${safe(detail.reason)}`;
    case "left-by":
      return `written by run ${detail.run.toUpperCase()}, still there for the other`;
    case "elsewhere":
      return `see ${detail.section}`;
    case "package":
      return `${digests(entry)}${detail.imported ? "" : " (not imported)"}`;
    case "setting":
      return `${digests(entry)}  (${settingWords(detail)})`;
    case "metric":
      return metricWords(entry, detail);
    default:
      return digests(entry);
  }
}

/** How the runs came by a parameter, said once where it is the same. */
function settingWords({ a, b }: Extract<DiffDetail, { readonly kind: "setting" }>): string {
  return a === null || b === null || a === b ? safe(a ?? b ?? "") : `${safe(a)} → ${safe(b)}`;
}

/** What a digest has behind it: executable, link. */
function modeWords({ a, b }: DiffEntry): string {
  const [x, y] = [a, b].map((side) => (side === null ? null : (String(side).split(" ")[1] ?? "plain file")));
  return x === null || y === null || x === y ? "" : `; ${x} → ${y}`;
}

function contentWords({
  agree,
  where,
  a,
  b,
  distance,
  aside,
}: Extract<DiffDetail, { readonly kind: "content" }>): string {
  if (agree) return `the same content; set aside: ${aside.slice(0, 2).map(safe).join(", ")}`;
  const apart = distance === null ? "" : ` (${brief(distance)} apart)`;
  return `${where === "" ? "" : `${safe(where)}: `}${value(a)} → ${value(b)}${apart}`;
}

function metricWords({ a, b, change }: DiffEntry, { points, redrawn, first, largest }: MetricDetail): string {
  if (change !== "changed") return value(a ?? b);
  const at = (place: { readonly index: number; readonly step: number | null }): string =>
    place.step === null ? `point ${place.index + 1}` : `step ${place.step}`;
  const parts = [`last ${value(a)} → ${value(b)}`];
  if (redrawn) return `${parts[0]} (a progress bar: its last state)`;
  if (first !== null && points.a + points.b > 2) parts.push(`first apart at ${at(first)}`);
  if (largest !== null)
    parts.push(`at most ${brief(largest.distance)} apart${points.a + points.b > 2 ? `, at ${at(largest)}` : ""}`);
  if (points.a !== points.b) parts.push(`${points.a} → ${points.b} points`);
  return parts.join("; ");
}

function below({ name, change, detail }: DiffEntry, { a, b }: Pair, look: DiffLook): string[] {
  if (detail?.kind === "text") return hunkLines(detail, look, change === "changed" ? undefined : WHOLE_FILE);
  if (detail?.kind === "table") return rowChangeLines(detail, look);
  if (detail?.kind !== "metric" || detail.redrawn) return [];
  const own = (run: RunRecord) =>
    run.metrics.find((series) => seriesTitle(series) === name && series.source === detail.source && !series.timing);
  const [x, y] = [own(a), own(b)];
  return x === undefined || y === undefined ? [] : plotLines(x, y, look);
}

/** One line for an entry, and what is known of it below. */
export function entryLines(entry: DiffEntry, width: number, pair: Pair, look: DiffLook): string[] {
  const { colors, columns } = look;
  const paint = entry.change === "added" ? colors.green : entry.change === "removed" ? colors.red : colors.yellow;
  const name = cut(safe(entry.name), Math.max(width, 12));
  const padded = name + " ".repeat(Math.max(0, width - displayWidth(name)));
  const head = `  ${paint(SIGN[entry.change])} ${padded}  `;
  const text = words(entry);
  const room = columns - displayWidth(padded) - INDENT.length;
  const most = look.all ? Number.POSITIVE_INFINITY : MOST_FOLDS;
  // What does not fit goes on below: under itself, or under the name where that leaves more room.
  const beside = displayWidth(text) <= room || room >= columns / 2;
  const folded = beside ? fold(text, room, most) : fold(text, columns - INDENT.length, most);
  const indent = beside ? " ".repeat(displayWidth(padded) + INDENT.length) : INDENT;
  const lines = beside
    ? folded.map((line, i) => (i === 0 ? head : indent) + line)
    : [head.trimEnd(), ...folded.map((line) => indent + line)];
  return [...lines, ...below(entry, pair, look)];
}
