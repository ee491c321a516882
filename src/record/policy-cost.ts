/** What one lever costs on this run, by replays with it and without it in turn. */
export interface LeverCost {
  /** "all" for all levers of the policy together. */
  readonly lever: string;
  /** Shortest time with it over shortest time without it. */
  readonly ratio: number;
  /** The most that the two shortest times of equal replays lie apart, relative: one figure for all levers. */
  readonly noise: number;
  readonly withinNoise: boolean;
}

/** A fact about a run under a policy (kind `policy-cost`). */
export interface PolicyCost {
  /** Of what the times are: an optimizer step, or the whole run where there are none. */
  readonly per: "step" | "run";
  /** The shortest without any lever; of steps, what one in ten stays below. */
  readonly seconds: number;
  /** Replays of each kind. */
  readonly rounds: number;
  readonly levers: readonly LeverCost[];
  /** Levers without a figure, and why. */
  readonly left: readonly { readonly lever: string; readonly why: string }[];
}
