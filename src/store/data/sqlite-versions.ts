import { randomUUID } from "node:crypto";
import { canonicalJson, type Digest, digestOf, isDigest, RepriseError } from "#record";
import type { Database } from "../database.ts";
import { missingObject } from "../objects/object-error.ts";
import type { Objects } from "../objects/objects.ts";
import { lifeOf, markOf, type ProcessMark } from "../runs/process-mark.ts";
import { statements } from "../tables.ts";
import type { DataRow } from "./data-row.ts";
import type { DataEntry } from "./entry.ts";
import { type Manifest, type ManifestWriter, manifestEntries, manifestWriter, readManifest } from "./manifest.ts";
import type { VersionCopies } from "./version-copies.ts";
import type { DataRef, DataVersion, DataVersions } from "./versions.ts";

/** A name is typed, and stands before "@". */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.+-]{0,99}$/u;
export const isDataName = (text: string): boolean => NAME.test(text);

/** Of nine digits: NAME@1000000000 would be found nowhere. What is pulled may bring any number. */
const MOST_VERSION = 999_999_999;

function checkName(name: string): void {
  if (!isDataName(name))
    throw new RepriseError("USAGE", "usage", `'${name}' cannot name data: letters, digits, . _ + -`, "--name my-data");
}

/** SQLite has no checksums of its own: a flipped bit in a row would be handed out. */
const digestOfRow = ({
  name,
  version,
  manifest,
  kind,
  entries,
  bytes,
  source,
  at,
}: Omit<DataRow, "seq" | "digest">): Digest =>
  digestOf(canonicalJson([name, version, manifest, kind, entries, bytes, source, at]));

function versionOf(row: Omit<DataRow, "seq">): DataVersion {
  const { name, version, manifest, kind, entries, bytes, source, at } = row;
  if (!isDigest(manifest) || (kind !== "file" && kind !== "folder") || digestOfRow(row) !== row.digest)
    throw new RepriseError("DATA_INVALID", "storage", `the row of data ${name}@${version} is damaged`, "reprise fsck");
  return { name, version, manifest, kind, entries, bytes, source, at };
}

/** Since when something is being added by processes that live, in ms; what began on another machine counts as alive. */
export function addingSince(database: Database): number {
  const rows = database.all(statements.selectFrom("open_data").selectAll());
  // Written by begin() below, in a column of its own.
  const alive = rows.filter(({ process }) => lifeOf(JSON.parse(process) as ProcessMark) !== "ended");
  return Math.min(Number.POSITIVE_INFINITY, ...alive.map(({ started_at }) => Date.parse(started_at)));
}

/** Manifests after a row, and the number of the last row. Throws DATA_INVALID when one is not as it was written. */
export function manifestsSince(
  database: Database,
  seq: number,
): { readonly manifests: readonly Digest[]; readonly seq: number } {
  const query = statements.selectFrom("data_versions").selectAll().where("seq", ">", seq).orderBy("seq");
  const rows = database.all(query);
  return { manifests: rows.map((row) => versionOf(row).manifest), seq: rows.at(-1)?.seq ?? seq };
}

/** Versions that have a copy and are not in the database: it has lost them. */
export function lostVersions(database: Database, copies: VersionCopies): DataRow[] {
  const lost = (rows: readonly DataRow[]): DataRow[] =>
    rows.filter(({ name, version }) => {
      const query = statements.selectFrom("data_versions").select("seq").where("name", "=", name);
      return database.first(query.where("version", "=", version)) === undefined;
    });
  // Asked again: one may have been removed between.
  return lost(copies.read()).length === 0 ? [] : lost(copies.read());
}

export class SqliteDataVersions implements DataVersions {
  readonly #database: Database;
  readonly #objects: Objects;

  readonly #copies: VersionCopies | null;

  /** Without copies it only reads. */
  constructor(database: Database, objects: Objects, copies: VersionCopies | null = null) {
    this.#database = database;
    this.#objects = objects;
    this.#copies = copies;
  }

  adding<T>(work: () => T): T {
    const end = this.#begin();
    try {
      return work();
    } finally {
      end();
    }
  }

  async addingAsync<T>(work: () => Promise<T>): Promise<T> {
    const end = this.#begin();
    try {
      return await work();
    } finally {
      end();
    }
  }

  #begin(): () => void {
    const id = randomUUID();
    const row = { id, started_at: new Date().toISOString(), process: canonicalJson(markOf(process.pid)) };
    this.#database.change(statements.insertInto("open_data").values(row));
    return () => void this.#database.change(statements.deleteFrom("open_data").where("id", "=", id));
  }

  write(kind: Manifest["kind"]): ManifestWriter {
    return manifestWriter(this.#objects, kind);
  }

  keep({ name, manifest, source }: Parameters<DataVersions["keep"]>[0]): ReturnType<DataVersions["keep"]> {
    checkName(name);
    const kept = this.#database.transaction(() => {
      const last = this.#last(name);
      if (last?.manifest === manifest) return { version: versionOf(last), isNew: false };
      const version = this.#lastNumber(name) + 1;
      if (version > MOST_VERSION)
        throw new RepriseError(
          "USAGE",
          "usage",
          `'${name}' has no number left after ${MOST_VERSION}`,
          "--name another",
        );
      return {
        version: this.#insert({ name, version, manifest, source, at: new Date().toISOString() }),
        isNew: true,
      };
    });
    // After it: what the copy has and the database lacks, the database has lost.
    if (kept.isNew) this.#database.transaction(() => this.#copy());
    return kept;
  }

  take(taken: Parameters<DataVersions["take"]>[0]): boolean {
    const { name, version, manifest } = taken;
    checkName(name);
    const isNew = this.#database.transaction(() => {
      const ours = this.meaning(taken);
      if (ours !== null && ours !== manifest)
        throw new RepriseError(
          "DATA_CONFLICT",
          "storage",
          `${name}@${version} is other data in this store`,
          `reprise data diff ${name}@${version}, or --as ANOTHER-NAME`,
        );
      if (this.#meaning("data_versions", taken) !== undefined) return false;
      this.#insert(taken);
      return true;
    });
    if (isNew) this.#database.transaction(() => this.#copy());
    return isNew;
  }

  meaning(of: Pick<DataVersion, "name" | "version">): Digest | null {
    const found = this.#meaning("data_versions", of) ?? this.#meaning("removed_data", of);
    return found === undefined ? null : (found as Digest);
  }

  #meaning(table: "data_versions" | "removed_data", { name, version }: Pick<DataVersion, "name" | "version">) {
    const query = statements.selectFrom(table).select("manifest").where("name", "=", name);
    return this.#database.first(query.where("version", "=", version))?.manifest;
  }

  #lastNumber(name: string): number {
    return this.#database.first(statements.selectFrom("data_names").select("last").where("name", "=", name))?.last ?? 0;
  }

  /** In a transaction: gc removes objects under the same lock. */
  #insert(of: Pick<DataVersion, "name" | "version" | "manifest" | "source" | "at">): DataVersion {
    const { name, version, manifest, source, at } = of;
    const { kind, entries, bytes, parts } = readManifest(this.#objects, manifest);
    for (const digest of this.#objects.missing(parts.map((part) => part.digest))) throw missingObject(digest);
    const fields = { name, version, manifest, kind, entries, bytes, source, at };
    const row = { ...fields, digest: digestOfRow(fields) };
    const last = Math.max(version, this.#lastNumber(name));
    this.#database.change(statements.replaceInto("data_names").values({ name, last }));
    this.#database.change(statements.insertInto("data_versions").values(row));
    return versionOf(row);
  }

  #copy(): void {
    this.#copies?.write(this.#rows());
  }

  list(name?: string): DataVersion[] {
    return this.#rows(name).map(versionOf);
  }

  /** The versions whose rows are whole, and what is wrong with the others. */
  readable(): { readonly versions: DataVersion[]; readonly damaged: { version: string; error: RepriseError }[] } {
    const versions: DataVersion[] = [];
    const damaged: { version: string; error: RepriseError }[] = [];
    for (const row of this.#rows()) {
      try {
        versions.push(versionOf(row));
      } catch (error) {
        if (!(error instanceof RepriseError)) throw error;
        damaged.push({ version: `${row.name}@${row.version}`, error });
      }
    }
    return { versions, damaged };
  }

  find(ref: DataRef): DataVersion {
    const [, name = "", back, number] = /^(.*?)(?:@(~?)(\d{1,9}))?$/s.exec(ref) ?? [];
    const all = this.list(name);
    const wanted =
      number === undefined
        ? all.at(-1)
        : back === "~"
          ? all.at(-1 - Number(number))
          : all.find(({ version }) => version === Number(number));
    if (wanted !== undefined) return wanted;
    if (all.length === 0)
      throw new RepriseError("DATA_UNKNOWN", "missing", `there is no data named '${name}' here`, "reprise data ls");
    const has = all.map(({ version }) => version).join(", ");
    throw new RepriseError(
      "DATA_UNKNOWN",
      "missing",
      `'${name}' has no such version: ${has}`,
      `reprise data ls ${name}`,
    );
  }

  parts(manifest: Digest): Digest[] {
    return readManifest(this.#objects, manifest).parts.map(({ digest }) => digest);
  }

  entries(manifest: Digest): Iterable<DataEntry> {
    return manifestEntries(this.#objects, manifest);
  }

  remove({ name, version }: Pick<DataVersion, "name" | "version">): void {
    const { manifest } = this.find(`${name}@${version}`);
    this.#database.transaction(() => {
      this.#database.change(statements.replaceInto("removed_data").values({ name, version, manifest }));
      this.#database.change(
        statements.deleteFrom("data_versions").where("name", "=", name).where("version", "=", version),
      );
      this.#copy();
    });
  }

  #rows(name?: string): DataRow[] {
    const query = statements.selectFrom("data_versions").selectAll().orderBy("name").orderBy("version");
    return this.#database.all(name === undefined ? query : query.where("name", "=", name));
  }

  #last(name: string): DataRow | undefined {
    const query = statements
      .selectFrom("data_versions")
      .selectAll()
      .where("name", "=", name)
      .orderBy("version", "desc")
      .limit(1);
    return this.#database.first(query);
  }
}
