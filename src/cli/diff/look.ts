import type { Colors } from "../output.ts";

/** How a diff is shown. */
export interface DiffLook {
  readonly colors: Colors;
  readonly columns: number;
  /** Curves out of block characters, or out of digits where those cannot be shown. */
  readonly plot: "blocks" | "digits" | "none";
  /** Everything, instead of the beginning of what is long. */
  readonly all: boolean;
  /** To see what was folded away. */
  readonly more: string;
}
