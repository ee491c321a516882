import { Cursor } from "../bytes.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { verifyChecksum } from "./checksum.ts";
import { address, expectMark, type Hdf5File, unsigned } from "./file.ts";

/** One message of the header of an object. */
export interface Message {
  readonly type: number;
  readonly bytes: Uint8Array;
  /** What is said lies elsewhere in the file. */
  readonly shared: boolean;
}

export const MESSAGE = {
  nothing: 0x00,
  space: 0x01,
  linkInfo: 0x02,
  type: 0x03,
  oldFill: 0x04,
  fill: 0x05,
  link: 0x06,
  layout: 0x08,
  groupInfo: 0x0a,
  filters: 0x0b,
  attribute: 0x0c,
  comment: 0x0d,
  oldTime: 0x0e,
  continuation: 0x10,
  group: 0x11,
  time: 0x12,
  treeSizes: 0x13,
  attributeInfo: 0x15,
  references: 0x16,
};
const KNOWN = new Set(Object.values(MESSAGE));
const CONTINUED_LIMIT = 10_000;

/** All messages of the object at a place, those of its continuations included. */
export function messagesAt(file: Hdf5File, place: number): Message[] {
  const first = file.at(place);
  const isOld = first.left > 0 && first.u8() === 1;
  const messages: Message[] = [];
  const open = [isOld ? oldBlock(file, place) : newBlock(file, place)];
  const met = new Set<number>();
  for (let block = open.shift(); block !== undefined; block = open.shift()) {
    for (const message of messagesIn(file, block)) {
      if (message.type === MESSAGE.continuation) {
        const cursor = new Cursor(message.bytes);
        const [at, length] = [address(cursor), cursor.u64()];
        if (at === null || met.has(at) || met.size > CONTINUED_LIMIT) throw new Unreadable("HDF5: a header in a ring");
        met.add(at);
        open.push(isOld ? { ...block, cursor: file.block(at, length) } : continued(file, at, length, block));
        continue;
      }
      if (!KNOWN.has(message.type)) throw new Unseen(`HDF5: a message of type ${message.type} is not known`);
      if (message.shared && message.type !== MESSAGE.type)
        throw new Unseen("HDF5: what objects share in a heap is not read in this version");
      messages.push(message);
    }
  }
  return messages;
}

interface Block {
  readonly cursor: Cursor;
  readonly old: boolean;
  /** Each message says when it was added. */
  readonly ordered: boolean;
}

function oldBlock(file: Hdf5File, place: number): Block {
  const cursor = file.at(place);
  if (cursor.u8() !== 1) throw new Unreadable("HDF5: no header of an object");
  cursor.take(7);
  const size = cursor.u32();
  return { cursor: file.block(place + 16, size), old: true, ordered: false };
}

function newBlock(file: Hdf5File, place: number): Block {
  const cursor = file.at(place);
  expectMark(cursor, "OHDR");
  const version = cursor.u8();
  if (version !== 2) throw new Unseen(`HDF5: header of version ${version} is not known`);
  const flags = cursor.u8();
  if ((flags & 0x20) !== 0) file.judge.setAside("HDF5: times of objects");
  cursor.take(((flags & 0x20) === 0 ? 0 : 16) + ((flags & 0x10) === 0 ? 0 : 4));
  const size = unsigned(cursor, 1 << (flags & 3));
  const messages = new Cursor(cursor.take(size));
  verifyChecksum(cursor, place, "the header of an object");
  return { cursor: messages, old: false, ordered: (flags & 4) !== 0 };
}

function continued(file: Hdf5File, at: number, length: number, block: Block): Block {
  const cursor = file.block(at, length);
  expectMark(cursor, "OCHK");
  const messages = new Cursor(cursor.take(length - 8));
  verifyChecksum(cursor, 0, "the header of an object");
  return { ...block, cursor: messages };
}

function* messagesIn(file: Hdf5File, { cursor, old, ordered }: Block): Generator<Message> {
  const least = old ? 8 : ordered ? 6 : 4;
  while (cursor.left >= least) {
    file.judge.spendSteps(5, "HDF5");
    const type = old ? cursor.u16() : cursor.u8();
    const size = cursor.u16();
    const flags = cursor.u8();
    cursor.take(least - (old ? 5 : 4));
    const bytes = cursor.take(size);
    if (type !== MESSAGE.nothing) yield { type, bytes, shared: (flags & 2) !== 0 };
  }
}
