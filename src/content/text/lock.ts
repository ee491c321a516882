import type { Difference, Judge } from "../comparison.ts";
import type { Origin } from "../origin.ts";
import type { Data } from "../source.ts";
import { strictLines } from "./lines.ts";
import { matchOutput, matchText } from "./text.ts";

const LOCK = /(?:^|[/._-])(?:lock|lck|pid|rwlock)$/i;

/** What a program printed, kept as a file: lines are redrawn there as on a terminal. */
const OUTPUT = /(?:^|[/._-])(?:log|out|err|stdout|stderr)$/i;

/** Of a lock, which names a process or two. */
const SMALL = 1 << 16;

/** Compares two texts; in a file that is a lock by its name, ids of each run's own processes are set aside. */
export function compareTexts(name: string, a: Data, b: Data, judge: Judge): Difference | null {
  const trial = judge.trial();
  const match = OUTPUT.test(name) ? matchOutput : matchText;
  const difference = match(strictLines(a), strictLines(b), trial);
  const plain = difference === null ? null : withoutPids(name, a, b, judge);
  if (plain !== null) {
    judge.adopt(plain);
    return null;
  }
  judge.adopt(trial);
  return difference;
}

function withoutPids(name: string, a: Data, b: Data, judge: Judge): Judge | null {
  if (!LOCK.test(name) || Math.max(a.length, b.length) > SMALL) return null;
  const trial = judge.trial();
  const [x, y] = [[...strictLines(a)], [...strictLines(b)]];
  const [left, right] = [named(x, judge.origins.a), named(y, judge.origins.b)];
  if (left.join() === x.join() || right.join() === y.join() || matchText(left, right, trial) !== null) return null;
  trial.mask("process id in a lock file");
  return trial;
}

const named = (lines: readonly string[], origin: Origin): string[] =>
  lines.map((line) =>
    line.replace(/(?<![\w.])\d+(?![\w.])/g, (digits) => (origin.pids.includes(Number(digits)) ? "<process>" : digits)),
  );
