import { RepriseError } from "#record";
import type { Colors } from "../output.ts";
import { safeLines } from "./escape.ts";

/** What is not one of ours is a fault of ours. */
export function asRepriseError(error: unknown): RepriseError {
  if (error instanceof RepriseError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const hint = "run it again with REPRISE_DEBUG=1 before it, and report what it prints";
  return new RepriseError("INTERNAL", "internal", `internal error: ${text}`, hint, { cause: error });
}

export function errorText(error: RepriseError, colors: Colors): string {
  const hint = error.hint === undefined ? "" : `  ${colors.bold("try:")} ${safeLines(error.hint)}\n`;
  return `${colors.red("reprise:")} ${safeLines(error.message)}\n${hint}`;
}

export function errorJson(error: RepriseError): string {
  const { code, kind, message, hint } = error;
  return `${JSON.stringify({ error: { code, kind, message, ...(hint === undefined ? {} : { hint }) } }, null, 2)}\n`;
}
