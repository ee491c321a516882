import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ended, type Sealed, seal } from "../cli/sealed.ts";

const EXAMPLE = join(import.meta.dirname, "../../examples/audit");
const threads = { OMP_NUM_THREADS: "1" };

let place: Sealed;
/** In the clone: another folder, without the store that the golden was made in. */
const ci = (line: string, env: Readonly<Record<string, string>> = {}): Ended =>
  place.shell(`cd ../ci && { ${line}; }`, { ...threads, ...env });
const inClone = (file: string): string => readFileSync(join(place.base, "ci", file), "utf8");

beforeAll(() => {
  place = seal();
  cpSync(EXAMPLE, place.project, { recursive: true });
  place.shell("git init -q -b main && git add -A && git commit -q -m 'A model'");
  const made = place.shell("reprise audit init -q -- python3 train.py", threads);
  expect(made).toMatchObject({ code: 0, err: "" });
  place.shell("git add -A && git commit -q -m 'Golden' && git clone -q . ../ci");
}, 300_000);
afterAll(() => place.remove());

test("what was measured stands in the repository, one line a metric, and the file holds all that CI needs", () => {
  const file = inClone("reprise-audit/default.toml");
  expect(file).toMatch(
    /^"test_accuracy" = \{ low = 0\.\d+, high = [01](\.\d+)?, mean = 0\.9\d+, sd = .*, n = 10, rule = "normal" \}$/m,
  );
  expect(file).toMatch(/^commit = "[0-9a-f]{40}"$/m);
  expect(ci("ls .reprise").code).not.toBe(0);
  expect(ci("reprise audit report").out).toMatch(/^ +test_accuracy +0\.\d+ to [01]\S* {2}\(mean 0\.9\d+ of 10/m);
  expect(ci("reprise audit report --format junit")).toMatchObject({ code: 6 });
});

test("noise passes: another seed and another folder come out otherwise, and within", () => {
  // One audit of a hundred may fail on noise; this one is not to: bounds by hand, which no such training comes near.
  const byHand = (name: string, bound: string): string =>
    `sed -i '/^"${name}" = { low/{s/${bound.split(" ")[0]} = [^,]*,/${bound},/;s/ }$/, by_hand = "wide" }/}' reprise-audit/default.toml`;
  ci(
    `${byHand("test_accuracy", "low = 0.88")} && ${byHand("train_loss", "high = 0.4")} && git commit -q -a -m 'By hand'`,
  );
  const { code, out, err } = ci("sh ci.sh -q");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^✓ within — default: every result is as the golden allows$/m);
  expect(inClone("audit.xml")).toContain('failures="0"');
}, 120_000);

test("one changed line that shifts the result fails, and is named by file and line, with its proof", () => {
  place.shell(
    "cd ../ci && echo '# Digits' > README.md && echo '# more to come' >> train.py && sed -i s/init=0.01/init=0.3/ model.py && git add -A && git commit -q -m 'Faster'",
  );
  const { code, out } = ci("sh ci.sh -q", { GITHUB_ACTIONS: "true" });
  expect(code).toBe(1);
  expect(out).toMatch(/outside +test_accuracy +0\.\d+(, 0\.\d+){1,2} — allowed/);
  expect(out).toMatch(/changed +model\.py:14 +- learning_rate_init=0\.01, +\+ learning_rate_init=0\.3,/);
  expect(out).toMatch(
    /control +the golden's code and data, trained here (under the same seed, are within|three times, are within in two)/,
  );
  expect(out).toMatch(/cause +model\.py:14 .*\(proved, \d+ replays\)/);
  expect(out.match(/cause {2}/g)).toHaveLength(1);
  expect(out).toMatch(/^::error file=model\.py,line=14,title=reprise audit default::/m);
  const report = ci(
    'python3 -c \'import xml.etree.ElementTree as e; r = e.parse("audit.xml").getroot(); print(r.tag, r[0].get("failures"), r.find(".//failure").text)\'',
  );
  expect(report.out).toMatch(/^testsuites [12] changed since the golden: code model\.py:14/);
  expect(inClone("audit.md")).toContain("❌ reprise audit default: outside");
}, 240_000);
