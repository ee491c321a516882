import type { Proof } from "#record";
import { type Ingredient, labelOf, type Unmixable } from "../mix/ingredient.ts";
import { smallestBundled } from "./bundled.ts";
import type { MixCause } from "./cause.ts";
import type { Mixed } from "./mix-replay.ts";
import { byRows } from "./rows.ts";
import { runsOf, type Session } from "./session.ts";
import { givesB, partsA, type Question, type Set_, type Shrunk, shrink } from "./smallest.ts";

export interface Proved {
  readonly set: Set_;
  readonly causes: readonly MixCause[];
  readonly unresolved: readonly Unmixable[];
  readonly reason: string;
}

/** Both ways: B with the set from A must have A's results, A with the set from B must not. */
interface Confirmed {
  readonly mixed: readonly Mixed[];
  readonly transplanted: readonly Mixed[];
}

const times = (answers: readonly Mixed[]): string =>
  answers.length === 1 ? "" : `, ${answers.length} times of ${answers.length}`;

const everyIs = (answers: readonly Mixed[], ...outcomes: readonly Mixed["outcome"][]): boolean =>
  answers.every((one) => outcomes.includes(one.outcome));

const hasParted = ({ transplanted }: Confirmed): boolean => everyIs(transplanted, "like-b", "neither");

const namesOf = (found: Set_): string => found.map(labelOf).join(" and ");

async function confirm(session: Session, found: Set_): Promise<Confirmed> {
  const names = namesOf(found);
  const again = { times: session.times, complete: true };
  const mixed = await session.answers(new Set(found), `again: B with ${names} from A`, again);
  const transplanted = await session.answers(session.without(found), `A with ${names} from B`, again);
  return { mixed, transplanted };
}

/**
 * What more must come from B for A to have B's results (to part, where B itself does not repeat), if the set that suffices
 * the other way does not: two changes that only matter together are undone by taking back either, but it takes both to
 * bring the difference about.
 */
async function grow(session: Session, small: Shrunk, ask: (background: Set_) => Question): Promise<Shrunk> {
  const rest = session.mixture.ingredients.filter(
    (item) => !small.found.includes(item) && !hasRow(session, item, small),
  );
  const question = ask(small.found);
  const { found, complete } = await smallestBundled(session, rest, question);
  if (!complete || (await question(found)) !== "yes") return small;
  const more = found.length < 2 ? { found, unsure: [] } : await shrink(session, found, question);
  // Added because without it the mixture broke, not because it had been seen to matter.
  const broken = (await question([])) === "unresolved" ? more.found : more.unsure;
  const all = await byRows(session, [...small.found, ...more.found], more.found, ask);
  return { found: all, unsure: [...small.unsure, ...broken] };
}

/** Some rows of this file are in the set already. */
const hasRow = ({ mixture }: Session, file: Ingredient, { found }: Shrunk): boolean =>
  mixture.finer.get(file)?.some((row) => found.includes(row)) === true;

/** What A does with one of several causes from B: does that one part it alone? */
async function aloneOf(session: Session, item: Ingredient, count: number): Promise<MixCause["alone"]> {
  if (count === 1) return "independent";
  const answer = await partsA(session)([item]);
  return answer === "no" ? "interaction" : answer === "unresolved" ? null : "independent";
}

function reasonOf(found: Set_, confirmed: Confirmed): string {
  const names = namesOf(found);
  const mixed = confirmed.mixed.find((one) => one.outcome !== "like-a");
  if (mixed !== undefined) return `B with ${names} from A has not A's results: ${mixed.reason}`;
  if (hasParted(confirmed)) return `B with ${names} from A has A's results, and A with ${names} from B has not`;
  const [back] = confirmed.transplanted;
  const why =
    back?.outcome === "like-a" ? "still has A's results" : `could not be seen to part: ${back?.reason ?? "not done"}`;
  return `B with ${names} from A has A's results, but A with ${names} from B ${why}`;
}

function proofsOf(confirmed: Confirmed): Proof[] {
  const { mixed, transplanted } = confirmed;
  const parted = hasParted(confirmed) ? `A with this from B parts from A: ${transplanted[0]?.reason}` : null;
  return [
    { action: "mix", runs: runsOf(mixed), outcome: `B with this from A: ${mixed[0]?.reason}${times(mixed)}` },
    {
      action: "transplant",
      runs: runsOf(transplanted),
      outcome: `${parted ?? `A with this from B: ${transplanted[0]?.reason}`}${times(transplanted)}`,
    },
  ];
}

/**
 * Where each of the set breaks the program by itself, at least one of them is guilty though none can be shown to be: those
 * that do more than rename are told as what fits.
 */
function suspects({ found, unsure }: Shrunk, renames: ReadonlySet<Ingredient>): readonly [Set_, Set_] {
  if (unsure.length < found.length) return [unsure, []];
  const more = found.filter((item) => !renames.has(item));
  return more.length === 0 ? [[], found] : [found.filter((item) => renames.has(item)), more];
}

/** Shows that a set is guilty, as far as that can be shown, and says of each member what is known. */
export async function prove(session: Session, small: Shrunk): Promise<Proved> {
  const { mixture } = session;
  session.left = 2 * session.times + (small.found.length > 1 ? small.found.length : 0);
  let set = small;
  const { outcome: back } = await session.ask(session.without(small.found), `A with ${namesOf(small.found)} from B`, {
    complete: true,
  });
  const isWhole = async (): Promise<boolean> =>
    back === "like-b" || (back === "neither" && !(await session.repeatsB()));
  if (small.found.length < mixture.ingredients.length && !(await isWhole())) {
    const gives = (await session.repeatsB()) ? givesB : partsA;
    set = await grow(session, small, (background) => gives(session, background));
  }
  await session.lookAt(set.found);
  const confirmed = await confirm(session, set.found);
  const certain = hasParted(confirmed) && everyIs(confirmed.mixed, "like-a");
  const proof = proofsOf(confirmed);
  const causes: MixCause[] = [];
  const unresolved: Unmixable[] = [];
  const [unsure, together] = suspects(set, mixture.renames);
  for (const item of set.found) {
    if (together.includes(item)) causes.push({ ...item, certainty: "consistent", alone: null, proof });
    else if (unsure.includes(item))
      unresolved.push({
        ingredient: item,
        reason: "without it the mixture breaks: it may only keep the program whole",
      });
    else {
      const alone = certain ? await aloneOf(session, item, set.found.length) : null;
      causes.push({ ...item, certainty: certain ? "proved" : "consistent", alone, proof });
    }
  }
  return { set: set.found, causes, unresolved, reason: reasonOf(set.found, confirmed) };
}
