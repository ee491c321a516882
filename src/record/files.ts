import type { Digest } from "./digest.ts";
import type { Known } from "./known.ts";

/** Where a file lies, which decides how a replay brings it back. */
export type FileScope = "project" | "temporary" | "home" | "elsewhere";

/** How we know that a file was read or written. */
export type Observation = "hook" | "tree" | "mapped" | "argument";

/** A file that a run read, as it was when the run read it. */
export interface InputFile {
  /** Relative to the project with "/" for scope project, else absolute. */
  readonly path: string;
  readonly scope: FileScope;
  readonly bytes: Known<number>;
  readonly digest: Known<Digest>;
  /** The content is in the store under `digest`. */
  readonly stored: boolean;
  readonly seen: readonly Observation[];
}

/** A file that a run left behind, new or changed. */
export interface OutputFile {
  readonly path: string;
  readonly scope: FileScope;
  readonly bytes: Known<number>;
  readonly digest: Known<Digest>;
  readonly stored: boolean;
  readonly seen: readonly Observation[];
  readonly change: "created" | "changed" | "removed";
  /** By extension and magic: a model or checkpoint. */
  readonly role?: "model" | "checkpoint";
}
