/** One number that the program reported. `step` is an epoch or step where the line had one, else its ordinal is used. */
export interface MetricPoint {
  readonly step: number | null;
  readonly value: number;
}

export interface MetricSeries {
  readonly name: string;
  readonly source: "stdout" | "stderr";
  readonly points: readonly MetricPoint[];
  /** Measures time or speed by its name and unit: shown, never a reason for `differs`. */
  readonly timing: boolean;
  /** The line was drawn again and again (a progress bar): only its last state counts, and how many there were does not. */
  readonly redrawn: boolean;
  /** Lines no longer read for metrics, and points beyond the cap, counted but not kept. */
  readonly dropped: number;
}

/** Parameters from the command line: --lr 0.1, --lr=0.1, lr=0.1 (Hydra), flags as "true". */
export interface Param {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}
