import { expect, test } from "vitest";
import type { Param, RunRecord } from "#record";
import { withSetting } from "../../../src/replay/why/setting-words.ts";
import { sampleRecord } from "../../store/sample-record.ts";

const run = (...params: Param[]): RunRecord => ({
  ...sampleRecord("01930000-0000-7000-8000-00000000000a"),
  loggers: ["hydra", "argparse"],
  params,
});
const hydra = (name: string, value: string): Param => ({ name, value, origin: "hydra", from: "configuration config" });
const cause = {
  kind: "config",
  name: "lr",
  file: "conf/adam.yaml",
  line: 2,
  words: "lr changed in conf/adam.yaml:2",
  certainty: "proved",
  proof: [],
  a: "lr: 0.1",
  b: "lr: 0.2",
  alone: "independent",
} as const;

test("a key that is a cause is told with what the program had of it", () => {
  const found = withSetting(cause, run(hydra("optimizer.lr", "0.1")), run(hydra("optimizer.lr", "0.2")));
  expect(found.words).toBe("lr changed in conf/adam.yaml:2: the program had optimizer.lr 0.1, then 0.2 (hydra)");
});

test("nothing is said where two parameters may be meant, where none differs, and of other causes", () => {
  const two = (value: string): RunRecord => run(hydra("a.lr", value), hydra("b.lr", value));
  expect(withSetting(cause, two("0.1"), two("0.2"))).toBe(cause);
  expect(withSetting(cause, two("0.1"), two("1e-1"))).toBe(cause);
  const code = { ...cause, kind: "code" } as const;
  expect(withSetting(code, run(hydra("lr", "1")), run(hydra("lr", "2")))).toBe(code);
});
