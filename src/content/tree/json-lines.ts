import { utf8Of } from "../bytes.ts";
import { type Difference, differs, type Judge } from "../comparison.ts";
import { type Data, wholeOf } from "../source.ts";
import { strictLines } from "../text/lines.ts";
import { Unreadable } from "../unseen.ts";
import { compareTrees } from "./compare.ts";
import { readJson } from "./json.ts";

/** Compares one document a line, line by line; or one document over several lines, as some call by that name. */
export function compareJsonLines(a: Data, b: Data, judge: Judge): Difference | null {
  judge.setAside("white space between values");
  const trial = judge.trial();
  try {
    const difference = byLines(documents(a), documents(b), trial);
    judge.adopt(trial);
    return difference;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return compareTrees(readJson(textOf(a)), readJson(textOf(b)), judge);
  }
}

const textOf = (data: Data): string => utf8Of(wholeOf(data, "JSON")) ?? "";

function* documents(data: Data): Generator<string> {
  for (const line of strictLines(data)) if (line.trim() !== "") yield line;
}

function byLines(a: Generator<string>, b: Generator<string>, judge: Judge): Difference | null {
  for (let index = 0; ; index += 1) {
    const [left, right] = [a.next(), b.next()];
    if (left.done === true && right.done === true) return null;
    if (left.done === true || right.done === true) {
      const [x, y] = [index + rest(left, a), index + rest(right, b)];
      return differs(": number of elements", `${x}`, `${y}`);
    }
    if (left.value === right.value) continue;
    judge.spendSteps(1, "JSON lines");
    const difference = compareTrees(readJson(left.value), readJson(right.value), judge, "", `[${index}]`);
    if (difference !== null) return difference;
  }
}

function rest(next: IteratorResult<string>, lines: Generator<string>): number {
  let count = next.done === true ? 0 : 1;
  for (const _ of lines) count += 1;
  return count;
}
