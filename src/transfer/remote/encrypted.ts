import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { ReadableStream as WebStream } from "node:stream/web";
import { refused } from "../manifest.ts";
import { forAll, type Item, type Listed, type Shelf } from "../shelf/shelf.ts";

/** To whom is encrypted, and with what is opened. */
export interface Encryption {
  /** `age1…` */
  readonly recipients: readonly string[];
  /** `AGE-SECRET-KEY-1…`; null: what is there cannot be read from here, only added to. */
  readonly identity: string | null;
}

const END = ".age";

async function encrypt(from: string, to: string, { recipients }: Encryption): Promise<void> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const plain = Readable.toWeb(createReadStream(from)) as unknown as ReadableStream<Uint8Array<ArrayBuffer>>;
  const stream = await encrypter.encrypt(plain);
  await (stream as unknown as WebStream).pipeTo(Writable.toWeb(createWriteStream(to, { flags: "wx", mode: 0o600 })));
}

async function decrypt(from: string, to: string, name: string, identity: string): Promise<void> {
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    const closed = Readable.toWeb(createReadStream(from)) as unknown as ReadableStream<Uint8Array<ArrayBuffer>>;
    const stream = await decrypter.decrypt(closed);
    await (stream as unknown as WebStream).pipeTo(Writable.toWeb(createWriteStream(to, { flags: "wx", mode: 0o600 })));
  } catch (error) {
    rmSync(to, { force: true });
    const why = `${name} cannot be decrypted: ${(error as Error).message}`;
    throw refused("REMOTE_CORRUPT", why, "another --identity, or it was changed there", error);
  }
}

/** A shelf whose contents are age files (age-encryption.org): `age -d -i key.txt` opens each of them without us. */
export class EncryptedShelf implements Shelf {
  constructor(
    readonly inner: Shelf,
    readonly encryption: Encryption,
  ) {}

  get where(): string {
    return this.inner.where;
  }

  async sizes(names: readonly string[]): Promise<Map<string, number>> {
    const found = await this.inner.sizes(names.map((name) => name + END));
    return new Map([...found].map(([name, bytes]) => [name.slice(0, -END.length), bytes]));
  }

  async list(prefix: string): Promise<Listed[]> {
    const found = await this.inner.list(prefix);
    return found.flatMap((one) => (one.name.endsWith(END) ? [{ ...one, name: one.name.slice(0, -END.length) }] : []));
  }

  async put(items: readonly Item[]): Promise<void> {
    const scratch = mkdtempSync(join(tmpdir(), "reprise-age-"));
    try {
      const closed = items.map(({ name, path }, i) => ({
        name: name + END,
        path: join(scratch, String(i)),
        from: path,
      }));
      await forAll(closed, 2, ({ from, path }) => encrypt(from, path, this.encryption));
      await this.inner.put(closed);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  async get(items: readonly Item[]): Promise<void> {
    const { identity } = this.encryption;
    if (identity === null)
      throw refused(
        "REMOTE_LOCKED",
        `${this.where} is encrypted, and no key was given to open it`,
        "--identity key.txt",
      );
    const closed = items.map(({ name, path }) => ({ name: name + END, path: path + END }));
    try {
      await this.inner.get(closed);
      await forAll(items, 2, async ({ name, path }) => {
        if (existsSync(path + END)) await decrypt(path + END, path, name, identity);
      });
    } finally {
      for (const { path } of closed) rmSync(path, { force: true });
    }
  }

  remove(names: readonly string[]): Promise<void> {
    return this.inner.remove(names.map((name) => name + END));
  }
}
