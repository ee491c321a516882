import { crc32, inflateRawSync } from "node:zlib";
import { Cursor } from "../bytes.ts";
import { type Judge, Unreadable } from "../comparison.ts";

/** What a gzip file holds, all members after another. Name, time stamp and system in their headers are no content. */
export function readGzip(bytes: Uint8Array, judge: Judge): Uint8Array {
  const cursor = new Cursor(bytes);
  const members: Uint8Array[] = [];
  while (cursor.left > 0) {
    judge.spendSteps(100, "gzip");
    if (members.length > 0 && bytes.subarray(cursor.at).every((byte) => byte === 0)) break;
    members.push(readMember(cursor, judge));
  }
  return members.length === 1 && members[0] !== undefined ? members[0] : Buffer.concat(members);
}

function readMember(cursor: Cursor, judge: Judge): Uint8Array {
  if (cursor.u16() !== 0x8b1f || cursor.u8() !== 8) throw new Unreadable("gzip: no header");
  const flags = cursor.u8();
  if ((flags & 0xe0) !== 0) throw new Unreadable("gzip: unknown flags");
  cursor.take(6); // time stamp, level, system
  if ((flags & 4) !== 0) cursor.take(cursor.u16());
  for (const flag of [8, 16]) if ((flags & flag) !== 0) while (cursor.u8() !== 0);
  if ((flags & 2) !== 0) cursor.take(2);
  const { bytes, read } = inflate(cursor.bytes.subarray(cursor.at), judge);
  cursor.take(read);
  if (cursor.u32() !== crc32(bytes)) throw new Unreadable("gzip: damaged, wrong checksum");
  if (cursor.u32() !== bytes.length % 2 ** 32) throw new Unreadable("gzip: of another length than stated");
  judge.spendBytes(bytes.length, "gzip");
  return bytes;
}

function inflate(packed: Uint8Array, judge: Judge): { bytes: Uint8Array; read: number } {
  const maxOutputLength = Math.max(1, Math.min(judge.bytesLeft, 2 ** 31));
  try {
    // With `info` node also tells how much of the input the stream took; its types do not say so.
    const { buffer, engine } = inflateRawSync(packed, { info: true, maxOutputLength }) as unknown as {
      readonly buffer: Uint8Array;
      readonly engine: { readonly bytesWritten: number };
    };
    return { bytes: buffer, read: engine.bytesWritten };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE")
      judge.spendBytes(2 ** 52, "gzip");
    throw new Unreadable(`gzip: ${String(error)}`);
  }
}
