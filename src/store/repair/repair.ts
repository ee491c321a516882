import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Digest, RepriseError } from "#record";
import { ChunkedObjects } from "../chunks/chunked-objects.ts";
import { storageError } from "../failure.ts";
import type { FsckFinding } from "../finding.ts";
import type { FsckReport } from "../fsck.ts";
import { keyDamage, restoreKey } from "../key.ts";
import type { Layout } from "../layout.ts";
import { DiskObjects } from "../objects/disk-objects.ts";
import { LooseObjects } from "../objects/loose-objects.ts";
import { RunLogs } from "../runs/run-log.ts";
import { usersOf } from "./database-users.ts";
import { mendOneBit } from "./one-bit.ts";
import { salvagePack } from "./pack-salvage.ts";
import { Quarantine } from "./quarantine.ts";
import { type Rebuilt, rebuildDatabase } from "./rebuild.ts";
import { type FilePlace, fileSource, type ObjectSource } from "./sources.ts";

export interface RepairOptions {
  /** Asked in this order, before the files where the runs read or wrote them. */
  readonly sources?: readonly ObjectSource[];
}

interface RestoredObject {
  readonly digest: Digest;
  readonly from: string;
}

export interface RepairReport {
  /** null: it was whole. */
  readonly database: Rebuilt | null;
  readonly key: "whole" | "restored" | "new";
  readonly restored: readonly RestoredObject[];
  /** The folder in which what was damaged is kept, and how many files it got. */
  readonly quarantine: { readonly folder: string; readonly files: number } | null;
  /** What is still damaged or missing, and which runs it hurts. */
  readonly left: readonly FsckFinding[];
  readonly runs: number;
  readonly objects: number;
}

const DATABASE_CODES: readonly FsckFinding["code"][] = [
  "STORE_CORRUPT_DATABASE",
  "STORE_CORRUPT_RECORD",
  "STORE_CORRUPT_COPY",
  "STORE_UNREADABLE",
];

/** The database is replaced by another file: whoever has it open would go on writing into the old one. */
function checkUnused(layout: Layout): void {
  const pids = usersOf(layout.database);
  if (pids.length === 0) return;
  throw new RepriseError(
    "STORE_BUSY",
    "storage",
    `the store ${layout.root} is in use by process ${pids.join(", ")}: its database cannot be made anew meanwhile`,
    `wait for it to end, or: kill -INT ${pids[0]}`,
  );
}

/** What mends a store that is open to nobody else; the pieces that it needs are given, so that one fsck serves all. */
export interface RepairTools {
  readonly layout: Layout;
  readonly fsck: () => FsckReport;
  /** The files that runs and versions of data had, where they lay. */
  readonly files: () => readonly FilePlace[];
  /** What is needed and not there; more may show once some of it is back. */
  readonly missing: () => readonly Digest[];
}

class Objects {
  readonly restored: RestoredObject[] = [];
  readonly #layout: Layout;
  readonly #quarantine: Quarantine;
  readonly #objects: DiskObjects;
  readonly #loose: LooseObjects;

  constructor(layout: Layout, quarantine: Quarantine) {
    this.#layout = layout;
    this.#quarantine = quarantine;
    this.#objects = new DiskObjects(layout);
    this.#loose = new LooseObjects(layout);
  }

  /** Takes damaged packs apart: what is right in them becomes objects again. */
  takeApart(damaged: ReadonlySet<Digest>): void {
    const packs = new Set([...this.#objects.damagedPacks(), ...this.#objects.packsWith(damaged)]);
    for (const path of packs) {
      const whole = [...salvagePack(path)];
      this.#quarantine.move(path);
      const batch = this.#objects.batch();
      for (const { bytes } of whole) batch.put(bytes);
      batch.flush();
      for (const { digest } of whole) if (damaged.has(digest)) this.#note(digest, "its own bytes");
    }
  }

  /** Takes a damaged file away; where one flipped bit is all, it is turned back. */
  mend(digest: Digest): void {
    const path = this.#loose.pathOf(digest);
    if (this.#loose.size(digest) === undefined) {
      this.#setListAside(digest);
      return;
    }
    const mended = mendOneBit(readFileSync(path), digest);
    this.#quarantine.move(path, digest.replace(":", "-"));
    if (mended === null) return;
    this.#objects.put(mended);
    this.#note(digest, "its own bytes");
  }

  /** A list of pieces that is damaged; one that is not stays: its pieces are objects that are mended themselves. */
  #setListAside(digest: Digest): void {
    const lists = new ChunkedObjects(this.#layout.objects);
    if (lists.list(digest) === null) this.#quarantine.move(lists.pathOf(digest), `list-${digest.replace(":", "-")}`);
  }

  async fetch(digest: Digest, sources: readonly ObjectSource[]): Promise<void> {
    for (const source of sources) {
      const into = join(this.#layout.temporary, `fetch-${digest.slice(-16)}`);
      try {
        rmSync(into, { force: true });
        if (!(await source.fetch(digest, into))) continue;
        // What came is kept under its own digest; only if that is the one asked for was it what we need.
        if (this.#objects.putFile(into).digest !== digest) continue;
        this.#note(digest, source.name);
        return;
      } finally {
        rmSync(into, { force: true });
      }
    }
  }

  close(): void {
    this.#objects.close();
    this.#loose.close();
  }

  #note(digest: Digest, from: string): void {
    this.restored.push({ digest, from });
  }
}

function mendKey(layout: Layout, quarantine: Quarantine): RepairReport["key"] {
  const damage = keyDamage(layout);
  if (damage === null) return "whole";
  for (const path of [layout.key, layout.keyCopy]) quarantine.copy(path);
  return restoreKey(layout, damage.right);
}

function mendDatabase(layout: Layout, before: FsckReport, quarantine: Quarantine): Rebuilt | null {
  if (!before.findings.some(({ code }) => DATABASE_CODES.includes(code))) return null;
  checkUnused(layout);
  return rebuildDatabase(layout, new RunLogs(layout), quarantine);
}

/** Until nothing more comes back: a list of files that is back names what else is missing. */
async function fetchMissing(objects: Objects, tools: RepairTools, given: readonly ObjectSource[]): Promise<void> {
  const tried = new Set<Digest>();
  for (;;) {
    const missing = tools.missing().filter((digest) => !tried.has(digest));
    if (missing.length === 0) return;
    const sources = [...given, fileSource(tools.files())];
    for (const digest of missing) {
      tried.add(digest);
      await objects.fetch(digest, sources);
    }
  }
}

/** Mends what can be mended, with what is proved by its digest; nothing is thrown away. Says what stays lost. */
export async function repair(tools: RepairTools, options: RepairOptions = {}): Promise<RepairReport> {
  const { layout } = tools;
  const quarantine = new Quarantine(layout, new Date());
  const before = tools.fsck();
  const key = mendKey(layout, quarantine);
  const database = mendDatabase(layout, before, quarantine);
  const objects = new Objects(layout, quarantine);
  try {
    const damaged = new Set(
      before.findings.flatMap(({ code, digest }) =>
        code === "STORE_CORRUPT_OBJECT" && digest !== null ? [digest] : [],
      ),
    );
    objects.takeApart(damaged);
    for (const digest of damaged) if (!objects.restored.some((one) => one.digest === digest)) objects.mend(digest);
    await fetchMissing(objects, tools, options.sources ?? []);
  } catch (error) {
    throw storageError(error, layout.root, "write");
  } finally {
    objects.close();
  }
  const after = tools.fsck();
  return {
    database,
    key,
    restored: objects.restored,
    quarantine: quarantine.folder === null ? null : { folder: quarantine.folder, files: quarantine.count },
    left: after.findings,
    runs: after.runs,
    objects: after.objects,
  };
}
