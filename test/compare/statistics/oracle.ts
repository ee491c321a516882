import { spawnSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { expect } from "vitest";
import { PYTHON } from "../../run/project.ts";

export type Question = Readonly<Record<string, unknown>> & { readonly of: string };

/** One seed for all: a test that fails, fails again. */
const SEED = 20_261_121;
const MANY = 300;

/** So many random questions, the same ones every time. */
export const sampled = <T>(arbitrary: fc.Arbitrary<T>, numRuns = MANY): T[] =>
  fc.sample(arbitrary, { numRuns, seed: SEED });

function ask(questions: readonly Question[]): (number | null)[][] {
  const input = questions.map((question) => JSON.stringify(question)).join("\n");
  const child = spawnSync(PYTHON, [join(import.meta.dirname, "oracle.py")], {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (child.status !== 0) throw new Error(child.stderr);
  const answers = child.stdout.trim().split("\n");
  // Python writes NaN and Infinity where JSON has no word for them.
  return answers.map((line) => JSON.parse(line.replaceAll(/NaN|-?Infinity/g, "null")) as (number | null)[]);
}

/** Ours beside scipy's: within `relative` of its size, or within `absolute`. What scipy calls nan is not asked of us. */
export function expectAgreement(
  questions: readonly Question[],
  ours: (question: Question) => readonly number[],
  relative: number,
  absolute: number | ((question: Question) => number) = 0,
): void {
  const answers = ask(questions);
  expect(answers).toHaveLength(questions.length);
  let compared = 0;
  for (const [i, question] of questions.entries()) {
    const mine = ours(question);
    for (const [k, theirs] of (answers[i] ?? []).entries()) {
      if (theirs === null) continue;
      compared += 1;
      const own = mine[k] ?? Number.NaN;
      const slack = relative * Math.abs(theirs) + (typeof absolute === "number" ? absolute : absolute(question));
      if (!(Math.abs(own - theirs) <= slack))
        expect.fail(`${JSON.stringify(question)}\n  number ${k}: ours ${own}, scipy's ${theirs}`);
    }
  }
  expect(compared).toBeGreaterThan(questions.length / 2);
}
