import type { DiffDocument } from "#compare";
import { COMPARE_DEFAULTS, type CompareDocument } from "#record";
import { type CompareOptions, compareRuns, diffRuns, runHere } from "#replay";
import type { RunRef, Store } from "#store";
import { definedOnly, type Environment, version } from "./request.ts";

type CompareSettings = Partial<Omit<CompareOptions, "a" | "b" | "env" | "store" | "version">>;

/** Whatever is left out is as `reprise compare` has it. */
export interface CompareRequest extends CompareSettings {
  readonly a: RunRef;
  /** The run that may be better. */
  readonly b: RunRef;
  readonly store: Store;
  readonly env: Environment;
}

/** Says whether B is better than A or was lucky, as `reprise compare` does, and keeps the answer as a fact of A. */
export function compare(request: CompareRequest): Promise<CompareDocument> {
  const { a, b, store, env } = request;
  const runs = { a: runHere(store, a), b: runHere(store, b) };
  return compareRuns({ ...COMPARE_DEFAULTS, ...request, ...runs, version: version(), env: definedOnly(env) });
}

export interface DiffRequest {
  readonly store: Store;
  /** Where git is found (PATH), and secrets that are not to be shown; without it code that differs in git stays unknown. */
  readonly env?: Environment;
}

/** What differs between two runs, section by section, as `reprise diff` does. Nothing of the user's is run. */
export function diff(a: RunRef, b: RunRef, { store, env }: DiffRequest): Promise<DiffDocument> {
  return diffRuns({ a: store.runs.get(a), b: store.runs.get(b), store, env: definedOnly(env ?? {}) });
}
