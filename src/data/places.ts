import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** The folder that a name lies in, also of one that is no text. */
export function parentOf(place: string | Buffer): string | Buffer {
  if (typeof place === "string") return dirname(place);
  const parent = place.subarray(0, place.lastIndexOf("/"));
  const text = parent.toString("utf8");
  return Buffer.from(text).equals(parent) ? text : parent;
}

/** Makes folders below a root; a link on the way would lead elsewhere, so it gives way to a folder. */
export class FolderMaker {
  readonly #made = new Set<string>();

  constructor(private readonly root: string) {}

  make(folder: string | Buffer): void {
    const name = folder.toString("latin1");
    if (this.#made.has(name)) return;
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    // The root is the user's own choice, wherever a link leads.
    const isRoot = folder === this.root || this.root.startsWith(`${String(folder)}/`);
    if (isRoot) mkdirSync(folder, { recursive: true });
    else if (stat?.isDirectory() !== true) {
      this.make(parentOf(folder));
      if (stat !== undefined) unlinkSync(folder);
      mkdirSync(folder);
    } else this.make(parentOf(folder));
    this.#made.add(name);
  }
}

/** A file whose name is no text: it appears whole. */
export function writeOdd(place: Buffer, bytes: Uint8Array, mode: number): void {
  const partial = Buffer.concat([Buffer.from(parentOf(place)), Buffer.from(`/.reprise-${process.pid}-partial`)]);
  const fd = openSync(partial, "w", 0o600);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    fchmodSync(fd, mode);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(partial, place);
}
