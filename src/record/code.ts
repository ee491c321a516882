import type { Digest } from "./digest.ts";
import type { Known } from "./known.ts";

/** A file saved as part of the code, by content or by digest alone. */
export interface CodeFile {
  /** Relative to the project root, "/" between parts. */
  readonly path: string;
  /** "100644", "100755" or "120000" (a link, whose content is its target). */
  readonly mode: string;
  readonly bytes: number;
  /** Digest of what is saved: the content after redaction. */
  readonly digest: Known<Digest>;
  readonly stored: boolean;
  /** Why the content was not stored. */
  readonly reason?: string;
  /** Number of secrets that were replaced by markers before saving. */
  readonly redacted?: number;
  /** mtime in ms when captured: only for the fast path of the tree comparison. */
  readonly mtimeMs?: number;
}

export interface Submodule {
  readonly path: string;
  readonly commit: string;
  readonly dirty: boolean;
}

export interface GitCode {
  readonly kind: "git";
  /** null: a repository without a commit. */
  readonly commit: string | null;
  readonly branch: Known<string>;
  /** Credentials stripped. */
  readonly remote: Known<string>;
  readonly dirty: boolean;
  /** `git diff --binary HEAD` (staged and unstaged together), saved as an object; absent when empty. */
  readonly diff?: { readonly digest: Digest; readonly bytes: number; readonly redacted?: number };
  /** `git diff --binary --cached`: what was staged, for the record; absent when empty. */
  readonly staged?: { readonly digest: Digest; readonly bytes: number; readonly redacted?: number };
  readonly untracked: readonly CodeFile[];
  readonly submodules: readonly Submodule[];
  /** The commit's own objects, as a `git bundle`/pack of the tree when no remote can be relied on: an archive object. */
  readonly archive: Known<{ readonly digest: Digest; readonly bytes: number }>;
}

export interface SnapshotCode {
  readonly kind: "snapshot";
  readonly files: readonly CodeFile[];
  /** Why some of the folder is not in the snapshot. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
}

export type CodeFacts = GitCode | SnapshotCode;

/** A module of the project that a process imported, checked against what was saved. */
export interface ImportedModule {
  readonly path: string;
  readonly digest: Known<Digest>;
  readonly saved: "same" | "differs" | "not saved";
}
