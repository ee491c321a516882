import type { Cursor } from "../bytes.ts";
import { Unreadable } from "../unseen.ts";

/** The bytes up to where a cursor stands are followed by their checksum: lookup3 of Bob Jenkins, as HDF5 has it. */
export function verifyChecksum(cursor: Cursor, from: number, what: string): void {
  const bytes = cursor.since(from);
  if (lookup3(bytes) !== cursor.u32()) throw new Unreadable(`HDF5: ${what} is damaged, wrong checksum`);
}

const turned = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

function lookup3(bytes: Uint8Array): number {
  let a = (0xdeadbeef + bytes.length) | 0;
  let b = a;
  let c = a;
  const word = (at: number): number =>
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  let at = 0;
  for (; bytes.length - at > 12; at += 12) {
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    c = (c + word(at + 8)) | 0;
    a = ((a - c) | 0) ^ turned(c, 4);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ turned(a, 6);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ turned(b, 8);
    b = (b + a) | 0;
    a = ((a - c) | 0) ^ turned(c, 16);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ turned(a, 19);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ turned(b, 4);
    b = (b + a) | 0;
  }
  if (at < bytes.length) {
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    c = (c + word(at + 8)) | 0;
    c = ((c ^ b) - turned(b, 14)) | 0;
    a = ((a ^ c) - turned(c, 11)) | 0;
    b = ((b ^ a) - turned(a, 25)) | 0;
    c = ((c ^ b) - turned(b, 16)) | 0;
    a = ((a ^ c) - turned(c, 4)) | 0;
    b = ((b ^ a) - turned(a, 14)) | 0;
    c = ((c ^ b) - turned(b, 24)) | 0;
  }
  return c >>> 0;
}
