import type { StatsReport } from "#data";
import type { Output } from "../output.ts";
import { safe } from "../render/escape.ts";
import { tableText } from "../render/table.ts";
import { brief, bytes, plural } from "../render/words.ts";

type Table = StatsReport["tables"][number];
type Column = Table["stats"]["columns"][number];
type Drift = NonNullable<Table["drift"]>;

const SHOWN = 4;

const percent = (part: number, whole: number): string =>
  part === 0 ? "-" : `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

function contentOf({ kind, mean, std, min, max, quantiles, values, distinct }: Column, rows: number): string {
  const shares = (values ?? [])
    .slice(0, SHOWN)
    .map(({ value, count }) => `${safe(String(value))} ${percent(count, rows)}`)
    .join(" · ");
  const more = distinct > SHOWN ? ` … ${distinct} values` : "";
  if (kind === "number") {
    const middle = mean == null ? "" : `${brief(mean)} ± ${std == null ? "?" : brief(std)}`;
    const span =
      min == null
        ? ""
        : `  ${brief(Number(min))} … ${quantiles?.q50 == null ? "" : `${brief(quantiles.q50)} … `}${brief(Number(max))}`;
    return values === undefined ? `${middle}${span}` : `${shares}${more}`;
  }
  if (kind === "time") return `${safe(String(min))} … ${safe(String(max))}`;
  return shares === "" ? `${distinct} values` : shares + more;
}

function columnsText({ rows, columns }: Table["stats"], out: Output): string {
  const cells = columns.map((column) => [
    safe(column.name),
    safe(column.type.toLowerCase()),
    percent(column.missing, rows),
    contentOf(column, rows),
  ]);
  const heads = [
    { name: "COLUMN" },
    { name: "TYPE" },
    { name: "MISSING", right: true },
    { name: "VALUES", flexible: true },
  ] as const;
  return columns.length === 0 ? "" : tableText(heads, cells, { colors: out.colors, columns: out.columns });
}

function driftText({ columns, rows, added, removed, retyped }: Drift, against: string, { colors }: Output): string {
  const moved = columns.filter(({ drift }) => drift !== "none");
  const lines = moved
    .toSorted((a, b) => b.psi - a.psi)
    .map(({ name, drift, psi, test, statistic, effect, p, came = [], went = [] }) => {
      const size =
        test === "chi-squared"
          ? `V ${brief(effect ?? 0)}`
          : `KS ${brief(statistic)}, d ${effect === null ? "∞" : brief(effect)}`;
      const classes = [
        ...(came.length === 0 ? [] : [`new: ${came.map((value) => safe(String(value))).join(", ")}`]),
        ...(went.length === 0 ? [] : [`gone: ${went.map((value) => safe(String(value))).join(", ")}`]),
      ];
      const told = classes.length === 0 ? "" : `; ${classes.join("; ")}`;
      return `  ${colors.red(drift === "large" ? "✗ large" : "~ some")}  ${safe(name)}: PSI ${brief(psi)}, ${size}, p ${p < 1e-4 ? "< 0.0001" : brief(p)}${told}\n`;
    });
  const names = (word: string, list: readonly string[]): string =>
    list.length === 0 ? "" : `  ${word}: ${list.map(safe).join(", ")}\n`;
  const head = `drift from ${safe(against)} (${rows.old} rows, now ${rows.new}): ${
    moved.length === 0
      ? `${colors.green("none")} in ${plural(columns.length, "column")}`
      : `in ${moved.length} of ${plural(columns.length, "column")}`
  }\n`;
  return (
    head +
    lines.join("") +
    names("columns added", added) +
    names("columns removed", removed) +
    names("columns of another type", retyped)
  );
}

function oneTable({ path, bytes: size, stats, by, drift }: Table, against: string | null, out: Output): string {
  const head = `${out.colors.bold(safe(path))}  ${plural(stats.rows, "row")}, ${plural(stats.columns.length, "column")}, ${bytes(size)}\n`;
  const groups = (by ?? []).map(
    ({ value, stats: part }) => `\n${safe(String(value))}  ${plural(part.rows, "row")}\n${columnsText(part, out)}`,
  );
  const apart = drift === undefined || against === null ? "" : `\n${driftText(drift, against, out)}`;
  return head + columnsText(stats, out) + groups.join("") + apart;
}

function shapesText(noun: string, report: StatsReport["images"]): string {
  if (report === null) return "";
  const { files, bytes: size, shapes, folders } = report;
  const list = (rows: readonly (readonly [string, number])[]): string =>
    rows
      .slice(0, SHOWN)
      .map(([name, count]) => `${safe(name)} ${percent(count, files)}`)
      .join(" · ") + (rows.length > SHOWN ? ` … ${rows.length}` : "");
  return `${plural(files, noun)}, ${bytes(size.total)}, ${bytes(Math.round(size.mean))} each (${bytes(size.min)} … ${bytes(size.max)})
  shapes   ${list(shapes.map(({ shape, files: count }) => [shape, count]))}
  folders  ${list(folders.map(({ folder, files: count }) => [folder, count]))}
`;
}

export function statsText(
  { tables, images, arrays, others }: StatsReport,
  against: string | null,
  out: Output,
): string {
  const parts = [
    ...tables.map((table) => oneTable(table, against, out)),
    shapesText("picture", images),
    shapesText("array", arrays),
    others.files === 0 ? "" : `${plural(others.files, "other file")}, ${bytes(others.bytes)}\n`,
  ];
  return parts.filter((part) => part !== "").join("\n");
}
