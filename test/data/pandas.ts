import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";
import type { StatsReport } from "#data";

export const PYTHON = join(import.meta.dirname, "../../.venv-test/bin/python");

type TableStats = StatsReport["tables"][number]["stats"];
type Column = TableStats["columns"][number];

interface PandasColumn {
  readonly name: string;
  readonly kind: Column["kind"];
  readonly missing: number;
  readonly distinct: number;
  readonly notFinite?: number;
  readonly mean?: number | null;
  readonly std?: number | null;
  readonly min?: number | null;
  readonly max?: number | null;
  readonly quantiles?: Readonly<Record<"q25" | "q50" | "q75", number | null>>;
  /** Of text that is days or times: the first and the last. */
  readonly ends?: readonly [string, string];
  readonly counts: Readonly<Record<string, number>>;
}

export interface PandasTable {
  /** pandas does not read it, or not as its head says. */
  readonly error?: string;
  readonly rows?: number;
  readonly columns?: readonly PandasColumn[];
}

/** Figures of many tables by one pandas. */
export function pandas(paths: readonly string[]): Readonly<Record<string, PandasTable>> {
  const script = join(import.meta.dirname, "pandas_figures.py");
  const input = paths.join("\n");
  const told = execFileSync(PYTHON, ["-W", "ignore", script], { input, encoding: "utf8", maxBuffer: 1 << 30 });
  return JSON.parse(told) as Record<string, PandasTable>;
}

export function near(ours: unknown, theirs: number | null | undefined, what: string): void {
  if (theirs == null) expect(ours ?? null, what).toBe(null);
  else
    expect(Math.abs(Number(ours) - theirs), `${what}: ${String(ours)} and ${theirs}`).toBeLessThanOrEqual(
      1e-9 * Math.max(1, Math.abs(theirs)),
    );
}

/** Days and times are text to pandas, and nothing is a number to it; else kinds are the same. */
function sameKind({ kind, missing }: Column, other: PandasColumn, rows: number, what: string): void {
  if (kind === "empty") expect(missing, what).toBe(rows);
  else if (kind === "time") expect(other.ends, what).toBeDefined();
  else expect(kind, what).toBe(other.kind);
}

function figuresAgree(ours: Column, other: PandasColumn, what: string): number {
  let figures = 0;
  for (const figure of ["mean", "std", "min", "max"] as const) {
    near(ours[figure], other[figure], `${what} ${figure}`);
    figures += 1;
  }
  for (const q of ["q25", "q50", "q75"] as const) near(ours.quantiles?.[q], other.quantiles?.[q], `${what} ${q}`);
  expect(ours.notFinite, `${what} not finite`).toBe(other.notFinite);
  return figures + 4;
}

function valuesAgree({ kind, values = [] }: Column, other: PandasColumn, what: string): number {
  const counts = Object.values(other.counts).toSorted((a, b) => b - a);
  expect(
    values.map(({ count }) => count),
    `${what} counts`,
  ).toEqual(counts.slice(0, 20));
  if (kind === "text")
    for (const { value, count } of values) expect(other.counts[String(value)], `${what} ${String(value)}`).toBe(count);
  return values.length;
}

/** Every figure, column by column, in order. How many were held against each other. */
export function agree(path: string, ours: TableStats | undefined, theirs: PandasTable | undefined): number {
  const { rows = Number.NaN, columns = [] } = theirs ?? {};
  expect(theirs?.error, path).toBeUndefined();
  expect(ours?.rows, path).toBe(rows);
  expect(ours?.columns.map(({ name }) => name).toSorted(), path).toEqual(columns.map(({ name }) => name).toSorted());
  let figures = 2;
  for (const column of ours?.columns ?? []) {
    const other = columns.find(({ name }) => name === column.name) as PandasColumn;
    const what = `${path} ${column.name}`;
    sameKind(column, other, rows, what);
    expect([column.missing, column.distinct], what).toEqual([other.missing, other.distinct]);
    figures += 3;
    if (column.kind === "number") figures += figuresAgree(column, other, what);
    if (column.kind === "time") {
      expect(other.ends?.[0], what).toContain(String(column.min));
      expect(other.ends?.[1], what).toContain(String(column.max));
      figures += 2;
    }
    if (column.values !== undefined) figures += valuesAgree(column, other, what);
  }
  return figures;
}
