import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refused } from "../manifest.ts";
import { type Surroundings, shelfAt } from "./address.ts";
import type { Encryption } from "./encrypted.ts";

const KEY = "key.age";
const MOST_BYTES = 1 << 14;

/**
 * A key for all that a remote holds, itself encrypted with a passphrase and kept there: `age -d key.age` opens it. A remote
 * that puts another one in its place gains nothing, for it does not know the passphrase. Throws REMOTE_LOCKED.
 */
export async function passphraseEncryption(
  address: string,
  passphrase: string,
  surroundings: Surroundings,
): Promise<Encryption> {
  const { Decrypter, Encrypter, generateIdentity, identityToRecipient } = await import("age-encryption");
  const shelf = shelfAt(address, surroundings);
  const scratch = mkdtempSync(join(tmpdir(), "reprise-key-"));
  const path = join(scratch, "key");
  try {
    if (!(await shelf.sizes([KEY])).has(KEY)) {
      const encrypter = new Encrypter();
      encrypter.setPassphrase(passphrase);
      writeFileSync(path, await encrypter.encrypt(`${await generateIdentity()}\n`), { mode: 0o600 });
      await shelf.put([{ name: KEY, path }]);
      rmSync(path);
    }
    // Also after making one: of two that began at once the last one counts.
    await shelf.get([{ name: KEY, path }]);
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    const decrypter = new Decrypter();
    decrypter.addPassphrase(passphrase);
    let identity: string;
    try {
      if (bytes.length > MOST_BYTES) throw new Error("it is too large");
      identity = (await decrypter.decrypt(new Uint8Array(bytes), "text")).trim();
      return { recipients: [await identityToRecipient(identity)], identity };
    } catch (error) {
      const why = `${address}: its ${KEY} is not opened by this passphrase: ${(error as Error).message}`;
      throw refused("REMOTE_LOCKED", why, "another passphrase (REPRISE_REMOTE_PASSPHRASE)", error);
    }
  } finally {
    shelf.close?.();
    rmSync(scratch, { recursive: true, force: true });
  }
}
