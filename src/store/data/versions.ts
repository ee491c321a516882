import type { Digest } from "#record";
import type { DataEntry } from "./entry.ts";
import type { Manifest, ManifestWriter } from "./manifest.ts";

/** A version of named data, kept. Never changed. */
export interface DataVersion {
  readonly name: string;
  /** From 1; a number is never given twice. */
  readonly version: number;
  readonly manifest: Digest;
  readonly kind: Manifest["kind"];
  readonly entries: number;
  readonly bytes: number;
  /** Where it lay, absolute. */
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/**
 * NAME (its last version), NAME@N, or NAME@~N (N versions before the last). Throws DATA_UNKNOWN.
 */
export type DataRef = string;

/** Versions of data: a manifest each, which names the objects that hold the content. */
export interface DataVersions {
  /**
   * While the work goes on gc spares all that it puts or retains; so content may come before the manifest that names it.
   */
  adding<T>(work: () => T): T;
  addingAsync<T>(work: () => Promise<T>): Promise<T>;
  write(kind: Manifest["kind"]): ManifestWriter;
  /** Keeps a version, within `adding`. The last one of that name, when it is the same. */
  keep(version: { readonly name: string; readonly manifest: Digest; readonly source: string }): {
    readonly version: DataVersion;
    readonly isNew: boolean;
  };
  /**
   * Keeps a version of another store under the number that it has there, within `adding`; all that it needs is here by
   * now. Throws DATA_CONFLICT where that number is, or was, another content here.
   */
  take(version: Pick<DataVersion, "name" | "version" | "manifest" | "source" | "at">): boolean;
  /** The manifest that a number stands for here, or stood for until it was removed; null: it was never given. */
  meaning(of: Pick<DataVersion, "name" | "version">): Digest | null;
  /** By name, oldest first. */
  list(name?: string): DataVersion[];
  find(ref: DataRef): DataVersion;
  /** The objects that a manifest is written in, besides itself. */
  parts(manifest: Digest): Digest[];
  /** In the order of paths. */
  entries(manifest: Digest): Iterable<DataEntry>;
  /** Takes a version away; its objects go with the next gc, where nothing else needs them. */
  remove(version: Pick<DataVersion, "name" | "version">): void;
}
