import { Cursor } from "../bytes.ts";
import type { Difference, Judge } from "../comparison.ts";
import { type Data, part, piecesOf, readData, type Source } from "../source.ts";
import { Unreadable } from "../unseen.ts";
import { inflatedAt } from "./inflated.ts";

/** Compares what two gzip files hold by its own format. */
export function compareGzips(name: string, a: Data, b: Data, judge: Judge): Difference | null {
  const [left, right] = [readGzip(a, judge), readGzip(b, judge)];
  judge.setAside("gzip: name, time stamp and compression");
  return judge.compareInside(name.replace(/\.gz$/i, "").replace(/\.tgz$/i, ".tar"), left, right);
}

/** What a gzip file holds, all members after another. Name, time stamp and system in their headers are no content. */
function readGzip(data: Data, judge: Judge): Data {
  const cursor = new Cursor(data);
  const members: Data[] = [];
  while (cursor.left > 0) {
    judge.spendSteps(100, "gzip");
    if (members.length > 0 && isBlank(part(data, cursor.at, data.length))) break;
    members.push(readMember(cursor, judge));
  }
  return joined(members);
}

const isBlank = (data: Data): boolean => {
  if (readData(data, 0, 1)[0] !== 0) return false;
  for (const { bytes } of piecesOf(data)) if (bytes.some((byte) => byte !== 0)) return false;
  return true;
};

function readMember(cursor: Cursor, judge: Judge): Data {
  if (cursor.u16() !== 0x8b1f || cursor.u8() !== 8) throw new Unreadable("gzip: no header");
  const flags = cursor.u8();
  if ((flags & 0xe0) !== 0) throw new Unreadable("gzip: unknown flags");
  cursor.take(6); // time stamp, level, system
  if ((flags & 4) !== 0) cursor.take(cursor.u16());
  for (const flag of [8, 16]) if ((flags & flag) !== 0) while (cursor.u8() !== 0);
  if ((flags & 2) !== 0) cursor.take(2);
  const { data, read, crc } = inflatedAt(part(cursor.data, cursor.at, cursor.length), judge);
  cursor.at += read;
  if (cursor.u32() !== crc) throw new Unreadable("gzip: damaged, wrong checksum");
  if (cursor.u32() !== data.length % 2 ** 32) throw new Unreadable("gzip: of another length than stated");
  return data;
}

function joined(members: readonly Data[]): Data {
  const [only] = members;
  if (members.length === 1 && only !== undefined) return only;
  if (members.every((member) => member instanceof Uint8Array)) return Buffer.concat(members);
  return new Joined(members);
}

/** Members one after another, as one content. */
class Joined implements Source {
  readonly length: number;

  constructor(readonly members: readonly Data[]) {
    this.length = members.reduce((sum, member) => sum + member.length, 0);
  }

  read(from: number, to: number, into?: Uint8Array): Uint8Array {
    const out = (into ?? new Uint8Array(to - from)).subarray(0, to - from);
    let start = 0;
    for (const member of this.members) {
      const [first, last] = [Math.max(from, start), Math.min(to, start + member.length)];
      if (first < last) out.set(readData(member, first - start, last - start), first - from);
      start += member.length;
    }
    return out;
  }
}
