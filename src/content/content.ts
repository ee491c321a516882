import { differentBytes } from "./array/dtype.ts";
import { type Comparison, type Difference, Judge } from "./comparison.ts";
import { formatOf } from "./formats.ts";
import type { Origins } from "./origin.ts";
import { type Data, equalData, readData } from "./source.ts";
import { OverBudget, Unreadable, Unseen } from "./unseen.ts";

const DEPTH = 6;
/** What of a content that does not lie in memory its format is told by. */
const HEAD = 1 << 16;

/**
 * Compares two files by content. Equal bytes are equal; else both are read by the format that both have, and what the
 * format or the origin of the runs explains is set aside. What cannot be read differs when its bytes do. Contents that do
 * not lie in memory are read by positions where their format allows it.
 */
export function compareBytes(name: string, a: Data, b: Data, origins: Origins): Comparison {
  const judge = new Judge(origins);
  judge.inside = compareInside;
  try {
    return judge.result(compareInside(name, a, b, judge));
  } catch (error) {
    if (error instanceof Unseen) return judge.result(null, error.message);
    throw error;
  }
}

function compareInside(name: string, a: Data, b: Data, judge: Judge): Difference | null {
  if (equalData(a, b)) return null;
  const format = formatOf(name, headOf(a), headOf(b));
  if (format === undefined) {
    const difference = differentBytes(a, b);
    return { ...difference, where: `${difference.where} (compared by bytes: no reader knows this format)` };
  }
  if (judge.depth >= DEPTH) throw new OverBudget(`${name}: archives nested deeper than ${DEPTH}`);
  const trial = judge.trial();
  trial.depth = judge.depth + 1;
  try {
    trial.look();
    const difference = format.compare(name, a, b, trial);
    judge.adopt(trial);
    return difference;
  } catch (error) {
    // A reader that runs out of stack or length has met something made to do so.
    if (!(error instanceof Unreadable) && !(error instanceof RangeError)) throw error;
    const difference = differentBytes(a, b);
    return { ...difference, where: `${difference.where} (compared byte by byte: ${format.name}: ${error.message})` };
  }
}

const headOf = (data: Data): { head: Uint8Array; length: number } => ({
  head: data instanceof Uint8Array ? data : readData(data, 0, Math.min(data.length, HEAD)),
  length: data.length,
});
