import { RepriseError } from "#record";
import type { Store } from "#store";
import { AUDIT_FORMAT, type AuditDocument } from "./document.ts";
import { AUDIT_FACT } from "./run.ts";

const isAudit = (value: unknown): value is AuditDocument =>
  typeof value === "object" && value !== null && (value as { readonly format?: unknown }).format === AUDIT_FORMAT;

/** The audits that this store keeps, oldest first. */
export function auditsIn(store: Store, names: readonly string[] = []): AuditDocument[] {
  return store.runs
    .list()
    .flatMap(({ id }) => store.runs.facts(id, AUDIT_FACT))
    .map(({ value }): unknown => value)
    .filter(isAudit)
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

/** The last audit of each name. Throws AUDIT_NONE. */
export function lastAudits(store: Store, names: readonly string[]): AuditDocument[] {
  const last = new Map(auditsIn(store, names).map((audit) => [audit.name, audit]));
  const missing = names.find((name) => !last.has(name));
  if (last.size > 0 && missing === undefined) return [...last.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const what =
    missing === undefined ? "no audit was made in this store" : `no audit of ${missing} was made in this store`;
  throw new RepriseError(
    "AUDIT_NONE",
    "missing",
    what,
    `reprise audit run${missing === undefined ? "" : ` ${missing}`}`,
  );
}
