import { chmodSync, lstatSync, rmdirSync, symlinkSync, unlinkSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type Digest, RepriseError } from "#record";
import { type DataEntry, type DataVersion, dataMode, type Store } from "#store";
import { contentNow } from "./content-now.ts";
import { merged } from "./merged.ts";
import { FolderMaker, parentOf, writeOdd } from "./places.ts";
import { portions } from "./portions.ts";
import { checkSafe } from "./safe-entry.ts";
import { type Found, walk } from "./walk.ts";

const PORTION = 2048;
const SHOWN = 3;

export interface RestoreOptions {
  /** Where it lay when left out. */
  readonly to?: string;
  /** Also over what is kept nowhere. */
  readonly force?: boolean;
  readonly onProgress?: (files: number, bytes: number) => void;
}

export interface DataRestored {
  readonly version: DataVersion;
  readonly path: string;
  readonly written: number;
  readonly bytes: number;
  readonly unchanged: number;
  readonly removed: number;
}

type Pair = readonly [DataEntry | null, Found | null];

/** The first few, and how many more. */
const some = (names: readonly string[]): string =>
  names.slice(0, SHOWN).join(", ") + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "");

const notSaved = (root: string, names: readonly string[]): RepriseError =>
  new RepriseError(
    "DATA_NOT_SAVED",
    "usage",
    `${root} holds what is kept nowhere and would be lost: ${some(names)}`,
    `reprise data add '${root}', or --force`,
  );

const missing = (version: DataVersion, names: readonly string[]): RepriseError =>
  new RepriseError(
    "DATA_MISSING",
    "storage",
    `${version.name}@${version.version} is not whole, the store lacks ${some(names)}: nothing was restored`,
    "reprise fsck",
  );

class Restoring {
  written = 0;
  bytes = 0;
  unchanged = 0;
  removed = 0;
  readonly #umask = process.umask();
  readonly #folders: FolderMaker;
  readonly #links: { readonly place: string | Buffer; readonly to: string }[] = [];

  constructor(
    private readonly store: Store,
    private readonly version: DataVersion,
    private readonly root: string,
    private readonly options: RestoreOptions,
  ) {
    this.#folders = new FolderMaker(root);
  }

  *#pairs(): Iterable<readonly Pair[]> {
    const there = lstatSync(this.root, { throwIfNoEntry: false });
    const found = there === undefined ? [] : walk(this.root, { skip: new Set([this.store.root]) });
    yield* portions(merged(this.store.data.entries(this.version.manifest), found), PORTION);
  }

  /**
   * Before anything is touched: that all is to be had, that no name leads out, and that nothing is lost by it. What lies
   * there and is not in the version.
   */
  check(): Found[] {
    const [lost, lacking]: [string[], string[]] = [[], []];
    const extra: Found[] = [];
    for (const portion of this.#pairs()) {
      const wanted = portion.flatMap(([entry]) => entry ?? []);
      for (const entry of wanted) checkSafe(entry, this.version.kind === "file");
      const absent = new Set(this.store.objects.missing(wanted.flatMap(({ digest }) => digest ?? [])));
      for (const { digest, path } of wanted) if (digest !== null && absent.has(digest)) lacking.push(path || this.root);
      const now = contentNow(
        this.store,
        portion.flatMap(([, found]) => found ?? []),
      );
      for (const [entry, found] of portion) {
        if (found === null || isSame(entry, found, now)) continue;
        const digest = now.get(found.place);
        const kept = found.kind === "folder" || (digest !== undefined && this.store.objects.retain(digest));
        if (!kept) lost.push(found.path || this.root);
        if (entry?.kind !== "file" || found.kind !== "file") extra.push(found);
      }
    }
    if (lacking.length > 0) throw missing(this.version, lacking);
    if (lost.length > 0 && this.options.force !== true) throw notSaved(this.root, lost);
    return extra;
  }

  /** Takes away what is in the way, and the folders that this leaves empty. */
  remove(extra: readonly Found[]): void {
    for (const { place, kind, path } of extra) {
      if (kind === "folder") rmdirSync(place);
      else unlinkSync(place);
      this.removed += 1;
      if (path !== "") this.#removeEmpty(parentOf(place));
    }
  }

  #removeEmpty(folder: string | Buffer): void {
    for (let at = folder; String(at) !== this.root; at = parentOf(at)) {
      try {
        rmdirSync(at);
      } catch {
        return;
      }
    }
  }

  restore(): void {
    for (const portion of this.#pairs()) {
      const now = contentNow(
        this.store,
        portion.flatMap(([, found]) => found ?? []),
      );
      for (const [entry, found] of portion) {
        if (entry === null) continue;
        if (found !== null && isSame(entry, found, now)) this.#keep(entry, found);
        else this.#write(entry);
      }
      this.options.onProgress?.(this.written + this.unchanged, this.bytes);
    }
    // Last, so that no file is written through one.
    for (const { place, to } of this.#links) symlinkSync(to, place);
  }

  #modeOf({ mode }: DataEntry): number {
    return Number.parseInt(mode, 8) & ~this.#umask;
  }

  #keep(entry: DataEntry, { kind, stat, place }: Found): void {
    if (kind === "file" && dataMode(stat.mode) !== entry.mode) chmodSync(place, this.#modeOf(entry));
    this.unchanged += 1;
  }

  #write(entry: DataEntry): void {
    const place = this.#placeOf(entry);
    this.#folders.make(entry.kind === "folder" ? place : parentOf(place));
    if (entry.kind === "link") this.#links.push({ place, to: entry.to ?? "" });
    else if (entry.digest !== null) {
      if (typeof place === "string") this.store.objects.readTo(entry.digest, place, this.#modeOf(entry));
      else writeOdd(place, this.store.objects.read(entry.digest), this.#modeOf(entry));
      this.bytes += entry.bytes;
    }
    this.written += 1;
  }

  #placeOf({ path, raw }: DataEntry): string | Buffer {
    if (path === "") return this.root;
    if (raw === undefined) return join(this.root, path);
    return Buffer.concat([Buffer.from(`${this.root}/`), Buffer.from(raw, "base64")]);
  }
}

function isSame(entry: DataEntry | null, found: Found, now: ReadonlyMap<string | Buffer, Digest>): boolean {
  if (entry === null || entry.kind !== found.kind) return false;
  if (entry.kind === "link") return entry.to === found.to;
  return entry.kind === "folder" || now.get(found.place) === entry.digest;
}

/** A single file that is to go into a folder goes there under its name. */
function targetOf(version: DataVersion, to: string | undefined): string {
  const target = resolve(to ?? version.source);
  const isFolder = lstatSync(target, { throwIfNoEntry: false })?.isDirectory();
  if (version.kind === "file") return isFolder === true ? join(target, basename(version.source)) : target;
  if (isFolder !== false) return target;
  throw new RepriseError("USAGE", "usage", `${target} is no folder: ${version.name} is one`, "--to DIR");
}

/**
 * Puts a version where it lay, or to another place: then exactly it lies there. Every byte is checked against its digest
 * before it gets its name. Throws DATA_MISSING, DATA_UNSAFE, DATA_NOT_SAVED before anything is touched.
 */
export function restoreData(store: Store, version: DataVersion, options: RestoreOptions = {}): DataRestored {
  const path = targetOf(version, options.to);
  const restoring = new Restoring(store, version, path, options);
  restoring.remove(restoring.check());
  if (version.kind === "folder") new FolderMaker(path).make(path);
  restoring.restore();
  const { written, bytes, unchanged, removed } = restoring;
  return { version, path, written, bytes, unchanged, removed };
}
