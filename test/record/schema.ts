import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";

const SCHEMA = join(import.meta.dirname, "../../schema/record.json");

const validate = new Ajv2020({
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  allowUnionTypes: true,
}).compile(JSON.parse(readFileSync(SCHEMA, "utf8")) as Record<string, unknown>);

/** What the published schema has against a record, after a way through JSON. */
export function schemaFaults(record: unknown): string[] {
  if (validate(JSON.parse(JSON.stringify(record)))) return [];
  return (validate.errors ?? []).map((fault) => `${fault.instancePath} ${fault.message ?? ""}`);
}
