import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type DiffDocument, diffParts, joined } from "#compare";
import { isUnknown, type MetricSeries, parseRecord, type RunRecord, unknown } from "#record";

const run = parseRecord(readFileSync(join(import.meta.dirname, "../fixtures/record/v1.json"), "utf8"));
const diffOf = (a: RunRecord, b: RunRecord): Pick<DiffDocument, "unknown" | "sections"> => joined(diffParts(a, b));
const having = (changes: Partial<RunRecord>): RunRecord => ({ ...run, ...changes });

test("a record differs from itself in nothing but what it does not know", () => {
  const diff = diffOf(run, run);
  expect(Object.values(diff.sections).flat()).toEqual([]);
  for (const { a, b } of diff.unknown) expect(a).toBe(b);
});

test("an unknown is equal to nothing, not even to another unknown, and says why", () => {
  const blind = having({ inputs: unknown("nobody looked"), outputs: unknown("no agent") });
  const diff = diffOf(blind, blind);
  expect(diff.unknown).toContainEqual({ section: "data", name: "inputs", a: "nobody looked", b: "nobody looked" });
  expect(diff.sections.outputs).toEqual([]);
  expect(diffOf(run, blind).unknown).toContainEqual({
    section: "outputs",
    name: "outputs",
    a: null,
    b: "no agent",
  });
});

test("packages, flags of the processor and variables without a value are told apart one by one", () => {
  const { python } = run.environment;
  if (isUnknown(python)) throw new Error("the fixture has a Python");
  const of = (version: string, imported: boolean): RunRecord =>
    having({
      environment: {
        ...run.environment,
        python: { ...python, packages: [{ name: "numpy", version, imported, origin: { kind: "registry" } }] },
      },
      hardware: { ...run.hardware, cpu: { ...run.hardware.cpu, flags: version === "1" ? ["avx2", "sse2"] : ["sse2"] } },
      variables: [{ name: "KEY", hmac: version.repeat(64), reason: "secret" }],
    });
  const diff = diffOf(of("1", true), of("2", false));
  expect(diff.sections.environment).toEqual([
    { name: "package numpy", a: "1", b: "2", change: "changed", detail: { kind: "package", imported: true } },
  ]);
  expect(diff.sections.hardware).toEqual([{ name: "cpu flag avx2", a: "yes", b: null, change: "removed" }]);
  expect(diff.sections.variables).toEqual([
    { name: "KEY", a: "not kept (111111111111)", b: "not kept (222222222222)", change: "changed" },
  ]);
});

test("a metric that differs on its way and ends alike differs, with the step and the distance", () => {
  const series = (values: readonly number[]): MetricSeries => ({
    name: "loss",
    source: "stdout",
    points: values.map((value, step) => ({ step, value })),
    timing: false,
    redrawn: false,
    dropped: 0,
  });
  const diff = diffOf(having({ metrics: [series([3, 2, 1])] }), having({ metrics: [series([3, 2.5, 1])] }));
  expect(diff.sections.metrics).toEqual([
    {
      name: "loss",
      a: 1,
      b: 1,
      change: "changed",
      detail: {
        kind: "metric",
        source: "stdout",
        points: { a: 3, b: 3 },
        redrawn: false,
        first: { index: 1, step: 1, a: 2, b: 2.5 },
        largest: { index: 1, step: 1, distance: 0.5 },
      },
    },
  ]);
  const none = diffOf(having({ metrics: [series([Number.NaN])] }), having({ metrics: [series([1])] }));
  expect(none.sections.metrics[0]).toMatchObject({ a: "NaN", b: 1, detail: { largest: null } });
});
