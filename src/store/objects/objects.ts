import type { Digest } from "#record";

export interface StoredFile {
  readonly digest: Digest;
  readonly bytes: number;
}

/** An object that grows while it is written; nothing of it is in the store before `finish`. */
export interface ObjectWriter {
  write(chunk: Uint8Array): void;
  /** Durable on return. */
  finish(): StoredFile;
  /** Leaves nothing behind. Harmless after `finish`. */
  abort(): void;
}

/**
 * Many objects that become durable together, at the price of few fsyncs. Until `flush` returns they count as missing,
 * also for `has` and for committing a run that names them.
 */
export interface ObjectBatch {
  put(bytes: Uint8Array | string): Digest;
  /**
   * `pieces`: a large file whose versions are expected to share bytes is kept in pieces that they share. It is one object
   * all the same: whoever reads it sees no difference.
   */
  putFile(path: string, options?: { readonly pieces?: boolean }): StoredFile;
  flush(): void;
  /** Forgets what was not flushed. */
  abort(): void;
}

/** The bytes of an object by position, for what need not fit into memory. */
export interface ObjectReader {
  readonly length: number;
  /** The bytes from one position up to another. They may lie in `into`, and are then good until it is used again. */
  read(from: number, to: number, into?: Uint8Array): Uint8Array;
  /** Reads all of it once more: whether it is what its name says. */
  intact(): boolean;
  close(): void;
}

/**
 * Bytes by their SHA-256, never changed. Everything is synchronous: what returns has happened.
 * Writing throws STORE_FULL, STORE_READ_ONLY or STORE_IO and then nothing but the whole bytes is under a digest's name.
 * A failure to read a file that should be put, or to write one that should be restored, comes out as Node's own error: it is
 * the caller's file.
 */
export interface Objects {
  /** Keeps bytes; text as UTF-8. Durable on return. Bytes that are there already cost a stat. */
  put(bytes: Uint8Array | string): Digest;
  /**
   * Keeps a file as it is read, in one pass: the digest is that of the bytes that were stored, even if the file changes
   * meanwhile. `move` takes the file away from where it was (a rename on the same file system; nobody may still write it).
   */
  putFile(path: string, options?: { readonly move?: boolean }): StoredFile;
  writer(): ObjectWriter;
  batch(): ObjectBatch;
  /** Whether it is there; its content is not looked at. */
  has(digest: Digest): boolean;
  /** Whether it is there; if so gc spares it for an hour, as if it had just been put. For what a record will name. */
  retain(digest: Digest): boolean;
  /** Those that are not there, without marking: asked before a record that names them is kept. */
  missing(digests: Iterable<Digest>): Digest[];
  /** In bytes. Throws STORE_MISSING_OBJECT. */
  size(digest: Digest): number;
  /** The bytes, always checked: throws STORE_CORRUPT_OBJECT or STORE_MISSING_OBJECT and hands nothing out. */
  read(digest: Digest): Uint8Array;
  /** The bytes by position, unchecked until `intact` is asked. Throws STORE_MISSING_OBJECT. To be closed. */
  open(digest: Digest): ObjectReader;
  /** Restores it to a path whose folder exists, replacing what is there; checked before the name appears. */
  readTo(digest: Digest, path: string, mode?: number): void;
  /** The objects that this one is made of, in order; null when it is kept whole. Throws STORE_CORRUPT_OBJECT. */
  piecesOf(digest: Digest): readonly StoredFile[] | null;
  /** All of them, in no order; pieces are objects too. */
  digests(): Iterable<Digest>;
}
