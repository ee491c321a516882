import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { appendGolden, findGolden, loadGolden } from "../../src/audit/golden/folder.ts";
import type { Golden } from "../../src/audit/golden/golden.ts";
import { readGolden } from "../../src/audit/golden/read.ts";
import { checkTolerances } from "../../src/audit/tolerance.ts";

const V1 = readFileSync(join(import.meta.dirname, "../fixtures/golden/v1.toml"), "utf8");
const PATH = "reprise-audit/default.toml";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "golden-"));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

const last = (text: string): Golden => readGolden(PATH, text).goldens.at(-1) as Golden;
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
  return "nothing was thrown";
};

test("a golden file of version 1 loads, with everything that it pins", () => {
  const golden = last(V1);
  expect(golden.command).toEqual(["python", "-W", "ignore", "train.py"]);
  expect(golden.tolerance["test_accuracy"]).toMatchObject({ low: 0.9367, high: 0.9963, n: 10, rule: "normal" });
  expect(golden.measured["test_loss"]).toHaveLength(10);
  expect(golden.exact["steps of loss"]).toBe(20);
  expect([golden.seed, golden.deterministic]).toEqual(["fresh", "off"]);
  expect(() => checkTolerances(readGolden(PATH, V1))).not.toThrow();
});

test("what is written is read back as it was, whatever is in it", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 12 });
  const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
  fc.assert(
    fc.property(
      fc.dictionary(
        text.filter((name) => name !== "__proto__"),
        fc.array(value, { minLength: 1, maxLength: 4 }),
        { maxKeys: 4 },
      ),
      text,
      text,
      (measured, reason, by) => {
        rmSync(join(project, "reprise-audit"), { recursive: true, force: true });
        const made = appendGolden(project, "default", { ...last(V1), measured, reason, by });
        expect(made.goldens[0]).toEqual({ ...last(V1), measured, reason, by });
        expect(findGolden(project, "default")).toEqual(made);
      },
    ),
    { numRuns: 60 },
  );
});

test("a further golden is appended: the text before it stays as it is, and names what it was", () => {
  const first = appendGolden(project, "default", last(V1));
  const second = appendGolden(project, "default", { ...last(V1), reason: "larger model", trainings: 12 });
  expect(second.text.startsWith(first.text)).toBe(true);
  expect(second.goldens.map(({ reason }) => reason)).toEqual(["first golden", "larger model"]);
  expect(second.text).toContain("# as before");
});

test("a golden that is changed after another was appended is told", () => {
  appendGolden(project, "default", last(V1));
  const { text } = appendGolden(project, "default", { ...last(V1), reason: "larger model" });
  const changed = text.replace("first golden", "some golden");
  expect(codeOf(() => readGolden(PATH, changed))).toBe("GOLDEN_EDITED");
  expect(codeOf(() => readGolden(PATH, text.replace("larger model", "no reason")))).toBe("nothing was thrown");
});

test("a checkout with other line ends is the same file", () => {
  appendGolden(project, "default", last(V1));
  const { text } = appendGolden(project, "default", { ...last(V1), reason: "again" });
  expect(readGolden(PATH, text.replaceAll("\n", "\r\n")).goldens).toEqual(readGolden(PATH, text).goldens);
});

test("a tolerance that its measured values do not give is refused, unless its line says that it was set by hand, and why", () => {
  const wide = V1.replace("high = 0.9963,", "high = 1.2,");
  expect(codeOf(() => checkTolerances(readGolden(PATH, wide)))).toBe("GOLDEN_EDITED");
  const said = wide.replace('n = 10, rule = "normal" }', 'n = 10, rule = "normal", by_hand = "because 270 images" }');
  expect(() => checkTolerances(readGolden(PATH, said))).not.toThrow();
  const silent = wide.replace('n = 10, rule = "normal" }', 'n = 10, rule = "normal", by_hand = " " }');
  expect(codeOf(() => readGolden(PATH, silent))).toBe("GOLDEN_INVALID");
});

test.each([
  ["confidence = 0.95", "confidence = 2.0"],
  ["alarms = 0.01", "alarms = 0.0"],
  ["0.9704, 0.9519]", "0.9704, nan]"],
])("numbers of which nothing can be calculated are refused at once: %s as %s", (from, to) => {
  expect(V1).toContain(from);
  expect(codeOf(() => readGolden(PATH, V1.replace(from, to)))).toBe("GOLDEN_INVALID");
});

test("a tolerance that is taken out does not leave its metric unjudged", () => {
  const without = V1.replace(/^"test_accuracy" = \{ low.*\n/m, "");
  expect(without).not.toBe(V1);
  expect(codeOf(() => checkTolerances(readGolden(PATH, without)))).toBe("GOLDEN_EDITED");
});

test("measured values that are changed do not widen a tolerance unseen", () => {
  const values = V1.replace("0.9704, 0.9519]", "0.9704, 0.7]");
  expect(codeOf(() => checkTolerances(readGolden(PATH, values)))).toBe("GOLDEN_EDITED");
});

test.each([
  ["not TOML", "format = ", "GOLDEN_INVALID"],
  ["of a newer Reprise", V1.replace("golden@1", "golden@2"), "GOLDEN_NEWER"],
  ["of another format", V1.replace("reprise/golden@1", "sealed"), "GOLDEN_INVALID"],
  ["without a golden", V1.slice(0, V1.indexOf("[[golden]]")), "GOLDEN_INVALID"],
  ["with a text for a number", V1.replace("trainings = 10", 'trainings = "10"'), "GOLDEN_INVALID"],
  ["with an interval upside down", V1.replace("low = 0.9367", "low = 2.0"), "GOLDEN_INVALID"],
  ["with a folder elsewhere", V1.replace('workdir = ""', 'workdir = "a/../../b"'), "GOLDEN_INVALID"],
  ["with a list for a section", V1.replace("[golden.exact]", "[[golden.exact]]"), "GOLDEN_INVALID"],
])("a file %s is refused with its name", (_, text, code) => {
  expect(codeOf(() => readGolden(PATH, text))).toBe(code);
});

test("a golden that is not there is told with those that are", () => {
  mkdirSync(join(project, "reprise-audit"));
  writeFileSync(join(project, PATH), V1);
  expect(() => loadGolden(project, "nightly")).toThrow(/there is no reprise-audit\/nightly.toml; there is default/);
  expect(codeOf(() => loadGolden(project, "../secret"))).toBe("GOLDEN_NAME");
});
