import type { CauseKind } from "#record";

/** One intervention from outside that takes a cause away, whatever the program does (docs/why.md). */
export interface Lever {
  readonly kind: CauseKind;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Put before the command. */
  readonly prefix?: readonly string[];
}
