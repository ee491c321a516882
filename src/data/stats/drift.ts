import { chiTail } from "#compare";
import { type Cell, type Engine, named } from "./engine.ts";
import type { TableQuestion } from "./open.ts";
import { fromOf, numberOf } from "./table.ts";

/** How far a column is from what it was. p-values of large tables are small for anything: effect sizes decide. */
interface ColumnDrift {
  readonly name: string;
  readonly test: "kolmogorov-smirnov" | "chi-squared";
  /** The largest distance of the two distribution functions; for classes χ². */
  readonly statistic: number;
  readonly p: number;
  /** Cohen's d (difference of means in pooled standard deviations); for classes Cramér's V. */
  readonly effect: number | null;
  /** Population stability index: over tenths of the old values, or over classes. */
  readonly psi: number;
  readonly missing: { readonly old: number; readonly new: number };
  /** Of classes: those that came, those that went; the first few. */
  readonly came?: readonly Cell[];
  readonly went?: readonly Cell[];
  readonly drift: "none" | "some" | "large";
}

export interface Drift {
  readonly rows: { readonly old: number; readonly new: number };
  readonly columns: readonly ColumnDrift[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly retyped: readonly string[];
}

/** The usual bounds of the index: 0.1 and 0.25. */
const [SOME, LARGE] = [0.1, 0.25];
/** No share counts as nothing: the index would have no end. */
const LEAST_SHARE = 1e-4;
const TENTHS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const MOST_CLASSES = 1000;
const SHOWN = 5;

interface Pair {
  readonly old: TableQuestion;
  readonly fresh: TableQuestion;
}

/** Σ (q - p) ln(q / p). */
function stability(old: readonly number[], fresh: readonly number[]): number {
  const [total, all] = [sum(old), sum(fresh)];
  if (total === 0 || all === 0) return 0;
  return sum(
    old.map((count, index) => {
      const p = Math.max(count / total, LEAST_SHARE);
      const q = Math.max((fresh[index] ?? 0) / all, LEAST_SHARE);
      return (q - p) * Math.log(q / p);
    }),
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Q(λ) of Kolmogorov, with Stephens' correction for few values. */
function kolmogorovTail(distance: number, n: number, m: number): number {
  const root = Math.sqrt((n * m) / (n + m));
  const lambda = (root + 0.12 + 0.11 / root) * distance;
  if (lambda < 0.2) return 1;
  let tail = 0;
  for (let k = 1; k <= 100; k++) {
    const term = 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * lambda * lambda);
    tail += term;
    if (Math.abs(term) < 1e-12) break;
  }
  return Math.min(1, Math.max(0, tail));
}

/** The same name may be another one to SQL in each table. */
const idIn = (name: string, { columns }: TableQuestion): string =>
  columns.find((column) => column.name === name)?.id ?? name;

function finite(name: string, question: TableQuestion): string {
  const value = numberOf(idIn(name, question));
  return `SELECT ${value} AS v FROM ${fromOf(question)}${question.where === undefined ? " WHERE" : " AND"} isfinite(${value})`;
}

function verdict(psi: number, statistic: number): ColumnDrift["drift"] {
  if (psi >= LARGE || statistic >= LARGE) return "large";
  return psi >= SOME || statistic >= SOME ? "some" : "none";
}

async function missingOf(engine: Engine, name: string, question: TableQuestion): Promise<number> {
  const [row] = await engine.query(
    `SELECT count(*) - count(${named(idIn(name, question))}) AS missing FROM ${fromOf(question)}`,
  );
  return Number(row?.["missing"] ?? 0);
}

async function numberDrift(engine: Engine, name: string, { old, fresh }: Pair): Promise<ColumnDrift | null> {
  const [a, b] = [finite(name, old), finite(name, fresh)];
  const figures = (from: string): Promise<Record<string, Cell>[]> =>
    engine.query(`SELECT count(*) AS n, favg(v) AS mean, var_samp(v) AS spread FROM (${from})`);
  const [[one = {}], [other = {}]] = [await figures(a), await figures(b)];
  const [n, m] = [Number(one["n"]), Number(other["n"])];
  if (n === 0 || m === 0) return null;
  const [distance] = await engine.query(
    `SELECT max(abs(x - y)) AS d FROM (
       SELECT sum(a) OVER w / ${n} AS x, sum(b) OVER w / ${m} AS y FROM (
         SELECT v, sum(a) AS a, sum(b) AS b
         FROM (SELECT v, 1::DOUBLE AS a, 0::DOUBLE AS b FROM (${a}) UNION ALL SELECT v, 0, 1 FROM (${b})) GROUP BY v)
       WINDOW w AS (ORDER BY v))`,
  );
  const [cuts = {}] = await engine.query(
    `SELECT ${TENTHS.map((q, i) => `quantile_cont(v, ${q}) AS c${i}`).join(", ")} FROM (${a})`,
  );
  const edges = [...new Set(TENTHS.map((_, index) => Number(cuts[`c${index}`])))];
  const place = `CASE ${edges.map((edge, index) => `WHEN v <= ${edge}::DOUBLE THEN ${index}`).join(" ")} ELSE ${edges.length} END`;
  const tenths = async (from: string): Promise<number[]> => {
    const counts = await engine.query(`SELECT ${place} AS place, count(*) AS n FROM (${from}) GROUP BY 1`);
    const found = new Map(counts.map((row) => [Number(row["place"]), Number(row["n"])]));
    return [...edges, 0].map((_, index) => found.get(index) ?? 0);
  };
  const psi = stability(await tenths(a), await tenths(b));
  const statistic = Number(distance?.["d"] ?? 0);
  const spread = Math.sqrt(
    ((n - 1) * Number(one["spread"] ?? 0) + (m - 1) * Number(other["spread"] ?? 0)) / Math.max(1, n + m - 2),
  );
  const apart = Number(other["mean"]) - Number(one["mean"]);
  return {
    name,
    test: "kolmogorov-smirnov",
    statistic,
    p: kolmogorovTail(statistic, n, m),
    effect: spread === 0 ? (apart === 0 ? 0 : null) : apart / spread,
    psi,
    missing: { old: await missingOf(engine, name, old), new: await missingOf(engine, name, fresh) },
    drift: verdict(psi, statistic),
  };
}

async function classesOf(engine: Engine, name: string, question: TableQuestion): Promise<Map<Cell, number> | null> {
  const column = `CAST(${named(idIn(name, question))} AS VARCHAR)`;
  const rows = await engine.query(
    `SELECT ${column} AS value, count(*) AS n FROM ${fromOf(question)} GROUP BY 1 LIMIT ${MOST_CLASSES + 2}`,
  );
  if (rows.length > MOST_CLASSES + 1) return null;
  return new Map(rows.flatMap((row) => (row["value"] == null ? [] : [[row["value"], Number(row["n"])] as const])));
}

async function classDrift(engine: Engine, name: string, { old, fresh }: Pair): Promise<ColumnDrift | null> {
  const [before, after] = [await classesOf(engine, name, old), await classesOf(engine, name, fresh)];
  // Names, texts, ids: there are no classes whose shares could be told apart.
  if (before === null || after === null) return null;
  const values = [...new Set([...before.keys(), ...after.keys()])];
  const [a, b] = [values.map((value) => before.get(value) ?? 0), values.map((value) => after.get(value) ?? 0)];
  const [n, m] = [sum(a), sum(b)];
  if (n === 0 || m === 0) return null;
  const statistic = sum(
    values.map((_, index) => {
      const both = (a[index] ?? 0) + (b[index] ?? 0);
      const [one, other] = [(both * n) / (n + m), (both * m) / (n + m)];
      return ((a[index] ?? 0) - one) ** 2 / one + ((b[index] ?? 0) - other) ** 2 / other;
    }),
  );
  const effect = Math.sqrt(statistic / (n + m));
  const psi = stability(a, b);
  const came = values.filter((value) => !before.has(value));
  const went = values.filter((value) => !after.has(value));
  return {
    name,
    test: "chi-squared",
    statistic,
    p: values.length < 2 ? 1 : chiTail(statistic, values.length - 1),
    effect,
    psi,
    missing: { old: await missingOf(engine, name, old), new: await missingOf(engine, name, fresh) },
    ...(came.length === 0 ? {} : { came: came.slice(0, SHOWN) }),
    ...(went.length === 0 ? {} : { went: went.slice(0, SHOWN) }),
    drift: verdict(psi, effect),
  };
}

async function rowsOf(engine: Engine, question: TableQuestion): Promise<number> {
  const [row] = await engine.query(`SELECT count(*) AS n FROM ${fromOf(question)}`);
  return Number(row?.["n"] ?? 0);
}

/** How far the columns of a table are from those of an older one. */
export async function tableDrift(engine: Engine, pair: Pair): Promise<Drift> {
  const [before, after] = [pair.old.columns, pair.fresh.columns];
  const kinds = new Map(before.map(({ name, kind }) => [name, kind]));
  const shared = after.filter(({ name, kind }) => kinds.get(name) === kind);
  const columns: ColumnDrift[] = [];
  for (const { name, kind } of shared) {
    const found =
      kind === "number"
        ? await numberDrift(engine, name, pair)
        : kind === "text" || kind === "boolean"
          ? await classDrift(engine, name, pair)
          : null;
    if (found !== null) columns.push(found);
  }
  return {
    rows: { old: await rowsOf(engine, pair.old), new: await rowsOf(engine, pair.fresh) },
    columns,
    added: after.filter(({ name }) => !kinds.has(name)).map(({ name }) => name),
    removed: before.filter(({ name }) => !after.some((one) => one.name === name)).map(({ name }) => name),
    retyped: after.filter(({ name, kind }) => kinds.has(name) && kinds.get(name) !== kind).map(({ name }) => name),
  };
}
