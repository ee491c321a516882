import {
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createInflateRaw } from "node:zlib";
import { RepriseError } from "#record";
import { unbzip2 } from "./bzip2.ts";

const refused = (path: string, why: string, hint: string, cause?: unknown): RepriseError =>
  new RepriseError("TABLE_UNREADABLE", "usage", `${path}: ${why}`, hint, cause === undefined ? {} : { cause });

function headOf(path: string): Buffer {
  const fd = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(4);
    return buffer.subarray(0, readSync(fd, buffer, 0, 4, 0));
  } finally {
    closeSync(fd);
  }
}

const MOST_ZIP = 0xffff_ffff;

/** Where the only file of an archive lies in it, by the list at its end. */
function memberOf(path: string): { start: number; end: number; stored: boolean } {
  const bytes = readFileSync(path);
  const none = (why: string): RepriseError => refused(path, why, `unzip -l '${path}'`);
  const tail = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (tail === -1 || tail + 22 > bytes.length) throw none("this is no whole zip file");
  const [count, list] = [bytes.readUInt16LE(tail + 10), bytes.readUInt32LE(tail + 16)];
  const files: number[] = [];
  for (let entry = 0, at = list; entry < count && at + 46 <= bytes.length; entry++) {
    const [name, more, note] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field)) as [number, number, number];
    const isFolder = bytes[at + 45 + name] === 0x2f;
    if (!isFolder) files.push(at);
    at += 46 + name + more + note;
  }
  const [at] = files;
  if (at === undefined || files.length !== 1) throw none(`there are ${files.length} files in it, and not one`);
  const [method, packed, header] = [
    bytes.readUInt16LE(at + 10),
    bytes.readUInt32LE(at + 20),
    bytes.readUInt32LE(at + 42),
  ];
  if ((method !== 0 && method !== 8) || (bytes.readUInt16LE(at + 8) & 1) === 1 || packed === MOST_ZIP)
    throw none("it is encrypted, or packed in a way that is not read here");
  if (header + 30 > bytes.length) throw none("this is no whole zip file");
  const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  return { start, end: start + packed - 1, stored: method === 0 };
}

type Decoder = InstanceType<typeof TextDecoder>;

type Packing = "gz" | "bz2" | "zip" | null;

const packingOf = (name: string): Packing =>
  (/\.(gz|bz2|zip)$/i.exec(name)?.[1]?.toLowerCase() as Packing | undefined) ?? null;

/** The encoding that a mark at the beginning names. */
function markIn(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? "utf-8" : null;
}

/** Python's names of encodings are the ones that users have. */
const labelOf = (encoding: string): string =>
  encoding
    .replaceAll("_", "-")
    .replace(/^latin-?(\d)$/i, "latin$1")
    .replace(/^cp(125\d)$/i, "windows-$1")
    .replace(/^utf(8|16)/i, "utf-$1");

function decoderOf(path: string, encoding: string): Decoder {
  try {
    return new TextDecoder(labelOf(encoding), { fatal: true });
  } catch (error) {
    throw refused(path, `there is no encoding '${encoding}'`, "reprise data stats FILE --encoding latin-1", error);
  }
}

/** Text of another encoding as UTF-8; without the mark that may stand before it. */
function asUtf8(path: string, encoding: string | undefined): Transform {
  let decoder: Decoder | null = null;
  const decoded = (bytes: Buffer, last: boolean): string => {
    decoder ??= decoderOf(path, markIn(bytes) ?? encoding ?? "utf-8");
    try {
      return decoder.decode(bytes, { stream: !last });
    } catch (error) {
      const hint = encoding === undefined ? "reprise data stats FILE --encoding latin-1" : "file FILE";
      throw refused(path, `it is not ${decoder.encoding}`, hint, error);
    }
  };
  const give = (bytes: Buffer, last: boolean, done: (error: Error | null, text?: string) => void): void => {
    try {
      done(null, decoded(bytes, last));
    } catch (error) {
      done(error as Error);
    }
  };
  return new Transform({
    transform: (bytes: Buffer, _encoding, done) => give(bytes, false, done),
    flush: (done) => give(Buffer.alloc(0), true, done),
  });
}

/** Into `folder`, unpacked. */
async function unpacked(path: string, packing: Packing, target: string): Promise<string> {
  if (packing === "bz2") {
    const fd = openSync(target, "wx", 0o600);
    try {
      // After what is there, and all of it: a nearly full disk takes a part of a write and says nothing.
      for (const block of unbzip2(readFileSync(path))) writeFileSync(fd, block);
    } finally {
      closeSync(fd);
    }
    return target;
  }
  const { start, end, stored } = memberOf(path);
  const from = end < start ? createReadStream("/dev/null") : createReadStream(path, { start, end });
  const to = createWriteStream(target, { flags: "wx", mode: 0o600 });
  try {
    await (stored || end < start ? pipeline(from, to) : pipeline(from, createInflateRaw(), to));
  } catch (error) {
    throw refused(path, `it could not be unpacked: ${(error as Error).message}`, `unzip -t '${path}'`, error);
  }
  return target;
}

/**
 * A file that the engine can read: gzip it knows, bzip2 and zip are unpacked into `folder`, and text of another encoding
 * is written there as UTF-8. Throws TABLE_UNREADABLE.
 */
export async function plainFile(
  path: string,
  name: string,
  folder: string,
  encoding: string | undefined,
): Promise<string> {
  const packing = packingOf(name);
  const plain = packing === "bz2" || packing === "zip" ? await unpacked(path, packing, join(folder, "unpacked")) : path;
  const isGzip = packing === "gz";
  const mark = isGzip ? null : markIn(headOf(plain));
  if (encoding === undefined && mark === null) return plain;
  const target = join(folder, "plain");
  const steps = [...(isGzip ? [createGunzip()] : []), asUtf8(name, encoding)];
  await pipeline([createReadStream(plain), ...steps, createWriteStream(target, { flags: "wx", mode: 0o600 })]);
  return target;
}

const [RETURN, NEWLINE, QUOTE] = [13, 10, 34];
/** What cells are parted by; a quote after one of these opens a cell. */
const PARTS = new Set([RETURN, NEWLINE, ...Buffer.from(",;|\t")]);

/** Every line end outside of quotes as one newline; `seen` takes what they were. */
function oneEnding(seen: Set<string>): Transform {
  let [inside, fresh, returned] = [false, true, false];
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      const out = Buffer.allocUnsafe(bytes.length);
      let length = 0;
      for (const byte of bytes) {
        const second = returned && byte === NEWLINE;
        if (second) seen.add("\r\n");
        else if (returned) seen.add("\r");
        else if (byte === NEWLINE && !inside) seen.add("\n");
        returned = !inside && byte === RETURN;
        if (second) continue;
        const counts = byte === QUOTE && (inside || fresh);
        if (counts) inside = !inside;
        // A quote right after one that closed opens again; one amid a cell is a character.
        fresh = byte === QUOTE ? counts && !inside : !inside && PARTS.has(byte);
        out[length++] = returned ? NEWLINE : byte;
      }
      done(null, out.subarray(0, length));
    },
  });
}

/** A copy in `folder`, unpacked where it is gzipped, whose lines all end in one way; null: they do already. */
export async function evenLines(path: string, folder: string): Promise<string | null> {
  const target = join(folder, "even");
  const [first, second] = headOf(path);
  const seen = new Set<string>();
  const steps = [...(first === 0x1f && second === 0x8b ? [createGunzip()] : []), oneEnding(seen)];
  await pipeline([createReadStream(path), ...steps, createWriteStream(target, { flags: "wx", mode: 0o600 })]);
  return seen.size > 1 ? target : null;
}
