import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Digest, digestHex, digestOf } from "#record";
import { FileReader, type ObjectReader, type Store } from "#store";

/** One object that goes along, and from where its bytes are to be had. */
interface Content {
  readonly bytes: number;
  readonly open: () => ObjectReader;
}

/**
 * The bytes that a run takes along, by digest: from the store, from files where they lie, and from files made for it in a
 * folder of its own, which goes with `discard`.
 */
export class Parcel {
  readonly contents = new Map<Digest, Content>();
  readonly scratch: string;

  constructor() {
    this.scratch = mkdtempSync(join(tmpdir(), "reprise-parcel-"));
    mkdirSync(join(this.scratch, "made"));
  }

  fromStore(store: Store, digest: Digest): void {
    this.contents.set(digest, { bytes: store.objects.size(digest), open: () => store.objects.open(digest) });
  }

  fromFile(path: string, digest: Digest, bytes: number): void {
    if (!this.contents.has(digest)) this.contents.set(digest, { bytes, open: () => new FileReader(path, digest) });
  }

  put(bytes: Uint8Array): Digest {
    const digest = digestOf(bytes);
    if (this.contents.has(digest)) return digest;
    const path = join(this.scratch, "made", digestHex(digest));
    const fd = openSync(path, "w", 0o600);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    } finally {
      closeSync(fd);
    }
    this.fromFile(path, digest, bytes.length);
    return digest;
  }

  /** In the order of their names. */
  list(): { readonly digest: Digest; readonly bytes: number }[] {
    return [...this.contents]
      .map(([digest, { bytes }]) => ({ digest, bytes }))
      .sort((a, b) => (a.digest < b.digest ? -1 : 1));
  }

  discard(): void {
    rmSync(this.scratch, { recursive: true, force: true });
  }
}
