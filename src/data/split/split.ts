import { createHash, type Hash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { type Digest, digestFromHex, RepriseError } from "#record";
import { type Part, partOf } from "./part.ts";
import { openTable } from "./table.ts";

const STAGE_BYTES = 1 << 18;

export interface SplitOptions {
  /** Columns, or members of JSON lines, that a row is known by. */
  readonly keys: readonly string[];
  readonly parts: readonly Part[];
  readonly salt: string;
  /** The folder of the files that are written. */
  readonly to: string;
  readonly force?: boolean;
}

interface SplitPart extends Part {
  readonly path: string;
  readonly rows: number;
  readonly digest: Digest;
}

export interface Split {
  readonly parts: readonly SplitPart[];
  readonly rows: number;
  /** Rows without a key: all of them are in one part. */
  readonly keyless: number;
}

/** A file of one part; it gets its name when all of them are whole. */
class PartFile {
  rows = 0;
  readonly #partial: string;
  readonly #fd: number;
  readonly #hashing: Hash = createHash("sha256");
  #stage: Buffer[] = [];
  #staged = 0;

  constructor(readonly path: string) {
    this.#partial = `${path}.${process.pid}.partial`;
    this.#fd = openSync(this.#partial, "w", 0o666);
  }

  write(bytes: Buffer): void {
    this.#stage.push(bytes);
    this.#staged += bytes.length;
    if (this.#staged >= STAGE_BYTES) this.#spill();
  }

  finish(): Digest {
    this.#spill();
    closeSync(this.#fd);
    return digestFromHex(this.#hashing.digest("hex"));
  }

  appear(): void {
    renameSync(this.#partial, this.path);
  }

  drop(): void {
    rmSync(this.#partial, { force: true });
  }

  #spill(): void {
    const bytes = Buffer.concat(this.#stage);
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
    this.#hashing.update(bytes);
    this.#stage = [];
    this.#staged = 0;
  }
}

/**
 * Writes the rows of a table into a file for each part, in their order and byte for byte. Which part a row belongs to is
 * decided by its key and the salt alone. Throws TABLE_UNREADABLE, SPLIT_EXISTS; then nothing was written.
 */
export function splitTable(path: string, options: SplitOptions): Split {
  const { keys, parts, salt, to, force } = options;
  const table = openTable(path, keys);
  const ending = extname(path);
  const targets = parts.map(({ name }) => join(to, `${basename(path, ending)}.${name}${ending}`));
  const there = targets.find((target) => existsSync(target));
  if (there !== undefined && force !== true)
    throw new RepriseError("SPLIT_EXISTS", "usage", `${there} is there already`, "--force, or --to DIR");
  mkdirSync(to, { recursive: true });
  const files = targets.map((target) => new PartFile(target));
  let [rows, keyless] = [0, 0];
  try {
    for (const file of files) file.write(table.head);
    for (const { bytes, key } of table.rows()) {
      rows += 1;
      if (key === null) keyless += 1;
      const file = files[partOf(key ?? "", salt, parts)];
      file?.write(bytes);
      if (file !== undefined) file.rows += 1;
    }
    const digests = files.map((file) => file.finish());
    for (const file of files) file.appear();
    const made = parts.map((part, index): SplitPart => {
      const file = files[index] as PartFile;
      return { ...part, path: file.path, rows: file.rows, digest: digests[index] as Digest };
    });
    return { parts: made, rows, keyless };
  } finally {
    for (const file of files) file.drop();
  }
}
