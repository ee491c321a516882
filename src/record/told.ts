import type { Digest } from "./digest.ts";
import type { Known } from "./known.ts";

/** Where the program says it; null where no line of the user's own was on the stack. */
interface Place {
  readonly file: string | null;
  readonly line: number | null;
}

/** What the program says that it is to show: `reprise.claim("auc > 0.9")`. */
export interface Claim extends Place {
  readonly text: string;
}

/** What a model says of fixed inputs: `reprise.reference("held-out", x, y)`. */
export interface Reference extends Place {
  readonly name: string;
  /** Of the inputs: equal digests, equal inputs. */
  readonly inputs: Known<Digest>;
  /** A saved .npy file. */
  readonly predictions: Known<{ readonly digest: Digest; readonly bytes: number }>;
}

/** A checkpoint that the program says it has written: `reprise.checkpoint("model.pt", step=3)`. */
export interface Checkpoint extends Place {
  /** As paths of records are; a file or a folder. */
  readonly path: string;
  readonly step: number | null;
}

/** What a program tells Reprise about itself (docs/library.md), in the order in which it said it. */
export interface Told {
  readonly claims: readonly Claim[];
  readonly references: readonly Reference[];
  readonly checkpoints: readonly Checkpoint[];
}
