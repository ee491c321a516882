import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { createRedactor, type Redactor, textKindOf } from "#capture";
import { type Digest, digestOf, isUnknown, type Known, RepriseError, type RunRecord, unknown } from "#record";
import type { Store } from "#store";

/** More than this is compared by digest alone. */
const MOST_BYTES = 32 * 1024 * 1024;

interface Wanted {
  readonly path: string;
  readonly digest: Known<Digest>;
  readonly bytes: Known<number>;
}

/** Content by digest: from the store, or from where a run had it if it is still the same there. Secrets are cut out. */
export class Contents {
  readonly #redactor: Redactor;

  constructor(
    readonly store: Store,
    env: Readonly<Record<string, string>>,
  ) {
    this.#redactor = createRedactor({ env });
  }

  /** The bytes of a file that a run had, or why they are not to be had. */
  read(run: RunRecord, { path, digest, bytes }: Wanted): Known<Uint8Array> {
    if (isUnknown(digest)) return digest;
    if (!isUnknown(bytes) && bytes > MOST_BYTES) return unknown("too large to look into: compared by digest alone");
    try {
      if (this.store.objects.has(digest)) return this.clean(path, this.store.objects.read(digest));
    } catch (error) {
      if (!(error instanceof RepriseError)) throw error;
      return unknown(error.message);
    }
    const found = fromDisk(isAbsolute(path) ? path : join(run.command.project, path), digest);
    return found === null
      ? unknown("its content was not kept, and it is gone or another one now")
      : this.clean(path, found);
  }

  /** What is shown must hold no secret, also where the file itself is in a commit or lies on the disk in clear. */
  clean(path: string, bytes: Uint8Array): Uint8Array {
    return this.#redactor.redactBytes(bytes, textKindOf(path, bytes)).bytes;
  }
}

function fromDisk(path: string, digest: Digest): Uint8Array | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() !== true || stat.size > MOST_BYTES) return null;
    const bytes = readFileSync(path);
    return digestOf(bytes) === digest ? bytes : null;
  } catch {
    return null; // not ours to read any more
  }
}
