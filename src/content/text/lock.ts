import type { Difference, Judge } from "../comparison.ts";
import type { Origin } from "../origin.ts";
import { matchText } from "./text.ts";

const LOCK = /(?:^|[/._-])(?:lock|lck|pid|rwlock)$/i;

/** Compares two texts; in a file that is a lock by its name, ids of each run's own processes are set aside. */
export function compareTexts(name: string, a: string, b: string, judge: Judge): Difference | null {
  const trial = judge.trial();
  const difference = matchText(a.split("\n"), b.split("\n"), trial);
  const plain = difference === null ? null : withoutPids(name, a, b, judge);
  if (plain !== null) {
    judge.adopt(plain);
    return null;
  }
  judge.adopt(trial);
  return difference;
}

function withoutPids(name: string, a: string, b: string, judge: Judge): Judge | null {
  if (!LOCK.test(name)) return null;
  const trial = judge.trial();
  const [left, right] = [named(a, judge.origins.a), named(b, judge.origins.b)];
  if (left === a || right === b || matchText(left.split("\n"), right.split("\n"), trial) !== null) return null;
  trial.mask("process id in a lock file");
  return trial;
}

const named = (text: string, origin: Origin): string =>
  text.replace(/(?<![\w.])\d+(?![\w.])/g, (digits) => (origin.pids.includes(Number(digits)) ? "<process>" : digits));
