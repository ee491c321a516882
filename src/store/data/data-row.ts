import type { Selectable } from "kysely";
import type { DataVersionsTable } from "../tables.ts";

/** A version of data as the database has it. */
export type DataRow = Selectable<DataVersionsTable>;
