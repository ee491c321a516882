import { type Cell, type Engine, named, quoted, type Row } from "./engine.ts";
import { type Column, type ColumnKind, type TableQuestion, unreadable } from "./open.ts";

interface ColumnStats {
  readonly name: string;
  /** The engine's word, such as BIGINT. */
  readonly type: string;
  readonly kind: ColumnKind;
  readonly missing: number;
  /** Infinities and not-a-numbers; figures below are of the finite values. */
  readonly notFinite?: number;
  readonly distinct: number;
  readonly mean?: number | null;
  /** Of the sample (n - 1). */
  readonly std?: number | null;
  readonly min?: Cell;
  readonly max?: Cell;
  /** Between neighbours by their distance, as pandas and NumPy do. */
  readonly quantiles?: { readonly q25: number | null; readonly q50: number | null; readonly q75: number | null };
  /** The most frequent values, where there are few or they are text. */
  readonly values?: readonly { readonly value: Cell; readonly count: number }[];
}

export interface TableStats {
  readonly rows: number;
  readonly columns: readonly ColumnStats[];
}

const AT_ONCE = 40;
/** Numbers with so few values are classes as often as not. */
const FEW = 20;
const SHOWN = 20;

export const fromOf = ({ source, where }: TableQuestion): string =>
  `${source}${where === undefined ? "" : ` WHERE ${where}`}`;

/** Doubles for figures: sums of whole numbers are exact up to 2^53, and what is not finite is set aside. */
export const numberOf = (id: string): string => `CAST(${named(id)} AS DOUBLE)`;
const finiteOf = (id: string): string => `CASE WHEN isfinite(${numberOf(id)}) THEN ${numberOf(id)} END`;

function figuresOf({ id, kind }: Column, index: number): string[] {
  const column = kind === "nested" ? `CAST(${named(id)} AS VARCHAR)` : named(id);
  const common = [`count(*) - count(${column}) AS missing_${index}`, `count(DISTINCT ${column}) AS distinct_${index}`];
  if (kind === "time")
    return [
      ...common,
      `CAST(min(${column}) AS VARCHAR) AS min_${index}`,
      `CAST(max(${column}) AS VARCHAR) AS max_${index}`,
    ];
  if (kind !== "number") return common;
  const value = finiteOf(id);
  return [
    ...common,
    `count(*) FILTER (WHERE NOT isfinite(${numberOf(id)})) AS odd_${index}`,
    `favg(${value}) AS mean_${index}`,
    `stddev_samp(${value}) AS std_${index}`,
    `min(${column}) FILTER (WHERE isfinite(${numberOf(id)})) AS min_${index}`,
    `max(${column}) FILTER (WHERE isfinite(${numberOf(id)})) AS max_${index}`,
    `quantile_cont(${value}, [0.25, 0.5, 0.75])[1] AS q25_${index}`,
    `quantile_cont(${value}, [0.25, 0.5, 0.75])[2] AS q50_${index}`,
    `quantile_cont(${value}, [0.25, 0.5, 0.75])[3] AS q75_${index}`,
  ];
}

const numberIn = (row: Row, key: string): number | null =>
  row[key] === null || row[key] === undefined ? null : Number(row[key]);

async function valuesOf(engine: Engine, { id }: Column, from: string): Promise<{ value: Cell; count: number }[]> {
  const column = named(id);
  const found = await engine.query(
    `SELECT value, n FROM (SELECT ${column} AS value, count(*) AS n FROM ${from} GROUP BY 1)
     WHERE value IS NOT NULL ORDER BY n DESC, CAST(value AS VARCHAR) LIMIT ${SHOWN}`,
  );
  return found.map((row) => ({ value: row["value"] ?? null, count: Number(row["n"]) }));
}

function statsOf({ name, type, kind }: Column, index: number, row: Row): ColumnStats {
  const at = (key: string): number | null => numberIn(row, `${key}_${index}`);
  const common = { name, type, kind, missing: at("missing") ?? 0, distinct: at("distinct") ?? 0 };
  const ends = { min: row[`min_${index}`] ?? null, max: row[`max_${index}`] ?? null };
  if (kind === "time") return { ...common, ...ends };
  if (kind !== "number") return common;
  return {
    ...common,
    notFinite: at("odd") ?? 0,
    mean: at("mean"),
    std: at("std"),
    ...ends,
    quantiles: { q25: at("q25"), q50: at("q50"), q75: at("q75") },
  };
}

/** Rows, and of each column what there is to know. Throws TABLE_UNREADABLE. */
export async function tableStats(engine: Engine, question: TableQuestion): Promise<TableStats> {
  const { columns } = question;
  const from = fromOf(question);
  const stats: ColumnStats[] = [];
  let rows = 0;
  try {
    for (let start = 0; start < Math.max(1, columns.length); start += AT_ONCE) {
      const some = columns.slice(start, start + AT_ONCE);
      const [row = {}] = await engine.query(
        `SELECT ${["count(*) AS n", ...some.flatMap(figuresOf)].join(", ")} FROM ${from}`,
      );
      rows = Number(row["n"]);
      stats.push(...some.map((column, index) => statsOf(column, index, row)));
    }
    const told: ColumnStats[] = [];
    for (const [index, column] of stats.entries()) {
      const isClass =
        column.kind === "text" || column.kind === "boolean" || (column.kind === "number" && column.distinct <= FEW);
      told.push(
        isClass && column.distinct > 0
          ? { ...column, values: await valuesOf(engine, columns[index] as Column, from) }
          : column,
      );
    }
    return { rows, columns: told };
  } catch (error) {
    throw unreadable(question.path, error);
  }
}

const MOST_GROUPS = 50;

/** The same for the rows of each value of a column. Throws TABLE_UNREADABLE. */
export async function statsBy(
  engine: Engine,
  question: TableQuestion,
  by: string,
): Promise<{ readonly value: Cell; readonly stats: TableStats }[]> {
  const column = question.columns.find(({ name }) => name === by);
  if (column === undefined)
    throw unreadable(
      question.path,
      new Error(`it has no column '${by}', but ${question.columns.map(({ name }) => name).join(", ")}`),
    );
  const text = `CAST(${named(column.id)} AS VARCHAR)`;
  const groups = await engine.query(
    `SELECT ${text} AS value FROM ${fromOf(question)} GROUP BY 1 ORDER BY 1 LIMIT ${MOST_GROUPS + 1}`,
  );
  if (groups.length > MOST_GROUPS)
    throw unreadable(question.path, new Error(`'${by}' has more than ${MOST_GROUPS} values`));
  const found: { value: Cell; stats: TableStats }[] = [];
  for (const { value = null } of groups) {
    const where = value === null ? `${text} IS NULL` : `${text} = ${quoted(String(value))}`;
    found.push({ value, stats: await tableStats(engine, { ...question, where }) });
  }
  return found;
}
