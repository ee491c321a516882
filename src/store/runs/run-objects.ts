import { type Digest, ORIGIN_FACT, type OriginFact, type RunId, type RunRecord } from "#record";
import type { Store } from "../store.ts";
import { digestsIn, objectsNamedBy } from "./named-objects.ts";

export interface RunObject {
  readonly digest: Digest;
  readonly bytes: number;
  /** Without it the record is not whole. */
  readonly needed: boolean;
}

/**
 * Every object of a run that the store holds: those without which its record is not whole, and whatever else the record
 * or what was found out about it since mentions. Throws STORE_MISSING_OBJECT where one of the first is gone.
 */
export function objectsOfRun(store: Store, record: RunRecord, kinds: readonly string[] = []): RunObject[] {
  const needed = objectsNamedBy(record);
  const facts = kinds.flatMap((kind) => store.runs.facts(record.id, kind).map(({ value }) => value));
  const mentioned = digestsIn(JSON.stringify([record, facts]));
  const found = new Set([...needed, ...mentioned.filter((digest) => store.objects.has(digest))]);
  return [...found].sort().map((digest) => ({ digest, bytes: store.objects.size(digest), needed: needed.has(digest) }));
}

/** Where a run came from that was made in another store; null: it was made here. */
export function originOf(store: Store, id: RunId): OriginFact | null {
  // Only commit() of a run that came in writes this kind, beside the record.
  const value = store.runs.facts(id, ORIGIN_FACT)[0]?.value;
  return value === undefined ? null : (value as unknown as OriginFact);
}
