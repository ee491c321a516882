import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Digest, digestFromHex, digestHex, RepriseError, type RunId } from "#record";
import { type Manifest, type ManifestFile, parseManifest, refused } from "../manifest.ts";
import { objectName } from "../pack/pack.ts";
import type { Shelf } from "../shelf/shelf.ts";
import { type Surroundings, shelfAt } from "./address.ts";
import { EncryptedShelf, type Encryption } from "./encrypted.ts";

const REMOTE_FORMAT = "reprise/remote@1";
const MARKER = "reprise-remote.json";
const MOST_MANIFEST = 256 * 2 ** 20;
const RUN = /^runs\/([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})\.json$/;

const nameOf = (digest: Digest): string => objectName(digestHex(digest));
const nameOfRun = (id: RunId): string => `runs/${id}.json`;

export interface RemoteOptions extends Surroundings {
  /** Left out: not encrypted. */
  readonly encryption?: Encryption;
}

async function digestOfFile(path: string): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return digestFromHex(hash.digest("hex"));
}

/** Runs and their objects on a shelf (docs/format/remote.md). What comes from there is believed only by its digest. */
export class Remote {
  readonly scratch = mkdtempSync(join(tmpdir(), "reprise-remote-"));
  #count = 0;

  constructor(
    readonly shelf: Shelf,
    readonly contents: Shelf,
    readonly encrypted: boolean,
  ) {}

  get name(): string {
    return this.shelf.where;
  }

  fresh(): string {
    this.#count += 1;
    return join(this.scratch, String(this.#count));
  }

  /** A text of the remote's own, under its name; null: it is not there. Throws REMOTE_CORRUPT where it is too long. */
  text(name: string, most = MOST_MANIFEST): Promise<string | null> {
    return this.#text(this.contents, name, most);
  }

  writeText(name: string, text: string): Promise<void> {
    return this.#put(this.contents, name, text);
  }

  async #text(shelf: Shelf, name: string, most: number): Promise<string | null> {
    const bytes = (await shelf.sizes([name])).get(name);
    if (bytes === undefined) return null;
    if (bytes > most) throw refused("REMOTE_CORRUPT", `${this.name}: ${name} has ${bytes} bytes`);
    const path = this.fresh();
    try {
      await shelf.get([{ name, path }]);
      return existsSync(path) ? readFileSync(path, "utf8") : null;
    } finally {
      rmSync(path, { force: true });
    }
  }

  async #put(shelf: Shelf, name: string, text: string): Promise<void> {
    const path = this.fresh();
    writeFileSync(path, text);
    await shelf.put([{ name, path }]);
    rmSync(path);
  }

  /** Whether it is a remote already; one of another kind than we were told is refused. */
  async isMade(): Promise<boolean> {
    const text = await this.#text(this.shelf, MARKER, 1 << 16);
    if (text === null) return false;
    const said = /"format":\s*"(reprise\/remote@(\d+))"/.exec(text);
    if (said === null) throw refused("REMOTE_CORRUPT", `${this.name}: its ${MARKER} says something else`);
    if (Number(said[2]) > 1)
      throw refused(
        "REMOTE_NEWER",
        `${this.name} was made by a newer Reprise (${said[1]})`,
        "npm install --global reprise@latest",
      );
    const isEncrypted = /"encrypted":\s*true/.test(text);
    if (isEncrypted && !this.encrypted)
      throw refused("REMOTE_LOCKED", `${this.name} is encrypted`, "reprise remote add NAME ADDRESS --recipient age1…");
    if (!isEncrypted && this.encrypted)
      throw refused("REMOTE_PLAIN", `${this.name} was to be encrypted, and is not`, "an empty folder or prefix");
    return true;
  }

  async make(): Promise<void> {
    if (!(await this.isMade()))
      await this.#put(this.shelf, MARKER, `{"format": "${REMOTE_FORMAT}", "encrypted": ${this.encrypted}}\n`);
  }

  /** Of these objects those that are there, whole as far as their size tells. */
  async has(objects: readonly ManifestFile[]): Promise<ReadonlySet<Digest>> {
    const sizes = await this.contents.sizes(objects.map(({ digest }) => nameOf(digest)));
    const isThere = ({ digest, bytes }: ManifestFile): boolean => {
      const size = sizes.get(nameOf(digest));
      return size !== undefined && (this.encrypted ? size > bytes : size === bytes);
    };
    return new Set(objects.filter(isThere).map(({ digest }) => digest));
  }

  async write(files: readonly { readonly digest: Digest; readonly path: string }[]): Promise<void> {
    await this.contents.put(files.map(({ digest, path }) => ({ name: nameOf(digest), path })));
  }

  /** Objects into new files, each checked. Throws REMOTE_MISSING, REMOTE_CORRUPT. */
  async readTo(files: readonly (ManifestFile & { readonly path: string })[]): Promise<void> {
    const there = await this.has(files);
    const absent = files.find(({ digest }) => !there.has(digest));
    if (absent !== undefined)
      throw refused(
        "REMOTE_MISSING",
        `${this.name} lacks the object ${absent.digest}, or has another one there`,
        "push the run again from a store that has it",
      );
    await this.contents.get(files.map(({ digest, path }) => ({ name: nameOf(digest), path })));
    for (const { digest, path, bytes } of files) {
      const isRight = existsSync(path) && statSync(path).size === bytes && (await digestOfFile(path)) === digest;
      if (!isRight)
        throw refused(
          "REMOTE_CORRUPT",
          `${this.name}: the object ${digest} has another content there`,
          "push the run again from a store that has it",
        );
    }
  }

  /** One object of unknown size, for repair; false: it is not there, or not what its digest says. */
  async fetch(digest: Digest, into: string): Promise<boolean> {
    try {
      await this.contents.get([{ name: nameOf(digest), path: into }]);
    } catch (error) {
      if (error instanceof RepriseError && error.code === "REMOTE_CORRUPT") return false;
      throw error;
    }
    if (existsSync(into) && (await digestOfFile(into)) === digest) return true;
    rmSync(into, { force: true });
    return false;
  }

  async runs(): Promise<RunId[]> {
    const all = await this.contents.list("runs/");
    return all.flatMap(({ name }) => RUN.exec(name)?.[1] ?? []).sort();
  }

  /** null: it is not there. Throws PACK_INVALID, PACK_NEWER. */
  async manifest(id: RunId): Promise<Manifest | null> {
    const text = await this.text(nameOfRun(id));
    if (text === null) return null;
    const manifest = parseManifest(text);
    if (manifest.run !== id) throw refused("REMOTE_CORRUPT", `${this.name}: ${nameOfRun(id)} is of another run`);
    return manifest;
  }

  /** Last of all: with it the run is there. */
  async writeManifest(manifest: Manifest): Promise<void> {
    await this.writeText(nameOfRun(manifest.run), JSON.stringify(manifest));
  }

  close(): void {
    this.shelf.close?.();
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

/** The remote at an address; to be closed. Throws REMOTE_ADDRESS, REMOTE_NO_SSH. */
export function openRemote(address: string, options: RemoteOptions): Remote {
  const shelf = shelfAt(address, options);
  const { encryption } = options;
  const contents = encryption === undefined ? shelf : new EncryptedShelf(shelf, encryption);
  return new Remote(shelf, contents, encryption !== undefined);
}
