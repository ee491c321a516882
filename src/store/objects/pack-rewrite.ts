import { statSync } from "node:fs";
import { type Digest, RepriseError } from "#record";
import { systemCode } from "../failure.ts";
import type { Layout } from "../layout.ts";
import type { LooseObjects } from "./loose-objects.ts";
import { readChecked } from "./object-restore.ts";
import type { PackEntry } from "./pack-format.ts";
import { PackWriter } from "./pack-writer.ts";
import type { PackedObjects } from "./packed-objects.ts";

/**
 * A pack of which more than this share is surplus is worth writing what is left of it anew (docs/decisions/0014). Less would
 * copy the same bytes again and again, more would keep what nobody needs.
 */
const MOST_SURPLUS = 0.5;
/** Less is not worth a file and its fsync. */
const LEAST_SURPLUS_BYTES = 64 << 10;

/** A pack that holds what is needed, and more that is not. */
export interface SurplusPack {
  readonly path: string;
  readonly kept: readonly PackEntry[];
  /** What nobody needs. */
  readonly dropped: readonly Digest[];
  readonly droppedBytes: number;
}

const sizeOf = (entries: readonly PackEntry[]): number => entries.reduce((sum, { bytes }) => sum + bytes, 0);

/** Old packs that are mostly surplus; one of which nothing is needed goes as it is, and a damaged one never. */
export function* surplusPacks(packs: PackedObjects, named: ReadonlySet<Digest>, before: number): Iterable<SurplusPack> {
  for (const { path, entries } of packs.contents()) {
    const kept = entries?.filter(({ digest }) => named.has(digest)) ?? [];
    if (entries === null || kept.length === 0) continue;
    const [all, needed] = [sizeOf(entries), sizeOf(kept)];
    if (all - needed <= Math.max(all * MOST_SURPLUS, LEAST_SURPLUS_BYTES)) continue;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.mtimeMs >= before) continue;
    const dropped = entries.flatMap(({ digest }) => (named.has(digest) ? [] : [digest]));
    yield { path, kept, dropped, droppedBytes: all - needed };
  }
}

/**
 * What is needed of a pack in a pack of its own, durable on return; the old one is still there. False: something in it is damaged,
 * which is for repair, or there is no room for another one. In the order of their digests: begun again it is the same file.
 */
export function writeAnew({ path, kept }: SurplusPack, layout: Layout, loose: LooseObjects): boolean {
  const writer = new PackWriter(layout.packs, () => loose.waitingPath());
  try {
    for (const entry of kept.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)))
      writer.add(entry.digest, readChecked(path, entry.digest, { path, ...entry }));
    writer.finish();
    return true;
  } catch (error) {
    const isDamaged = error instanceof RepriseError && error.code.endsWith("_OBJECT");
    if (isDamaged || ["ENOSPC", "EDQUOT"].includes(systemCode(error) ?? "")) return false;
    throw error;
  } finally {
    writer.abort();
  }
}
