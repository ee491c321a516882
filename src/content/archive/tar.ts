import { Cursor, latin1, utf8Of } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { type Data, part, piecesOf, wholeOf } from "../source.ts";
import { Unreadable } from "../unseen.ts";
import type { Archive, Entry } from "./zip.ts";

const BLOCK = 512;

/** Whether bytes begin with a tar header: its checksum says so. */
export function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= BLOCK && bytes[0] !== 0 && checksumHolds(bytes.subarray(0, BLOCK));
}

/** Reads a tar archive (ustar, GNU, pax). Owner and time stamps are no content; rights and links are. */
export function readTar(data: Data, judge: Judge): Archive {
  const cursor = new Cursor(data);
  const entries: Entry[] = [];
  let extended = new Map<string, string>();
  for (;;) {
    judge.spendSteps(20, "tar");
    const header = cursor.take(BLOCK);
    if (header.every((byte) => byte === 0)) break;
    if (!checksumHolds(header)) throw new Unreadable("tar: damaged header");
    const type = String.fromCharCode(header[156] ?? 0);
    const size = Number(extended.get("size") ?? numberIn(header.subarray(124, 136)));
    const content = cursor.span(size);
    if (cursor.take((BLOCK - (size % BLOCK)) % BLOCK).some((byte) => byte !== 0))
      throw new Unreadable("tar: bytes behind an entry");
    if (type === "x") extended = new Map([...extended, ...readPax(wholeOf(content))]);
    else if (type === "L" || type === "K")
      extended.set(type === "L" ? "path" : "linkpath", textUpToNul(wholeOf(content)));
    else if (type === "g") continue;
    else {
      entries.push(entryOf(header, type, content, extended));
      extended = new Map();
    }
  }
  const rest = part(data, cursor.at, data.length);
  for (const { bytes } of piecesOf(rest))
    if (bytes.some((byte) => byte !== 0)) return { entries, rest: wholeOf(rest, "tar: bytes behind the end") };
  return { entries, rest: new Uint8Array() };
}

const TIMES_AND_OWNERS = /^(?:path|linkpath|size|[amc]time|uid|gid|uname|gname)$/;

function entryOf(header: Uint8Array, type: string, content: Data, extended: ReadonlyMap<string, string>): Entry {
  const ustar = latin1(header.subarray(257, 262)) === "ustar" && header[263] !== 0x20;
  const prefix = ustar ? textUpToNul(header.subarray(345, 500)) : "";
  const own = textUpToNul(header.subarray(0, 100));
  const name = (extended.get("path") ?? (prefix === "" ? own : `${prefix}/${own}`)).replace(/^\.\//, "");
  const link = extended.get("linkpath") ?? textUpToNul(header.subarray(157, 257));
  const mode = textUpToNul(header.subarray(100, 108)).trim();
  const more = [...extended].filter(([key]) => !TIMES_AND_OWNERS.test(key)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const kind = type === "\0" ? "0" : type;
  return { name, data: () => content, check: () => {}, about: JSON.stringify([kind, mode, link, more]) };
}

function readPax(content: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const length = Number(latin1(content.subarray(at, Math.max(at, space))));
    if (space < 0 || !Number.isSafeInteger(length) || length < 5 || at + length > content.length)
      throw new Unreadable("tar: damaged extended header");
    const record = content.subarray(space + 1, at + length - 1);
    const text = utf8Of(record) ?? latin1(record);
    found.set(text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1));
    at += length;
  }
  return found;
}

function checksumHolds(header: Uint8Array): boolean {
  let sum = 0;
  for (const [index, byte] of header.entries()) sum += index >= 148 && index < 156 ? 32 : byte;
  const stated = /^\s*([0-7]+)/.exec(latin1(header.subarray(148, 156)))?.[1];
  return stated !== undefined && Number.parseInt(stated, 8) === sum;
}

function numberIn(field: Uint8Array): number {
  if (((field[0] ?? 0) & 0x80) !== 0) return Number(BigInt(`0x${Buffer.from(field.subarray(1)).toString("hex")}`));
  const digits = textUpToNul(field).trim();
  if (!/^[0-7]*$/.test(digits)) throw new Unreadable("tar: no number in a header");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function textUpToNul(field: Uint8Array): string {
  const end = field.indexOf(0);
  const bytes = end < 0 ? field : field.subarray(0, end);
  return utf8Of(bytes) ?? latin1(bytes);
}
