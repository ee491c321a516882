import { type Ingredient, labelOf } from "../mix/ingredient.ts";
import { narrow } from "../narrow.ts";
import type { Session } from "./session.ts";

export type Set_ = readonly Ingredient[];

/** yes: these suffice. no: they change nothing. partly: they change something. unresolved: nobody knows what they do. */
type Answer = "yes" | "no" | "partly" | "unresolved";
export type Question = (some: Set_) => Promise<Answer>;

const name = (some: Set_): string => (some.length === 1 ? some.map(labelOf).join("") : `${some.length} differences`);

/** Has B the results of A once these come from A, beside `background`? */
export function givesA(session: Session, background: Set_ = []): Question {
  return async (some) => {
    const { outcome } = await session.ask(new Set([...background, ...some]), `B with ${name(some)} from A`);
    return outcome === "like-a" ? "yes" : outcome === "like-b" ? "no" : outcome === "neither" ? "partly" : "unresolved";
  };
}

/** Has A the results of B once these come from B, beside `background`? */
export function givesB(session: Session, background: Set_ = []): Question {
  return async (some) => {
    const choice = session.without([...background, ...some]);
    const { outcome } = await session.ask(choice, `A with ${name(some)} from B`, { complete: true });
    return outcome === "like-b" ? "yes" : outcome === "like-a" ? "no" : outcome === "neither" ? "partly" : "unresolved";
  };
}

/** Does A part from its results once these come from B, beside `background`? */
export function partsA(session: Session, background: Set_ = []): Question {
  return async (some) => {
    const choice = session.without([...background, ...some]);
    const { outcome } = await session.ask(choice, `A with ${name(some)} from B`, { complete: true });
    return outcome === "like-a" ? "no" : outcome === "unresolved" ? "unresolved" : "yes";
  };
}

interface Halved {
  /** null: an answer said that no single one is guilty. */
  readonly found: Set_ | null;
  /** What was left then, and what had answered. */
  readonly left: Set_;
  /** The smallest half that was seen to suffice; null: none was. */
  readonly enough: Set_ | null;
}

/** Where both halves are as likely to hold the guilty one: what hardly ever matters costs one question together. */
function middleOf(session: Session, left: Set_): number {
  const sums: number[] = [];
  for (const item of left) sums.push((sums.at(-1) ?? 0) + session.weightOf(item));
  const half = (sums.at(-1) ?? 0) / 2;
  const off = (at: number): number => Math.abs((sums[at - 1] ?? 0) - half);
  let middle = 1;
  // Half of what is equally likely: sums of such numbers are not always exact.
  for (let at = 2; at < left.length; at++) if (off(at) <= off(middle) + 1e-9) middle = at;
  return middle;
}

/**
 * One guilty among many, by halving: a half that suffices holds it, one that changes nothing does not. Ends as soon as an
 * answer says otherwise: several are guilty together, or hidden behind one that breaks the program.
 */
async function one(session: Session, all: Set_, question: Question): Promise<Halved> {
  let left = all;
  let enough: Set_ | null = null;
  while (left.length > 1) {
    session.left = Math.ceil(Math.log2(left.length)) + 1 + 2 * session.times;
    const middle = middleOf(session, left);
    const [first, second] = [left.slice(0, middle), left.slice(middle)];
    const answer = await question(first);
    if (answer === "yes") enough = left = first;
    else if (answer === "no") left = second;
    else if (answer === "partly") return { found: null, left, enough };
    else {
      const other = await question(second);
      if (other !== "yes" && other !== "no") return { found: null, left, enough };
      if (other === "yes") enough = left = second;
      else left = first;
    }
  }
  return { found: (await question(left)) === "yes" ? left : null, left, enough };
}

export interface Found {
  readonly found: Set_;
  readonly complete: boolean;
}

/**
 * A smallest set that suffices; none where not even all do. A mixture that breaks counts as one that does not suffice, so
 * the set can hold what is there only to keep the program whole: shrink() takes that out.
 */
export async function smallest(
  session: Session,
  all: Set_,
  question: Question,
  most = Number.POSITIVE_INFINITY,
): Promise<Found> {
  const start = session.replays;
  const { found, left, enough } = await one(session, all, question);
  if (found !== null) return { found, complete: true };
  const known = enough ?? all;
  if (enough === null && (await question(all)) !== "yes") return { found: [], complete: true };
  // What halving has left out already stays out where the rest suffices.
  const among = left.length > 1 && left.length < known.length && (await question(left)) === "yes" ? left : known;
  const budget = Math.min(most, session.allowance + 1) - (session.replays - start);
  const several = await narrow(among, async (held) => (await question(held)) === "yes", Math.max(0, budget));
  return { found: several.held, complete: several.complete };
}

export interface Shrunk {
  readonly found: Set_;
  /** Without these the mixture could not be made or broke: nobody knows whether they are needed for the results. */
  readonly unsure: Set_;
}

/** Each of the set left out once: what is not needed goes, what is needed is shown to be. */
export async function shrink(session: Session, found: Set_, question: Question): Promise<Shrunk> {
  let kept = found;
  const leaveOut = async (): Promise<Ingredient[]> => {
    const unsure: Ingredient[] = [];
    for (const item of kept) {
      if (kept.length === 1) break;
      const rest = kept.filter((other) => other !== item);
      const answer = await question(rest);
      if (answer === "yes") {
        kept = rest;
        return leaveOut();
      }
      if (answer === "unresolved") unsure.push(item);
    }
    return unsure;
  };
  for (;;) {
    const unsure = await leaveOut();
    if (unsure.length < 2) return { found: kept, unsure };
    // Alone each of them breaks the program, such as a name and its uses: perhaps none of them is needed.
    const sure = kept.filter((item) => !unsure.includes(item));
    if (sure.length > 0 && (await question(sure)) === "yes") {
      kept = sure;
      continue;
    }
    const trial = async (some: Set_): Promise<boolean> => (await question([...sure, ...some])) === "yes";
    const other = await narrow([...unsure].reverse(), trial, session.allowance + 1);
    if (other.held.length >= unsure.length) return { found: kept, unsure };
    kept = [...sure, ...other.held];
  }
}
