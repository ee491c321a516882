import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { RepriseError } from "#record";
import { syncFolder } from "./durable.ts";
import { guarded, systemCode } from "./failure.ts";
import type { Layout } from "./layout.ts";
import { makeOnce } from "./make-once.ts";

export const KEY_BYTES = 32;

const sum = (key: Uint8Array): Buffer => createHash("sha256").update(key).digest();

function readOr(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

/** The key in the copy, when the copy is whole: 32 bytes and their SHA-256. */
function copied({ keyCopy }: Layout): Buffer | null {
  const bytes = readOr(keyCopy);
  if (bytes?.length !== 2 * KEY_BYTES) return null;
  const key = bytes.subarray(0, KEY_BYTES);
  return sum(key).equals(bytes.subarray(KEY_BYTES)) ? key : null;
}

/** A second copy of the key, and the digest that tells which of the two is right. Stores made before lack it. */
export function copyKey(layout: Layout): void {
  if (existsSync(layout.keyCopy)) return;
  const key = readFileSync(layout.key);
  if (key.length !== KEY_BYTES) return;
  makeOnce(layout.root, "key.copy", Buffer.concat([key, sum(key)]));
  syncFolder(dirname(layout.keyCopy));
}

/** What is wrong with the key, and whether the copy has it; null: nothing, as far as can be told. */
export function keyDamage(layout: Layout): { readonly message: string; readonly right: Uint8Array | null } | null {
  const [key, right] = [readOr(layout.key), copied(layout)];
  if (key?.length !== KEY_BYTES) {
    const message = key === null ? "the key is gone" : `the key has ${key.length} bytes instead of ${KEY_BYTES}`;
    return { message, right };
  }
  if (right === null)
    return existsSync(layout.keyCopy) ? { message: "the copy of the key is damaged", right: key } : null;
  return right.equals(key) ? null : { message: "the key is not what its copy says", right };
}

/** Writes the right key and its copy anew; without one a new key, and secrets of new runs then differ from those of old ones. */
export function restoreKey(layout: Layout, right: Uint8Array | null): "restored" | "new" {
  const key = right === null ? randomBytes(KEY_BYTES) : Buffer.from(right);
  for (const path of [layout.key, layout.keyCopy]) rmSync(path, { force: true });
  makeOnce(layout.root, "key", key);
  copyKey(layout);
  return right === null ? "new" : "restored";
}

/** The key of the keyed HMACs in this store's records: from the copy where the key itself is damaged. */
export function readKey(layout: Layout): Uint8Array {
  return guarded(layout.root, "read", () => {
    const right = copied(layout);
    if (right !== null) return new Uint8Array(right);
    const damage = keyDamage(layout);
    if (damage === null || damage.right !== null) return new Uint8Array(readFileSync(layout.key));
    throw new RepriseError(
      "STORE_CORRUPT_KEY",
      "storage",
      `${layout.key} is damaged: ${damage.message}`,
      "reprise repair (new runs then cannot be compared with old ones in secret variables)",
    );
  });
}
