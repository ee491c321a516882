import { closeSync, fsyncSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Digest, digestHex, digestOf } from "#record";
import { moveInto, syncFolder, writeAll } from "../durable.ts";
import { encodeFoot, encodeIndex, PACK_HEAD, type PackEntry } from "./pack-format.ts";

/** Objects above this stand alone. */
export const SMALL_BYTES = 64 << 10;

/** Fewer than this are not worth a pack. */
const FEW = 16;
const STAGE_BYTES = 4 << 20;

/** Collects small objects, and pieces of large ones: in memory while they are few, in a waiting file when they are many. */
export class PackWriter {
  readonly #waitingPath: () => string;
  readonly #packs: string;
  readonly #entries: PackEntry[] = [];
  readonly #stage = Buffer.allocUnsafe(STAGE_BYTES);
  #staged = 0;
  #written = 0;
  #file: { readonly path: string; readonly fd: number } | null = null;

  constructor(packs: string, waitingPath: () => string) {
    this.#packs = packs;
    this.#waitingPath = waitingPath;
    this.#stageBytes(PACK_HEAD);
  }

  get bytes(): number {
    return this.#written + this.#staged;
  }

  add(digest: Digest, bytes: Uint8Array): void {
    if (this.#staged + bytes.length > STAGE_BYTES) this.#spill();
    this.#entries.push({ digest, offset: this.#written + this.#staged, bytes: bytes.length });
    this.#stageBytes(bytes);
  }

  #stageBytes(bytes: Uint8Array): void {
    this.#stage.set(bytes, this.#staged);
    this.#staged += bytes.length;
  }

  #spill(): number {
    if (this.#file === null) {
      const path = this.#waitingPath();
      this.#file = { path, fd: openSync(path, "wx", 0o600) };
    }
    writeAll(this.#file.fd, this.#stage.subarray(0, this.#staged));
    this.#written += this.#staged;
    this.#staged = 0;
    return this.#file.fd;
  }

  /** The objects themselves when they are too few for a pack; then this writer has forgotten them. */
  takeFew(): { readonly digest: Digest; readonly content: Uint8Array }[] | null {
    if (this.#file !== null || this.#entries.length >= FEW) return null;
    return this.#entries.splice(0).map(({ digest, offset, bytes }) => ({
      digest,
      content: this.#stage.subarray(offset, offset + bytes),
    }));
  }

  /** Makes the pack durable under its name. */
  finish(): void {
    const index = encodeIndex(this.#entries);
    const fd = this.#spill();
    writeAll(fd, index);
    writeAll(fd, encodeFoot(this.#entries.length));
    fsyncSync(fd);
    const path = this.#close();
    const unsynced = new Set<string>();
    if (path !== null) moveInto(path, join(this.#packs, `${digestHex(digestOf(index))}.pack`), unsynced);
    for (const folder of unsynced) syncFolder(folder);
  }

  abort(): void {
    const path = this.#close();
    if (path !== null) rmSync(path, { force: true });
  }

  #close(): string | null {
    const file = this.#file;
    this.#file = null;
    if (file !== null) closeSync(file.fd);
    return file?.path ?? null;
  }
}
