import { copyFileSync, existsSync, mkdtempSync, renameSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { makeFolders } from "../durable.ts";
import type { Layout } from "../layout.ts";

/** A folder of one repair, in which what was damaged is kept: nothing is thrown away. */
export class Quarantine {
  readonly #parent: string;
  readonly #stamp: string;
  #folder: string | null = null;
  #count = 0;

  constructor(layout: Layout, now: Date) {
    this.#parent = layout.quarantine;
    this.#stamp = now.toISOString().replace(/[:.]/g, "-");
  }

  /** Null as long as nothing was put there. */
  get folder(): string | null {
    return this.#folder;
  }

  get count(): number {
    return this.#count;
  }

  move(path: string, name = basename(path)): void {
    renameSync(path, this.#place(name));
  }

  copy(path: string, name = basename(path)): void {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0) copyFileSync(path, this.#place(name));
  }

  #place(name: string): string {
    if (this.#folder === null) {
      makeFolders(this.#parent);
      this.#folder = mkdtempSync(join(this.#parent, `${this.#stamp}-`));
    }
    this.#count += 1;
    const place = join(this.#folder, name);
    return existsSync(place) ? `${place}-${this.#count}` : place;
  }
}
