/** What a search may cost. Where both are bounded it ends with the first that is used up. */
export interface Budget {
  /** Replays that are made. */
  readonly replays?: number;
  /** No replay begins later; the last one is let run to its end. */
  readonly minutes?: number;
}

/** As a sentence names it. */
export function budgetText({ replays, minutes }: Budget): string {
  const time =
    minutes === undefined ? [] : [minutes < 2 ? `${Math.round(minutes * 60)} s` : `${+minutes.toFixed(1)} min`];
  return [...(replays === undefined ? [] : [`${replays} replays`]), ...time].join(" and ");
}

/** Counts what has been spent of a budget. */
export class Purse {
  readonly #from = performance.now();

  constructor(readonly budget: Budget) {}

  /** Replays that may still be made after so many. */
  left(spent: number): number {
    const { replays = Number.POSITIVE_INFINITY, minutes = Number.POSITIVE_INFINITY } = this.budget;
    return performance.now() - this.#from > minutes * 60_000 ? 0 : Math.max(0, replays - spent);
  }

  /** The same as people read it. */
  leftText(spent: number): string {
    const { replays, minutes } = this.budget;
    const time = (minutes ?? 0) * 60 - (performance.now() - this.#from) / 1000;
    return [
      ...(replays === undefined ? [] : [`${Math.max(0, replays - spent)} replays`]),
      ...(minutes === undefined ? [] : [`${Math.max(0, Math.round(time))} s`]),
    ].join(", ");
  }
}
