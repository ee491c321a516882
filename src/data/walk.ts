import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { comparePaths } from "#store";

/** Something that lies in a folder of data. */
export interface Found {
  /** From the root, with "/" between parts; "" is the root itself, where it is a file. */
  readonly path: string;
  /** For the system: the bytes of the whole name where they are no UTF-8, else text. */
  readonly place: string | Buffer;
  /** `path` as bytes, in base64, where it is not UTF-8. */
  readonly raw?: string;
  /** A folder only when nothing is in it. */
  readonly kind: "file" | "link" | "folder";
  readonly stat: Stats;
  readonly to?: string;
}

/** What cannot be data, and why. */
export interface Left {
  readonly path: string;
  readonly why: string;
}

const SKIPPED: ReadonlySet<string> = new Set([".git", ".reprise", ".hg", ".svn"]);

/** Never data: what version control and we keep beside it, also where upper and lower case are not told apart. */
export const isSkipped = (name: string): boolean => name.startsWith(".") && SKIPPED.has(name.toLowerCase());

/** What Node gives for bytes that are not UTF-8. */
const REPLACEMENT = "\uFFFD";

interface Name {
  readonly text: string;
  readonly bytes: Buffer | null;
}

function namesIn(folder: string | Buffer): Name[] {
  const names = readdirSync(folder).map((text): Name => ({ text, bytes: null }));
  const odd = names.some(({ text }) => text.includes(REPLACEMENT));
  const all = odd
    ? readdirSync(folder, { encoding: "buffer" }).map((bytes): Name => {
        const text = bytes.toString("utf8");
        return { text, bytes: Buffer.from(text).equals(bytes) ? null : bytes };
      })
    : names;
  return all.sort((a, b) => comparePaths(a.text, b.text) || Buffer.compare(a.bytes ?? NONE, b.bytes ?? NONE));
}

const NONE = Buffer.alloc(0);
const SLASH = Buffer.from("/");

function join(folder: string | Buffer, { text, bytes }: Name): string | Buffer {
  if (typeof folder === "string" && bytes === null) return `${folder}/${text}`;
  return Buffer.concat([Buffer.from(folder), SLASH, bytes ?? Buffer.from(text)]);
}

function whyLeft(stat: Stats): string {
  if (stat.isFIFO()) return "a pipe";
  if (stat.isSocket()) return "a socket";
  return "a device";
}

interface WalkOptions {
  /** Absolute paths that are not entered. */
  readonly skip?: ReadonlySet<string>;
  readonly left?: (left: Left) => void;
  /** Two names of one folder that are one where upper and lower case, or ways to write an accent, are not told apart. */
  readonly collides?: (one: string, other: string) => void;
}

class Walk {
  constructor(
    private readonly root: string,
    private readonly options: WalkOptions,
  ) {}

  #collisions(prefix: string, names: readonly Name[]): void {
    const { collides } = this.options;
    if (collides === undefined) return;
    const folded = new Map<string, string>();
    for (const { text, bytes } of names) {
      const key = text.normalize("NFC").toLowerCase();
      const other = folded.get(key);
      if (other === undefined) folded.set(key, text);
      else if (bytes === null) collides(prefix + other, prefix + text);
    }
  }

  *folder(place: string | Buffer, prefix: string): Iterable<Found> {
    let names: Name[];
    try {
      names = namesIn(place);
    } catch (error) {
      this.options.left?.({
        path: prefix === "" ? "." : prefix.slice(0, -1),
        why: `not readable: ${(error as Error).message}`,
      });
      return;
    }
    this.#collisions(prefix, names);
    for (const name of names) {
      const inside = join(place, name);
      if (isSkipped(name.text) || (typeof inside === "string" && this.options.skip?.has(inside) === true)) continue;
      yield* this.entry(inside, prefix + name.text);
    }
  }

  *entry(place: string | Buffer, path: string): Iterable<Found> {
    const stat = lstatSync(place, { throwIfNoEntry: false });
    if (stat === undefined) return;
    const raw =
      typeof place === "string" ? {} : { raw: place.subarray(Buffer.byteLength(this.root) + 1).toString("base64") };
    if (stat.isFile()) yield { path, place, ...raw, kind: "file", stat };
    else if (stat.isSymbolicLink()) {
      const bytes = readlinkSync(place, { encoding: "buffer" });
      const to = bytes.toString("utf8");
      if (Buffer.from(to).equals(bytes)) yield { path, place, ...raw, kind: "link", stat, to };
      else this.options.left?.({ path, why: "a link to a name that is no UTF-8" });
    } else if (stat.isDirectory()) {
      let empty = true;
      for (const inside of this.folder(place, `${path}/`)) {
        empty = false;
        yield inside;
      }
      if (empty) yield { path, place, ...raw, kind: "folder", stat };
    } else this.options.left?.({ path, why: whyLeft(stat) });
  }
}

/**
 * All that lies below a folder, or the one file, in the order of comparePaths; one folder's names in memory at a time.
 * Links are not followed.
 */
export function* walk(root: string, options: WalkOptions = {}): Iterable<Found> {
  const stat = lstatSync(root);
  if (stat.isDirectory()) yield* new Walk(root, options).folder(root, "");
  else if (stat.isFile()) yield { path: "", place: root, kind: "file", stat };
  else options.left?.({ path: root, why: stat.isSymbolicLink() ? "a link" : whyLeft(stat) });
}
