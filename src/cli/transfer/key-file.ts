import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { RepriseError } from "#record";
import type { Context } from "../context.ts";

/** A key's text, from a file or, for a public key, as typed. Throws KEY_INVALID. */
export function keyText(given: string, context: Context, mayBeTyped: boolean): string {
  if (mayBeTyped && /^RW[A-Za-z0-9+/]{54}$/.test(given)) return given;
  try {
    return readFileSync(resolve(context.cwd, given), "utf8");
  } catch (error) {
    const what = `the key ${given} cannot be read: ${(error as Error).message}`;
    throw new RepriseError("KEY_INVALID", "usage", what, "minisign -G -W, or openssl genpkey -algorithm ed25519", {
      cause: error,
    });
  }
}
