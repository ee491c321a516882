import { type CauseKind, canonicalJson, digestOf } from "#record";

/** One thing in which two recorded runs differ and which a replay can take from either (docs/decisions/0004). */
export interface Ingredient {
  readonly kind: CauseKind;
  /** Package, key, variable, data file and row; for code the file. */
  readonly name: string;
  /** Relative to the project. */
  readonly file: string | null;
  /** In the file as run B had it; as run A had it where B lacks the line. */
  readonly line: number | null;
  readonly words: string;
  readonly a: string | null;
  readonly b: string | null;
}

export interface Unmixable {
  readonly ingredient: Ingredient;
  readonly reason: string;
}

const MOST_SHOWN = 160;

/** A value as a cause shows it: its beginning, on few lines. */
export function shown(text: string): string {
  const short = text.replace(/\s+$/, "");
  return short.length <= MOST_SHOWN ? short : `${short.slice(0, MOST_SHOWN - 1)}…`;
}

/** The same in every invocation, as records never change. */
export function idOf(ingredient: Ingredient): string {
  return digestOf(canonicalJson(ingredient)).slice("sha256:".length, "sha256:".length + 20);
}

/** What of the two runs a replay shall have: these from A, all else from B. */
export type Choice = ReadonlySet<Ingredient>;

const CALLS: readonly CauseKind[] = ["unseeded-rng", "listing-order", "wall-clock", "os-entropy", "other"];

/** As a sentence names it. */
export function labelOf({ kind, file, line, name }: Ingredient): string {
  if (file === null || line === null) return name;
  if (kind === "code") return `${file}:${line}`;
  return CALLS.includes(kind) ? `${name} at ${file}:${line}` : name;
}
