import { lstatSync, readdirSync, renameSync, rmSync, statSync, unlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { type Digest, digestOf, type RunId } from "#record";
import { ChunkedObjects } from "./chunks/chunked-objects.ts";
import { addingSince, lostVersions, manifestsSince } from "./data/sqlite-versions.ts";
import { VersionCopies } from "./data/version-copies.ts";
import type { Database } from "./database.ts";
import { corruptDatabase, guarded, systemCode } from "./failure.ts";
import type { Layout } from "./layout.ts";
import { ofDataVersion, withPieces } from "./needed.ts";
import type { DiskObjects } from "./objects/disk-objects.ts";
import { FRESH_MS } from "./objects/fresh-mark.ts";
import { LooseObjects } from "./objects/loose-objects.ts";
import { type SurplusPack, surplusPacks, writeAnew } from "./objects/pack-rewrite.ts";
import { PackedObjects } from "./objects/packed-objects.ts";
import { digestsIn } from "./runs/named-objects.ts";
import type { OpenRuns } from "./runs/open-runs.ts";
import { corruptRecord } from "./runs/record-row.ts";
import { isWhole } from "./runs/row-digest.ts";
import { completeLogs } from "./runs/run-copies.ts";
import type { RunLogs } from "./runs/run-log.ts";
import { statements } from "./tables.ts";

const HOUR_MS = 60 * 60_000;

/** So many objects go under one lock: nobody who wants to commit a run waits long. */
const PORTION = 200;

export interface GarbageReport {
  readonly objects: number;
  readonly bytes: number;
  /** Left behind in `tmp` and `runs`. */
  readonly folders: number;
}

export interface GarbageOptions {
  readonly minimumAgeMs?: number;
  /** Only says what would go. */
  readonly dryRun?: boolean;
}

/** The parts of a store that gc looks at. */
export interface Collected {
  readonly layout: Layout;
  readonly database: Database;
  readonly logs: RunLogs;
  readonly open: OpenRuns;
  readonly objects: DiskObjects;
}

/**
 * Digests that records, facts, open runs and versions of data mention, and the pieces of these; asked again, it reads only
 * what came since.
 */
class Mentions {
  readonly #database: Database;
  readonly #objects: DiskObjects;
  readonly #found = new Set<Digest>();
  readonly #runs = new Set<RunId>();
  #records = 0;
  #facts = 0;
  #data = 0;

  constructor({ database, objects }: Collected) {
    this.#database = database;
    this.#objects = objects;
  }

  /** Throws when a text, a manifest or a list of pieces is not as it was written: what it mentioned cannot be told then. */
  update(): ReadonlySet<Digest> {
    for (const row of this.#database.rows("SELECT * FROM records WHERE seq > ? ORDER BY seq", this.#records)) {
      const id = String(row.id);
      if (digestOf(String(row.json)) !== row.digest) throw corruptRecord(id);
      this.#records = Math.max(this.#records, Number(row.seq));
      this.#runs.add(id);
      this.#add(row.json);
    }
    for (const row of this.#database.rows("SELECT * FROM facts WHERE seq > ? ORDER BY seq", this.#facts)) {
      if (!isWhole(row)) throw corruptRecord(String(row.run_id));
      this.#facts = Math.max(this.#facts, Number(row.seq));
      this.#add(row.json);
    }
    for (const row of this.#database.rows("SELECT details FROM open_runs")) this.#add(row.details);
    const { manifests, seq } = manifestsSince(this.#database, this.#data);
    for (const manifest of manifests)
      for (const digest of ofDataVersion(this.#objects, manifest)) this.#found.add(digest);
    this.#data = seq;
    return this.#found;
  }

  hasSeen(id: RunId): boolean {
    return this.#runs.has(id);
  }

  #add(text: unknown): void {
    for (const digest of digestsIn(String(text)))
      if (!this.#found.has(digest)) for (const part of withPieces(this.#objects, digest)) this.#found.add(part);
  }
}

/** Refuses to go by a database that is damaged, or that has lost a run whose copy is there: its objects would go for good. */
function checkWhole({ layout, database, logs }: Collected, ids: readonly RunId[], mentions: Mentions): void {
  for (const row of database.rows("PRAGMA quick_check(1)")) {
    if (row.quick_check !== "ok") throw corruptDatabase(layout.root, new Error(String(row.quick_check)));
  }
  const [lost] = lostVersions(database, new VersionCopies(layout));
  if (lost !== undefined)
    throw corruptDatabase(layout.root, new Error(`it has lost the data ${lost.name}@${lost.version}`));
  for (const id of ids) {
    if (mentions.hasSeen(id)) continue;
    const removed = database.first(statements.selectFrom("removed_runs").select("id").where("id", "=", id));
    if (removed === undefined && logs.has(id))
      throw corruptDatabase(layout.root, new Error(`it has lost the run ${id}`));
  }
}

/** Younger than this stays: an hour, and all that a run in progress, or data that is being added, may have put. */
const oldestNeeded = ({ open, database }: Collected, minimumAgeMs: number): number =>
  Math.min(Date.now() - minimumAgeMs, ...[...open.begun(), addingSince(database)].map((begun) => begun - FRESH_MS));

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

/** How long it is, if it would go. */
function sizeOfOld(path: string, before: number): number | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined || stat.mtimeMs >= before ? null : stat.size;
}

function removeFolders(folder: string, before: number, keep: ReadonlySet<string>, dryRun: boolean): number {
  let removed = 0;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined || keep.has(name) || stat.mtimeMs >= before) continue;
    if (!dryRun) rmSync(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

interface Candidate {
  readonly path: string;
  readonly digests: readonly Digest[];
}

/**
 * Files of objects that nobody mentions. A pack goes when nothing in it is mentioned, a damaged one never. Lists of pieces
 * come first: what is cut off must not leave one whose pieces are gone.
 */
function unnamed(layout: Layout, loose: LooseObjects, named: ReadonlySet<Digest>): Candidate[] {
  const lists = Array.from(new ChunkedObjects(layout.objects).all(), ({ path, digest }) => ({
    path,
    digests: [digest],
  }));
  const files = Array.from(loose.all(), ({ path, digest }) => ({ path, digests: [digest] }));
  const packs = [...new PackedObjects(layout.packs).all()].flatMap(({ path, digests }) =>
    digests === null ? [] : [{ path, digests }],
  );
  return [...lists, ...files, ...packs].filter(({ digests }) => !digests.some((digest) => named.has(digest)));
}

interface Freed {
  objects: number;
  bytes: number;
}

function add(sum: Freed, { objects, bytes }: Readonly<Freed>): void {
  sum.objects += objects;
  sum.bytes += bytes;
}

interface SweepOptions {
  readonly before: number;
  readonly minimumAgeMs: number;
  readonly dryRun: boolean;
}

/** Takes files away under the database's lock, in which nobody can begin to name what is in them. */
class Sweep {
  constructor(
    private readonly collected: Collected,
    private readonly mentions: Mentions,
    private readonly loose: LooseObjects,
    private readonly options: SweepOptions,
  ) {}

  #removeOld(path: string): number | null {
    const { before, minimumAgeMs, dryRun } = this.options;
    const since = Math.min(before, oldestNeeded(this.collected, minimumAgeMs));
    return dryRun ? sizeOfOld(path, since) : removeOld(path, this.loose.waitingPath(), since);
  }

  remove(candidates: readonly Candidate[]): Freed {
    return this.collected.database.transaction(() => {
      const now = this.mentions.update();
      const freed = { objects: 0, bytes: 0 };
      for (const { digests, path } of candidates) {
        const bytes = digests.some((digest) => now.has(digest)) ? null : this.#removeOld(path);
        if (bytes !== null) add(freed, { objects: digests.length, bytes });
      }
      return freed;
    });
  }

  /**
   * A pack that is mostly surplus: what is needed of it is durable in another one before it goes. Whoever has just looked
   * finds that one (DiskObjects), and nothing goes that was named meanwhile, or marked as new.
   */
  shrink(pack: SurplusPack): Freed {
    const { path, dropped, droppedBytes } = pack;
    const { dryRun } = this.options;
    if (!dryRun && !writeAnew(pack, this.collected.layout, this.loose)) return { objects: 0, bytes: 0 };
    return this.collected.database.transaction(() => {
      const now = this.mentions.update();
      const isGone = !dropped.some((digest) => now.has(digest)) && this.#removeOld(path) !== null;
      return isGone ? { objects: dropped.length, bytes: droppedBytes } : { objects: 0, bytes: 0 };
    });
  }
}

export function collectGarbage(collected: Collected, options: GarbageOptions = {}): GarbageReport {
  const { layout, database, logs, open } = collected;
  const { minimumAgeMs = HOUR_MS, dryRun = false } = options;
  return guarded(layout.root, "write", () => {
    const loose = new LooseObjects(layout);
    const mentions = new Mentions(collected);
    // Before the database is read: a log is written after its run is kept there.
    const ids = [...logs.ids()];
    const before = oldestNeeded(collected, minimumAgeMs);
    const named = mentions.update();
    checkWhole(collected, ids, mentions);
    if (!dryRun) completeLogs(database, logs);
    const sum = { objects: 0, bytes: 0 };
    const sweep = new Sweep(collected, mentions, loose, { before, minimumAgeMs, dryRun });
    try {
      const candidates = unnamed(layout, loose, named);
      for (let at = 0; at < candidates.length; at += PORTION)
        add(sum, sweep.remove(candidates.slice(at, at + PORTION)));
      for (const pack of surplusPacks(new PackedObjects(layout.packs), named, before)) add(sum, sweep.shrink(pack));
    } finally {
      loose.close();
    }
    // Asked again: a run may have begun since.
    const old = Math.min(before, oldestNeeded(collected, minimumAgeMs));
    const unfinished = new Set(open.all().map(({ folder }) => basename(folder)));
    const folders =
      removeFolders(layout.temporary, old, new Set(), dryRun) + removeFolders(layout.runs, old, unfinished, dryRun);
    return { ...sum, folders };
  });
}
