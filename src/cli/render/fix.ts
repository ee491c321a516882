import { fixes } from "#diagnose";
import type { Hold, RunRecord } from "#record";
import { safe } from "./escape.ts";
import { shellLine } from "./words.ts";

export interface Fix {
  /** To paste into the program, each an alternative. */
  readonly code: readonly string[];
  /** To type instead; null: no command can do it. */
  readonly command: string | null;
}

/** The call by which the user's code brings the cause in: "numpy.random.default_rng". */
export function callOf(hold: Pick<Hold, "words">): string {
  const at = hold.words.indexOf(": ");
  return at === -1 ? "" : hold.words.slice(0, at);
}

/** What to paste and what to type, by kind of cause and name of the call. */
export function fixFor(hold: Pick<Hold, "kind" | "words">, run: RunRecord): Fix {
  const seeds = hold.kind === "unseeded-rng" || hold.kind === "hash-order";
  const named = /^reprise\.seed\("(.+)"\)$/.exec(callOf(hold))?.[1];
  const seed = named === undefined ? "42" : `${named}=42`;
  const command = seeds ? `reprise run --seed ${seed} -- ${safe(shellLine(run.command.argv))}` : null;
  return { code: fixes({ kind: hold.kind, call: callOf(hold), source: null }).map(safe), command };
}
