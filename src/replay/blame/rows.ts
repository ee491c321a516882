import type { Ingredient } from "../mix/ingredient.ts";
import type { Session } from "./session.ts";
import { type Question, type Set_, smallest } from "./smallest.ts";

/** What a file's rows may cost, once the file is known to be guilty. */
const rowBudget = (rows: number): number => 2 * Math.ceil(Math.log2(rows)) + 6;
/** More guilty rows than this are told as the file. */
const MOST_ROWS = 6;

/** Guilty data files among `some` by their guilty rows, where those are few. `ask` puts the question beside the rest. */
export async function byRows(
  session: Session,
  found: Set_,
  some: Set_,
  ask: (others: Set_) => Question,
): Promise<readonly Ingredient[]> {
  let kept = found;
  for (const file of some) {
    const rows = session.mixture.finer.get(file);
    // What is needed to prove the file itself comes first.
    if (rows === undefined || session.allowance < rowBudget(rows.length) + 2 * session.times + 2) continue;
    const others = kept.filter((item) => item !== file);
    const { found: few, complete } = await smallest(session, rows, ask(others), rowBudget(rows.length));
    if (complete && few.length <= MOST_ROWS) kept = [...others, ...few];
  }
  return kept;
}
