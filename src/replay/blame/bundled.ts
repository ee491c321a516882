import type { Ingredient } from "../mix/ingredient.ts";
import type { Session } from "./session.ts";
import { type Found, type Question, type Set_, smallest } from "./smallest.ts";

/** What may be asked to tell the members of a guilty bundle apart: where they break one another it leads nowhere. */
const insideBudget = (members: number): number => 3 * Math.ceil(Math.log2(members)) + 4;

/**
 * A smallest set that suffices, where members that hang together are first taken or left together, and told apart only
 * once they are guilty: that spares the mixtures that break.
 */
export async function smallestBundled(session: Session, all: Set_, question: Question): Promise<Found> {
  const { bundles } = session.mixture;
  const likelier = (x: Ingredient, y: Ingredient): number => session.weightOf(y) - session.weightOf(x);
  const members = new Map(
    bundles.flatMap((bundle) => {
      // It is as likely to matter as the likeliest in it.
      const some = bundle.filter((one) => all.includes(one)).toSorted(likelier);
      const [first] = some;
      return first === undefined || some.length < 2 ? [] : [[first, some] as const];
    }),
  );
  const inside = new Set([...members].flatMap(([first, some]) => some.filter((one) => one !== first)));
  const expand = (some: Set_): Set_ => some.flatMap((one) => members.get(one) ?? [one]);
  const heads = all.filter((one) => !inside.has(one));
  if (heads.length === all.length) return smallest(session, all, question);
  const { found, complete } = await smallest(session, heads, (some) => question(expand(some)));
  let kept = expand(found);
  for (const head of complete ? found : []) {
    const some = members.get(head);
    if (some === undefined) continue;
    const others = kept.filter((one) => !some.includes(one));
    const among: Question = (few) => question([...others, ...few]);
    kept = [...others, ...(await smallest(session, some, among, insideBudget(some.length))).found];
  }
  return { found: kept, complete };
}
