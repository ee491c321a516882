import type { SQLOutputValue } from "node:sqlite";
import type { Database } from "../database.ts";

export type Row = Readonly<Record<string, SQLOutputValue>>;

function collect(database: Database, sql: string, into: Map<string, Row>): boolean {
  try {
    for (const row of database.rows(sql)) into.set(JSON.stringify(Object.values(row)), { ...row });
    return true;
  } catch {
    return false;
  }
}

/** The rows of a table as far as a damaged database gives them out: from the front, and where that ends from the back. */
export function salvageRows(database: Database | null, table: string): Row[] {
  const found = new Map<string, Row>();
  if (database !== null && !collect(database, `SELECT * FROM "${table}"`, found))
    collect(database, `SELECT * FROM "${table}" ORDER BY rowid DESC`, found);
  return [...found.values()];
}
