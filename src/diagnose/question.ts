import type { CauseKind } from "#record";
import { quoted } from "./shell.ts";

export interface FixQuestion {
  readonly kind: CauseKind;
  /**
   * The call by which the user's code brings the cause in, such as "numpy.random.default_rng"; with the library that made it
   * for the user behind it, as "numpy.random (optuna)"; "" when none is known.
   */
  readonly call: string;
  /** The line of the program, as it stands there; null when it is not to be had. */
  readonly source: string | null;
  /** The whole file that the line is of; null when it is not to be had. */
  readonly text?: string | null;
  /** What was typed to run the program. */
  readonly argv?: readonly string[];
}

/** The command to type, with something before the program's own; nothing when that is not known. */
export const typed = (before: string, { argv = [] }: FixQuestion): string[] =>
  argv.length === 0 ? [] : [`${before} ${argv.map(quoted).join(" ")}`];
