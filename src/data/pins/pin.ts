/** What another tool says that a file of a run is. */
export interface Pin {
  /** As in the record's inputs. */
  readonly path: string;
  readonly tool: "dvc" | "git-lfs" | "huggingface" | "lakefs";
  /** What the tool knows it by: md5:…, sha256:…, ORG/NAME@REVISION, lakefs://REPO/REF/PATH. */
  readonly identity: string;
  /** The file that says so, from the project's root; for a cache its folder. */
  readonly by: string;
  /** Whether the content that the run read is that: yes, no, or it cannot be told. */
  readonly agrees: boolean | null;
  /** Said where it does not agree, or cannot be told. */
  readonly note?: string;
}
