import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AuditDocument, AuditItem } from "../../src/audit/index.ts";
import { reportText } from "../../src/cli/audit/report.ts";

const item = (given: Partial<AuditItem>): AuditItem => ({
  kind: "metric",
  name: "loss",
  state: "outside",
  values: [1, 2],
  low: 0.1,
  high: 0.2,
  golden: 0.15,
  byHand: null,
  reason: null,
  ...given,
});

const audit = (given: Partial<AuditDocument>): AuditDocument => ({
  format: "reprise/audit@1",
  name: "nightly",
  file: "reprise-audit/nightly.toml",
  golden: {
    run: "01a1ff7e-c08a-77e5-95f2-072972a7bb02",
    date: "2026-11-21T19:05:33Z",
    by: "Jane",
    reason: "first golden",
    commit: null,
    trainings: 10,
    alarms: 0.01,
    confidence: 0.95,
  },
  verdict: "outside",
  reason: "loss outside of what the golden allows",
  trainings: ["01a1ff7e-c08a-77e5-95f2-072972a7bb03"],
  items: [item({})],
  left: {},
  fresh: [],
  changes: [
    {
      section: "code",
      name: "train.py",
      change: "changed",
      a: null,
      b: null,
      imported: true,
      hunks: [{ line: 12, removed: ["lr = 0.1"], added: ["lr = 3.0"] }],
    },
  ],
  unknown: [],
  aside: null,
  control: null,
  why: null,
  shifts: [],
  whyNot: "not asked",
  startedAt: "2026-11-21T19:07:38.120Z",
  seconds: 1.5,
  ...given,
});

/** As Python's parser reads it: the names and messages of all cases. */
function parsed(xml: string): readonly (readonly string[])[] {
  const code = `
import json, sys, xml.etree.ElementTree as e
root = e.fromstring(sys.stdin.buffer.read())
print(json.dumps([[c.get("name")] + [f.get("message") for f in c] for c in root.iter("testcase")]))`;
  const child = spawnSync("python3", ["-c", code], { input: xml, encoding: "utf8" });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as string[][];
}

test("JUnit: one case a result, failures counted, what is not judged skipped", () => {
  const xml = reportText("junit", [
    audit({
      items: [
        item({}),
        item({ name: "acc", state: "within" }),
        item({ name: "bits", kind: "exact", state: "unjudged", reason: "another machine" }),
      ],
    }),
  ]);
  expect(xml).toMatch(
    /<testsuite name="reprise audit nightly" .* timestamp="2026-11-21T19:07:38" .* tests="3" failures="1" errors="0" skipped="1" time="1.500">/,
  );
  expect(xml).toContain("changed since the golden: code train.py:12  - lr = 0.1   + lr = 3.0");
  expect(parsed(xml).map(([name]) => name)).toEqual(["loss", "acc", "bits"]);
});

test("JUnit: whatever a program prints, the report is XML that says it", () => {
  const names = fc.sample(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), { numRuns: 300, seed: 7 });
  const xml = reportText("junit", [audit({ items: names.map((name) => item({ name, reason: `]]> & "${name}"` })) })]);
  const read = parsed(xml);
  expect(read).toHaveLength(names.length);
  const plain = names.findIndex((name) => /^[a-z<>&"']+$/i.test(name));
  expect(read[plain]?.[0]).toBe(names[plain]);
});

test("GitHub: the message keeps its lines, and neither a name nor a message can end the command or begin another", () => {
  const [code] = audit({}).changes;
  const text = reportText("github", [
    audit({
      changes: code === undefined ? [] : [{ ...code, name: "a,b:c%\n::error::x.py" }],
      items: [item({ name: "50%\n::stop-commands::x" })],
    }),
  ]);
  expect(text.trimEnd().split("\n")).toHaveLength(1);
  expect(text).toMatch(
    /^::error file=a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3Ax\.py,line=12,title=reprise audit nightly::50%25%0A::stop/,
  );
});

test("GitHub: a proved cause is annotated before the first change; what could not be told is a warning", () => {
  const why = {
    causes: [
      {
        kind: "code",
        file: "model.py",
        line: 7,
        name: "",
        words: "1 line(s) changed",
        certainty: "proved",
        proof: [],
        fix: "",
      },
    ],
  } as unknown as AuditDocument["why"];
  expect(reportText("github", [audit({ why })])).toMatch(/^::error file=model\.py,line=7,.*%0Aproved: 1 line/);
  expect(reportText("github", [audit({ verdict: "inconclusive", items: [item({ state: "unsteady" })] })])).toMatch(
    /^::warning /,
  );
  expect(reportText("github", [audit({ verdict: "within", items: [item({ state: "within" })] })])).toMatch(
    /^::notice /,
  );
});

test("Markdown: a table row stays one, and nothing of a program's text is obeyed", () => {
  const text = reportText("markdown", [audit({ items: [item({ name: "a|b\n| c <img src=x> @team #12 [l](u)" })] })]);
  const row = text.split("\n").find((line) => line.startsWith("| ❌"));
  expect(row).toContain("a\\|b \\| c &lt;img src=x&gt; &#64;team &#35;12 \\[l\\]\\(u\\)");
  expect(text).not.toMatch(/<img|(?<!&#64;)@team/);
});
