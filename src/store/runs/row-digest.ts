import { canonicalJson, type Digest, digestOf, type Json } from "#record";

/** The digest of a row's other columns. `seq` is not among them: the database gives it. */
function rowDigest(row: object): Digest {
  const columns = Object.entries(row).filter(([name]) => name !== "digest" && name !== "seq");
  // They hold text, numbers and null.
  return digestOf(canonicalJson(Object.fromEntries(columns) as Readonly<Record<string, Json>>));
}

/** The row with its digest. */
export const sealed = <R extends object>(row: R): R & { digest: string } => ({ ...row, digest: rowDigest(row) });

/** Columns that no row lacks: where a file is cut off SQLite gives out nulls for them. */
const ALWAYS = new Set(["id", "run_id", "started_at", "command", "kind", "at", "json", "process", "details"]);

/** Whether it is as it was written, as far as can be told: rows of older stores have no digest. */
export const isWhole = (row: { readonly digest?: string | null }): boolean =>
  row.digest === null || row.digest === undefined
    ? !Object.entries(row).some(([name, value]) => value === null && ALWAYS.has(name))
    : row.digest === rowDigest(row);
