/** Asks whether results agree while just these factors are held. */
export type Trial<F> = (held: readonly F[]) => Promise<boolean>;

export interface Narrowed<F> {
  /** A set that suffices; smallest (no member can be left out) when `complete`. */
  readonly held: readonly F[];
  readonly complete: boolean;
}

class Spent extends Error {}

/**
 * The smallest set of factors that must be held, by QuickXplain (Junker 2004): about k·log2(n/k) + 2k trials for k guilty
 * factors of n. Assumes that holding more never makes results part, and that all together suffice (shown before).
 * When `budget` trials are used up, what is left undecided stays in the set and `complete` is false.
 */
export async function narrow<F>(factors: readonly F[], trial: Trial<F>, budget: number): Promise<Narrowed<F>> {
  let left = budget;
  let undecided: readonly F[] = factors;
  const ask: Trial<F> = async (held) => {
    if (left <= 0) throw new Spent();
    left -= 1;
    return trial(held);
  };
  async function search(background: readonly F[], grown: boolean, rest: readonly F[]): Promise<readonly F[]> {
    if (grown && (await ask(background))) {
      undecided = undecided.filter((factor) => !rest.includes(factor));
      return [];
    }
    if (rest.length <= 1) return rest;
    const middle = Math.ceil(rest.length / 2);
    const [first, second] = [rest.slice(0, middle), rest.slice(middle)];
    const fromSecond = await search([...background, ...first], first.length > 0, second);
    const fromFirst = await search([...background, ...fromSecond], fromSecond.length > 0, first);
    return [...fromFirst, ...fromSecond];
  }
  try {
    return { held: await search([], false, factors), complete: true };
  } catch (error) {
    if (!(error instanceof Spent)) throw error;
    return { held: undecided, complete: false };
  }
}
