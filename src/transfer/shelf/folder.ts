import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import {
  type Item,
  isHidden,
  isUnfinished,
  type Listed,
  OURS,
  partName,
  type Shelf,
  unreachable,
  unwritable,
} from "./shelf.ts";

function sync(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A folder of this machine, or one that is mounted. */
export class FolderShelf implements Shelf {
  constructor(
    readonly where: string,
    readonly root: string,
  ) {}

  async sizes(names: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const name of names) {
      const stat = statSync(join(this.root, name), { throwIfNoEntry: false });
      if (stat?.isFile() === true) found.set(name, stat.size);
    }
    return found;
  }

  async list(prefix: string): Promise<Listed[]> {
    return this.#walk(prefix).filter(({ name }) => !isHidden(name));
  }

  async removeUnfinished(): Promise<void> {
    for (const folder of OURS) {
      const names = this.#walk(folder).map(({ name }) => name);
      await this.remove(names.filter(isUnfinished));
    }
  }

  /** All files below a folder, and those of writing that broke off. */
  #walk(prefix: string): Listed[] {
    const folder = join(this.root, prefix);
    if (!existsSync(this.root))
      throw unreachable(this.where, new Error("there is no such folder"), `ls -ld '${this.root}'`);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry): Listed[] => {
      if (!entry.isFile()) return [];
      const path = join(entry.parentPath, entry.name);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat === undefined) return [];
      return [{ name: path.slice(this.root.length + 1), bytes: stat.size, modifiedMs: stat.mtimeMs }];
    });
  }

  async put(items: readonly Item[]): Promise<void> {
    const folders = new Set<string>();
    try {
      for (const { name, path } of items) {
        const target = join(this.root, name);
        const folder = dirname(target);
        mkdirSync(folder, { recursive: true });
        const part = join(folder, partName());
        try {
          copyFileSync(path, part);
          sync(part);
          renameSync(part, target);
        } finally {
          rmSync(part, { force: true });
        }
        folders.add(folder);
      }
      for (const folder of folders) sync(folder);
    } catch (error) {
      throw unwritable(this.where, error);
    }
  }

  async get(items: readonly Item[]): Promise<void> {
    for (const { name, path } of items) {
      const from = join(this.root, name);
      if (existsSync(from)) copyFileSync(from, path);
    }
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) rmSync(join(this.root, name), { force: true });
  }
}
