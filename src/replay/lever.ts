import type { CauseKind } from "#record";

/** One intervention from outside that takes a cause away, whatever the program does (docs/why.md). */
export interface Lever {
  readonly kind: CauseKind;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** What the agent makes one of (docs/format/events.md, REPRISE_SERIAL). */
  readonly serial?: "workers" | "threads";
  /** Put before the command. */
  readonly prefix?: readonly string[];
  /** Its first replay only writes down what the others are given back. */
  readonly isWrittenFirst?: true;
}
