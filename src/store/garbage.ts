import { lstatSync, readdirSync, renameSync, rmSync, statSync, unlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { Digest } from "#record";
import type { Database } from "./database.ts";
import { guarded, systemCode } from "./failure.ts";
import type { Layout } from "./layout.ts";
import { FRESH_MS } from "./objects/fresh-mark.ts";
import { LooseObjects } from "./objects/loose-objects.ts";
import { PackedObjects } from "./objects/packed-objects.ts";
import { digestsIn } from "./runs/named-objects.ts";
import type { Runs } from "./runs/runs.ts";

const HOUR_MS = 60 * 60_000;

/** So many objects go under one lock: nobody who wants to commit a run waits long. */
const PORTION = 200;

export interface GarbageReport {
  readonly objects: number;
  readonly bytes: number;
  /** Left behind in `tmp` and `runs`. */
  readonly folders: number;
}

/** Digests that records, facts and open runs mention; asked again, it reads only what came since. */
class Mentions {
  readonly #database: Database;
  readonly #found = new Set<Digest>();
  #records = 0;
  #facts = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  update(): ReadonlySet<Digest> {
    for (const row of this.#database.rows("SELECT seq, json FROM records WHERE seq > ?", this.#records)) {
      this.#records = Math.max(this.#records, Number(row.seq));
      this.#add(row.json);
    }
    for (const row of this.#database.rows("SELECT seq, json FROM facts WHERE seq > ?", this.#facts)) {
      this.#facts = Math.max(this.#facts, Number(row.seq));
      this.#add(row.json);
    }
    for (const row of this.#database.rows("SELECT details FROM open_runs")) this.#add(row.details);
    return this.#found;
  }

  #add(text: unknown): void {
    for (const digest of digestsIn(String(text))) this.#found.add(digest);
  }
}

/** Younger than this stays: an hour, and all that a run in progress may have put. */
function oldestNeeded(runs: Runs, minimumAgeMs: number): number {
  const begun = runs
    .unfinished()
    .filter(({ state }) => state !== "broken")
    .map(({ startedAt }) => Date.parse(startedAt) - FRESH_MS);
  return Math.min(Date.now() - minimumAgeMs, ...begun);
}

/**
 * Removes one object, and says how long it was, unless somebody has just put it again. Who puts it marks it as new, or finds it gone and writes it;
 * looking at the mark after taking it away leaves no moment between.
 */
function removeOld(path: string, aside: string, before: number): number | null {
  const old = statSync(path, { throwIfNoEntry: false });
  if (old === undefined || old.mtimeMs >= before) return null;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
  if (statSync(aside).mtimeMs >= before) {
    renameSync(aside, path);
    return null;
  }
  unlinkSync(aside);
  return old.size;
}

function removeFolders(folder: string, before: number, keep: ReadonlySet<string>): number {
  let removed = 0;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined || keep.has(name) || stat.mtimeMs >= before) continue;
    rmSync(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

interface Candidate {
  readonly path: string;
  readonly digests: readonly Digest[];
}

/** Files of objects that nobody mentions. A pack goes when nothing in it is mentioned, a damaged one never. */
function unnamed(layout: Layout, loose: LooseObjects, named: ReadonlySet<Digest>): Candidate[] {
  const files = Array.from(loose.all(), ({ path, digest }) => ({ path, digests: [digest] }));
  const packs = [...new PackedObjects(layout.packs).all()].flatMap(({ path, digests }) =>
    digests === null ? [] : [{ path, digests }],
  );
  return [...files, ...packs].filter(({ digests }) => !digests.some((digest) => named.has(digest)));
}

export function collectGarbage(layout: Layout, database: Database, runs: Runs, minimumAgeMs = HOUR_MS): GarbageReport {
  return guarded(layout.root, "write", () => {
    const loose = new LooseObjects(layout);
    const mentions = new Mentions(database);
    const before = oldestNeeded(runs, minimumAgeMs);
    const named = mentions.update();
    const candidates = unnamed(layout, loose, named);
    let objects = 0;
    let bytes = 0;
    try {
      for (let at = 0; at < candidates.length; at += PORTION) {
        database.transaction(() => {
          const now = mentions.update();
          const since = Math.min(before, oldestNeeded(runs, minimumAgeMs));
          for (const { digests, path } of candidates.slice(at, at + PORTION)) {
            const needed = digests.some((digest) => now.has(digest));
            const freed = needed ? null : removeOld(path, loose.waitingPath(), since);
            if (freed === null) continue;
            objects += digests.length;
            bytes += freed;
          }
        });
      }
    } finally {
      loose.close();
    }
    const open = new Set(runs.unfinished().map(({ folder }) => basename(folder)));
    const folders = removeFolders(layout.temporary, before, new Set()) + removeFolders(layout.runs, before, open);
    return { objects, bytes, folders };
  });
}
