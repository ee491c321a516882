/** A secret in a text: what lies from `start` to `end` is replaced. */
export interface Finding {
  /** Where what gives it away begins, such as the name before the value: a stream is not cut between the two. */
  readonly from: number;
  readonly start: number;
  readonly end: number;
  /** Short name of the rule, part of the marker. */
  readonly rule: string;
  /** What the secret is as a whole, when this is a part of it (one line of a private key). */
  readonly whole?: string;
  /** A further part of the finding before it, not counted again. */
  readonly further?: boolean;
  /** Its end has not been seen yet: more of it may follow. */
  readonly open?: boolean;
}

/**
 * How a text is to be read: in `code` a bare word after "=" is a name and not a value; in `binary` only what cannot be
 * an accident counts.
 */
export type TextKind = "text" | "code" | "binary";

/** One kind of secret: words that give it away, and the look at the place where one was found. */
export interface Rule {
  readonly words: readonly string[];
  /** The word must be written in just this letter case. */
  readonly exact: boolean;
  readonly kinds: readonly TextKind[];
  look(text: string, at: number, kind: TextKind): readonly Finding[];
}

export const EVERY_KIND: readonly TextKind[] = ["text", "code", "binary"];

export type Find = (bytes: Uint8Array, kind: TextKind) => readonly Finding[];

/** The bytes after redaction and how many secrets were replaced; the same object when there was none. */
export interface RedactedBytes {
  readonly bytes: Uint8Array;
  readonly count: number;
}
