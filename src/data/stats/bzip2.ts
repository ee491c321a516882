import { RepriseError } from "#record";

/** Bits of a buffer, the highest first. */
class Bits {
  #at = 0;
  #held = 0;
  #count = 0;
  constructor(readonly bytes: Uint8Array) {}

  read(count: number): number {
    while (this.#count < count) {
      const next = this.bytes[this.#at++];
      if (next === undefined) throw damaged("it ends too early");
      this.#held = ((this.#held << 8) | next) >>> 0;
      this.#count += 8;
    }
    this.#count -= count;
    const value = this.#held >>> this.#count;
    this.#held &= (1 << this.#count) - 1;
    return value;
  }

  /** At most 24 bits fit beside what is held. */
  wide(count: number): number {
    return this.read(count - 16) * 65_536 + this.read(16);
  }

  align(): void {
    this.#held = 0;
    this.#count = 0;
  }

  get ended(): boolean {
    return this.#at >= this.bytes.length;
  }
}

const damaged = (why: string): RepriseError =>
  new RepriseError("TABLE_UNREADABLE", "usage", `this is no whole bzip2 file: ${why}`, "bzip2 --test FILE");

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});

interface Code {
  /** By length: the first code of it, how many there are, and where their symbols begin. */
  readonly first: Int32Array;
  readonly counts: Int32Array;
  readonly starts: Int32Array;
  readonly symbols: Int32Array;
}

const MOST_BITS = 20;

function codeOf(lengths: Uint8Array): Code {
  const counts = new Int32Array(MOST_BITS + 2);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  const [first, starts] = [new Int32Array(MOST_BITS + 2), new Int32Array(MOST_BITS + 2)];
  for (let length = 1, code = 0, at = 0; length <= MOST_BITS; length++) {
    first[length] = code;
    starts[length] = at;
    code = (code + (counts[length] ?? 0)) << 1;
    at += counts[length] ?? 0;
  }
  const order = [...lengths.keys()].toSorted((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
  return { first, counts, starts, symbols: Int32Array.from(order) };
}

function symbolIn(bits: Bits, { first, counts, starts, symbols }: Code): number {
  for (let length = 1, code = 0; length <= MOST_BITS; length++) {
    code = (code << 1) | bits.read(1);
    const place = code - (first[length] ?? 0);
    if (place < (counts[length] ?? 0)) return symbols[(starts[length] ?? 0) + place] ?? 0;
  }
  throw damaged("a code in it is none");
}

function alphabetOf(bits: Bits): number[] {
  const groups = bits.read(16);
  const found: number[] = [];
  for (let group = 0; group < 16; group++)
    if (groups & (0x8000 >> group)) {
      const some = bits.read(16);
      for (let bit = 0; bit < 16; bit++) if (some & (0x8000 >> bit)) found.push(group * 16 + bit);
    }
  return found;
}

function toFront(list: number[], place: number): number {
  const [value] = list.splice(place, 1);
  if (value === undefined) throw damaged("a place in it is none");
  list.unshift(value);
  return value;
}

function selectorsOf(bits: Bits, tables: number): number[] {
  const order = Array.from({ length: tables }, (_, table) => table);
  return Array.from({ length: bits.read(15) }, () => {
    let place = 0;
    while (bits.read(1) === 1) place += 1;
    return toFront(order, place);
  });
}

function codesOf(bits: Bits, tables: number, symbols: number): Code[] {
  return Array.from({ length: tables }, () => {
    const lengths = new Uint8Array(symbols);
    let length = bits.read(5);
    for (let symbol = 0; symbol < symbols; symbol++) {
      while (bits.read(1) === 1) length += bits.read(1) === 1 ? -1 : 1;
      if (length < 1 || length > MOST_BITS) throw damaged("a code in it has no length");
      lengths[symbol] = length;
    }
    return codeOf(lengths);
  });
}

/** The last column of the sorted turns of a block. */
function columnOf(bits: Bits, most: number): Uint8Array {
  const list = alphabetOf(bits);
  const end = list.length + 1;
  const tables = bits.read(3);
  const selectors = selectorsOf(bits, tables);
  const codes = codesOf(bits, tables, list.length + 2);
  const column = new Uint8Array(most);
  let [length, run, weight] = [0, 0, 1];
  for (let count = 0; ; count++) {
    const code = codes[selectors[Math.floor(count / 50)] ?? -1];
    if (code === undefined) throw damaged("a block in it has no end");
    const symbol = symbolIn(bits, code);
    if (symbol <= 1) {
      run += weight << symbol;
      weight <<= 1;
      if (run > most) throw damaged("a block in it is too long");
      continue;
    }
    if (run > 0) {
      if (length + run > most) throw damaged("a block in it is too long");
      column.fill(list[0] ?? 0, length, length + run);
      length += run;
      [run, weight] = [0, 1];
    }
    if (symbol === end) return column.subarray(0, length);
    if (length >= most) throw damaged("a block in it is too long");
    column[length++] = toFront(list, symbol - 1);
  }
}

/** The text of a block from its last column: each place names the one after it. */
function turned(column: Uint8Array, origin: number): Uint8Array {
  const starts = new Int32Array(256);
  for (const byte of column) starts[byte] = (starts[byte] ?? 0) + 1;
  for (let byte = 0, sum = 0; byte < 256; byte++) {
    const count = starts[byte] ?? 0;
    starts[byte] = sum;
    sum += count;
  }
  const next = new Int32Array(column.length);
  for (const [place, byte] of column.entries()) {
    const at = starts[byte] ?? 0;
    next[at] = place;
    starts[byte] = at + 1;
  }
  if (origin >= column.length) throw damaged("a block in it begins nowhere");
  const text = new Uint8Array(column.length);
  for (let count = 0, at = next[origin] ?? 0; count < text.length; count++, at = next[at] ?? 0)
    text[count] = column[at] ?? 0;
  return text;
}

/** Four of the same are followed by how many more there are. */
function unrolled(text: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let [start, same] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    same = at > 0 && same > 0 && text[at] === text[at - 1] ? same + 1 : 1;
    if (same < 4) continue;
    parts.push(text.subarray(start, at + 1), new Uint8Array(text[at + 1] ?? 0).fill(text[at] ?? 0));
    at += 1;
    [start, same] = [at + 1, 0];
  }
  parts.push(text.subarray(start));
  return Buffer.concat(parts);
}

function checked(block: Uint8Array, expected: number): Uint8Array {
  let crc = 0xffffffff;
  for (const byte of block) crc = (crc << 8) ^ (CRC[((crc >>> 24) ^ byte) & 0xff] ?? 0);
  if (~crc >>> 0 !== expected) throw damaged("a checksum in it is another one");
  return block;
}

const [BLOCK, END] = [0x314159265359, 0x177245385090];

/** The content of a bzip2 file, block by block; node:zlib does not know this format. Throws TABLE_UNREADABLE. */
export function* unbzip2(bytes: Uint8Array): Iterable<Uint8Array> {
  const bits = new Bits(bytes);
  do {
    const level = bits.wide(32) - 0x425a6830;
    if (level < 1 || level > 9) throw damaged("it does not begin as one");
    for (;;) {
      const mark = bits.wide(24) * 0x1000000 + bits.wide(24);
      const crc = bits.wide(32);
      if (mark === END) break;
      if (mark !== BLOCK || bits.read(1) !== 0) throw damaged("a block in it does not begin as one");
      const origin = bits.wide(24);
      yield checked(unrolled(turned(columnOf(bits, level * 100_000), origin)), crc);
    }
    bits.align();
  } while (!bits.ended);
}
