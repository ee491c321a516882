import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { bytesOf, type Call, descriptorOf } from "./trace.ts";

// What a disk may hold after a power cut, by what POSIX promises and no more: bytes of a file that were not followed by an
// fsync of it may be there or not, in blocks and in any order; so may a name without an fsync of its folder. The method is that of
// Pillai et al., All File Systems Are Not Created Equal (OSDI 2014).

const BLOCK = 4096;

interface Op {
  /** What an fsync has to name for this to be there for good. */
  readonly inode: number;
  readonly kind: "data" | "name";
  apply(disk: Disk): void;
  /** The number of the call after which it is there for good. */
  durable: number;
  readonly at: number;
}

interface Disk {
  readonly files: Map<number, Buffer>;
  readonly folders: Map<number, Map<string, number>>;
}

/** For an operation that no fsync followed: whether the disk has it. */
export type Fate = (op: { readonly kind: "data" | "name"; readonly at: number }) => boolean;

const ROOT = 0;

const copyOf = ({ files, folders }: Disk): Disk => ({
  files: new Map(files),
  folders: new Map([...folders].map(([inode, names]) => [inode, new Map(names)])),
});

function written(before: Buffer, bytes: Buffer, offset: number): Buffer {
  const after = Buffer.alloc(Math.max(before.length, offset + bytes.length));
  before.copy(after);
  bytes.copy(after, offset);
  return after;
}

/** A folder on a disk, and each call that changed what is in it. */
export class TracedDisk {
  readonly #root: string;
  readonly #before: Disk = { files: new Map(), folders: new Map([[ROOT, new Map<string, number>()]]) };
  readonly #ops: Op[] = [];
  /** What a running program sees. */
  #now: Disk;
  readonly #open = new Map<number, { inode: number; position: number; append: boolean }>();
  #inodes = ROOT;
  /** What was written to standard output, with the number of the call. */
  readonly said: { readonly at: number; readonly line: string }[] = [];
  calls = 0;

  /** `syncs` false: as if no call had ever made anything last. */
  constructor(
    root: string,
    snapshot: string,
    calls: readonly Call[],
    readonly syncs = true,
  ) {
    this.#root = root;
    this.#take(snapshot, ROOT);
    this.#now = copyOf(this.#before);
    for (const call of calls) {
      this.calls += 1;
      this.#do(call);
    }
  }

  #take(folder: string, inode: number): void {
    const names = this.#before.folders.get(inode) as Map<string, number>;
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      names.set(name, ++this.#inodes);
      if (statSync(path).isDirectory()) {
        const own = this.#inodes;
        this.#before.folders.set(own, new Map());
        this.#take(path, own);
      } else this.#before.files.set(this.#inodes, readFileSync(path));
    }
  }

  #find(path: string): number | null {
    if (path === this.#root) return ROOT;
    if (!path.startsWith(`${this.#root}/`)) return null;
    const folder = this.#find(dirname(path));
    return folder === null ? null : (this.#now.folders.get(folder)?.get(basename(path)) ?? null);
  }

  #isHere = (path: string): boolean => path.startsWith(`${this.#root}/`) || path === this.#root;

  #record(kind: Op["kind"], inode: number, apply: Op["apply"]): void {
    apply(this.#now);
    this.#ops.push({ kind, inode, apply, durable: Number.POSITIVE_INFINITY, at: this.calls });
  }

  #name(path: string, inode: number | null): void {
    const folder = this.#find(dirname(path));
    if (folder === null) throw new Error(`${path}: its folder is not known`);
    const name = basename(path);
    this.#record("name", folder, ({ folders }) => {
      if (inode === null) folders.get(folder)?.delete(name);
      else folders.get(folder)?.set(name, inode);
    });
  }

  #make(path: string, kind: "file" | "folder"): number {
    const inode = ++this.#inodes;
    // Empty and nameless it is nothing; what gives it bytes and names may be lost.
    for (const disk of [this.#before, this.#now]) {
      if (kind === "file") disk.files.set(inode, Buffer.alloc(0));
      else disk.folders.set(inode, new Map());
    }
    this.#name(path, inode);
    return inode;
  }

  #write(inode: number, bytes: Buffer, offset: number): void {
    for (let from = 0; from < bytes.length; ) {
      const end = Math.min(bytes.length, from + BLOCK - ((offset + from) % BLOCK));
      const [block, place] = [bytes.subarray(from, end), offset + from];
      this.#record("data", inode, ({ files }) => {
        files.set(inode, written(files.get(inode) ?? Buffer.alloc(0), block, place));
      });
      from = end;
    }
  }

  #sync(covers: (op: Op) => boolean): void {
    if (!this.syncs) return;
    for (const op of this.#ops) if (op.durable > this.calls && covers(op)) op.durable = this.calls;
  }

  #do({ name, arguments: given, result }: Call): void {
    const path = (index: number): string => bytesOf(given[index] ?? "").toString();
    const opened = (index = 0) => this.#open.get(descriptorOf(given[index] ?? ""));
    const resize = (inode: number, length: number): void =>
      this.#record("data", inode, ({ files }) => {
        files.set(inode, written(Buffer.alloc(length), (files.get(inode) ?? Buffer.alloc(0)).subarray(0, length), 0));
      });
    switch (name) {
      case "openat": {
        if (!this.#isHere(path(1))) return;
        const flags = given[2] ?? "";
        const inode = this.#find(path(1)) ?? this.#make(path(1), "file");
        if (flags.includes("O_TRUNC") && this.#now.files.get(inode)?.length !== 0) resize(inode, 0);
        this.#open.set(result, { inode, position: 0, append: flags.includes("O_APPEND") });
        return;
      }
      case "close":
        this.#open.delete(descriptorOf(given[0] ?? ""));
        return;
      case "write": {
        const bytes = bytesOf(given[1] ?? "").subarray(0, result);
        const file = opened();
        if (file === undefined) {
          if (descriptorOf(given[0] ?? "") === 1)
            for (const line of bytes.toString().split("\n").slice(0, -1)) this.said.push({ at: this.calls, line });
          return;
        }
        const length = this.#now.files.get(file.inode)?.length ?? 0;
        this.#write(file.inode, bytes, file.append ? length : file.position);
        file.position = (file.append ? length : file.position) + result;
        return;
      }
      case "pwrite64": {
        const file = opened();
        if (file !== undefined)
          this.#write(file.inode, bytesOf(given[1] ?? "").subarray(0, result), Number(given.at(-1)));
        return;
      }
      case "ftruncate": {
        const file = opened();
        if (file !== undefined) resize(file.inode, Number(given[1]));
        return;
      }
      case "mkdir":
        if (this.#isHere(path(0)) && this.#find(path(0)) === null) this.#make(path(0), "folder");
        return;
      case "rename": {
        const inode = this.#find(path(0));
        if (inode === null) return;
        const [from, to] = [this.#find(dirname(path(0))) as number, this.#find(dirname(path(1))) as number];
        const [old, fresh] = [basename(path(0)), basename(path(1))];
        this.#record("name", to, ({ folders }) => {
          if (folders.get(from)?.get(old) === inode) folders.get(from)?.delete(old);
          folders.get(to)?.set(fresh, inode);
        });
        return;
      }
      case "unlink":
      case "rmdir":
        if (this.#find(path(0)) !== null) this.#name(path(0), null);
        return;
      case "unlinkat":
        if (this.#find(path(1)) !== null) this.#name(path(1), null);
        return;
      case "fsync":
      case "fdatasync": {
        const file = opened();
        if (file !== undefined) this.#sync((op) => op.inode === file.inode);
        return;
      }
      case "syncfs":
        this.#sync(() => true);
        return;
      case "lseek":
        if (opened() !== undefined) (opened() as { position: number }).position = result;
        return;
      default:
        // Nothing may be missed: a call that is not known here must not touch the folder.
        if (given.some((text) => text.includes(Buffer.from(this.#root).toString("hex").replace(/../g, "\\x$&"))))
          throw new Error(`${name} is not modelled`);
    }
  }

  /** The numbers of the calls after which something else may be on the disk. */
  get moments(): number[] {
    return [...new Set(this.#ops.map(({ at }) => at))];
  }

  /** Writes what the disk holds when the power goes after call `at`, into a folder that is not there yet. */
  cut(at: number, fate: Fate, into: string): void {
    const disk = copyOf(this.#before);
    for (const op of this.#ops) if (op.at <= at && (op.durable <= at || fate(op))) op.apply(disk);
    const write = (inode: number, folder: string): void => {
      mkdirSync(folder, { mode: 0o700 });
      for (const [name, own] of disk.folders.get(inode) ?? []) {
        const bytes = disk.files.get(own);
        if (bytes === undefined) write(own, join(folder, name));
        else writeFileSync(join(folder, name), bytes, { mode: 0o600 });
      }
    };
    write(ROOT, into);
  }
}
