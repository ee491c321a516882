import type { Digest } from "#record";

/** Where capture puts content; the store's object side, handed in so that capture need not know it. */
export interface ObjectSink {
  put(bytes: Uint8Array): Digest;
  putFile(path: string): { digest: Digest; bytes: number };
}

/** Where a restore reads content from. */
export interface ObjectSource {
  read(digest: Digest): Uint8Array;
}
