/** `git status --porcelain=v2 --branch -z`, read. */
export interface GitStatus {
  /** null: no commit yet. */
  readonly commit: string | null;
  /** null: a detached head. */
  readonly branch: string | null;
  /** Tracked files that differ from the commit, staged or not. */
  readonly changed: readonly ChangedFile[];
  /** A name that ends in "/" is a repository of its own. */
  readonly untracked: readonly string[];
}

interface ChangedFile {
  readonly path: string;
  readonly staged: boolean;
  readonly submodule: boolean;
  /** Name of its content in the commit; all zeros for a file that the commit lacks. */
  readonly head: string;
}

export function parseStatus(output: Buffer): GitStatus {
  let commit: string | null = null;
  let branch: string | null = null;
  const changed: ChangedFile[] = [];
  const untracked: string[] = [];
  const fields = output.toString("utf8").split("\0");
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] ?? "";
    const kind = field[0];
    if (field.startsWith("# branch.oid ")) commit = field.endsWith("(initial)") ? null : field.slice(13);
    else if (field.startsWith("# branch.head ")) branch = field.endsWith("(detached)") ? null : field.slice(14);
    else if (kind === "?") untracked.push(field.slice(2));
    else if (kind === "1" || kind === "2" || kind === "u") {
      changed.push(changedFile(field, kind));
      if (kind === "2") i++; // the name before the renaming
    }
  }
  return { commit, branch, changed, untracked };
}

/** Fields are parted by blanks; the path comes last and may hold blanks itself. */
const FIELDS_BEFORE_PATH = { "1": 8, "2": 9, u: 10 } as const;

function changedFile(field: string, kind: "1" | "2" | "u"): ChangedFile {
  const parts = field.split(" ");
  const path = parts.slice(FIELDS_BEFORE_PATH[kind]).join(" ");
  const head = parts[kind === "u" ? 7 : 6] ?? "";
  return { path, staged: (parts[1] ?? "..")[0] !== ".", submodule: (parts[2] ?? "N").startsWith("S"), head };
}
