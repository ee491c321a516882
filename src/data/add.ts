import { closeSync, openSync, readSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { isUnknown, RepriseError } from "#record";
import { type DataEntry, type DataVersion, dataMode, type ManifestWriter, type Store } from "#store";
import { staysInside } from "./links.ts";
import { portions } from "./portions.ts";
import { type Found, type Left, walk } from "./walk.ts";

/** So many files at a time: their objects become durable together, small ones in one pack. Each pack is asked for each object. */
const PORTION = 16_384;

export interface AddOptions {
  /** The name of the file or folder when left out. */
  readonly name?: string;
  /** Take what links that lead out of the data lead to, as if it lay there. */
  readonly follow?: boolean;
  readonly onProgress?: (files: number, bytes: number) => void;
}

export interface Added {
  readonly version: DataVersion;
  /** false: the last version of that name is the same. */
  readonly isNew: boolean;
  /** What lies there and is no data. */
  readonly left: readonly Left[];
  /** Names that are one where upper and lower case are not told apart. */
  readonly collisions: readonly (readonly [string, string])[];
}

const unreadable = (path: string, why: string): RepriseError =>
  new RepriseError("DATA_UNREADABLE", "missing", `${path} cannot be kept: ${why}`, `ls -l '${path}'`);

class Adding {
  readonly left: Left[] = [];
  #files = 0;
  #bytes = 0;

  constructor(
    private readonly store: Store,
    private readonly root: string,
    private readonly options: AddOptions,
    private readonly writer: ManifestWriter,
  ) {}

  /** Files get their digests; the others are what they are. In the order given. */
  take(portion: readonly Found[]): void {
    const followed = portion.map((found) => this.#followed(found));
    const plain = followed.flatMap(({ kind, place }) => (kind === "file" && typeof place === "string" ? [place] : []));
    const limit = { limitBytes: Number.POSITIVE_INFINITY, pieces: true };
    const kept = this.store.files.keepFiles(plain, limit);
    for (const found of followed) {
      const { path, raw, kind, stat, place, to } = found;
      const named = { path, ...(raw === undefined ? {} : { raw }), mode: dataMode(stat.mode) } as const;
      if (kind !== "file") {
        this.writer.add({ ...named, kind, bytes: 0, digest: null, ...(to === undefined ? {} : { to }) });
        continue;
      }
      const file = typeof place === "string" ? kept.get(place) : this.#keepOdd(place);
      if (file === undefined || isUnknown(file)) throw unreadable(path || this.root, file?.unknown ?? "it is gone");
      this.writer.add({ ...named, kind, bytes: file.bytes, digest: file.digest });
      this.#files += 1;
      this.#bytes += file.bytes;
    }
    this.options.onProgress?.(this.#files, this.#bytes);
  }

  #followed(found: Found): Found {
    if (found.kind !== "link" || staysInside(found.path, found.to ?? "")) return found;
    if (this.options.follow !== true)
      throw new RepriseError(
        "DATA_LINK_OUTSIDE",
        "usage",
        `${found.path} is a link that leads out of the data, to ${found.to ?? ""}`,
        `--follow takes what it leads to`,
      );
    const stat = statSync(found.place, { throwIfNoEntry: false });
    if (stat?.isFile() !== true)
      throw unreadable(found.path, stat === undefined ? "its link leads nowhere" : "its link leads to no file");
    const { path, place, raw } = found;
    return { path, place, ...(raw === undefined ? {} : { raw }), kind: "file", stat };
  }

  /** A name that is no text: no cache knows it. */
  #keepOdd(place: Buffer): Pick<DataEntry, "bytes"> & { readonly digest: NonNullable<DataEntry["digest"]> } {
    const fd = openSync(place, "r");
    const writer = this.store.objects.writer();
    try {
      const buffer = Buffer.allocUnsafe(1 << 20);
      for (let got = 1; got > 0; ) {
        got = readSync(fd, buffer, 0, buffer.length, null);
        writer.write(buffer.subarray(0, got));
      }
      return writer.finish();
    } finally {
      writer.abort();
      closeSync(fd);
    }
  }
}

/**
 * Keeps the content of a file or folder as the next version of its name. Nothing of it is changed. Throws DATA_UNREADABLE,
 * DATA_LINK_OUTSIDE, and what the store throws; then there is no version.
 */
export function addData(store: Store, path: string, options: AddOptions = {}): Added {
  const source = resolve(path);
  const stat = statSync(source, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new RepriseError("DATA_UNREADABLE", "missing", `there is no ${source}`, `ls -l '${dirname(source)}'`);
  if (!stat.isFile() && !stat.isDirectory()) throw unreadable(source, "it is neither a file nor a folder");
  return store.data.adding(() => {
    const writer = store.data.write(stat.isFile() ? "file" : "folder");
    const adding = new Adding(store, source, options, writer);
    const collisions: [string, string][] = [];
    const found = walk(source, {
      skip: new Set([store.root]),
      left: (left) => adding.left.push(left),
      collides: (one, other) => collisions.push([one, other]),
    });
    for (const portion of portions(found, PORTION)) adding.take(portion);
    const blind = adding.left.find(({ why }) => why.startsWith("not readable"));
    if (blind !== undefined) throw unreadable(blind.path, blind.why);
    const manifest = writer.finish().digest;
    const name = options.name ?? basename(source);
    const { version, isNew } = store.data.keep({ name, manifest, source });
    return { version, isNew, left: adding.left, collisions };
  });
}
