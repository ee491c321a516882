import { inflateSync } from "node:zlib";
import { Cursor } from "../bytes.ts";
import { Unreadable, Unseen } from "../unseen.ts";

export interface Filter {
  readonly id: number;
  /** Of shuffling: bytes of an element. */
  readonly settings: readonly number[];
}

const NAMES: Readonly<Record<number, string>> = {
  4: "szip",
  5: "nbit",
  6: "scale-offset",
  307: "bzip2",
  32000: "LZF",
  32001: "Blosc",
  32004: "LZ4",
  32015: "Zstandard",
};

export function readFilters(bytes: Uint8Array): Filter[] {
  const cursor = new Cursor(bytes);
  const [version, count] = [cursor.u8(), cursor.u8()];
  if (version !== 1 && version !== 2) throw new Unseen(`HDF5: filters of version ${version} are not known`);
  if (version === 1) cursor.take(6);
  return Array.from({ length: count }, () => {
    const id = cursor.u16();
    const name = version === 1 || id >= 256 ? cursor.u16() : 0;
    cursor.take(2);
    const values = cursor.u16();
    cursor.take(version === 1 ? Math.ceil(name / 8) * 8 : name);
    const settings = Array.from({ length: values }, () => cursor.u32());
    if (version === 1 && values % 2 === 1) cursor.take(4);
    return { id, settings };
  });
}

/** Undoes the filters of a chunk but those that its mask leaves out; `size` is what must come out. */
export function unfiltered(chunk: Uint8Array, filters: readonly Filter[], mask: number, size: number): Uint8Array {
  let bytes = chunk;
  for (const [index, { id, settings }] of [...filters.entries()].toReversed()) {
    if ((mask & (1 << index)) !== 0) continue;
    if (id === 1) bytes = inflated(bytes, size + 4);
    else if (id === 2) bytes = unshuffled(bytes, settings[0] ?? 1);
    else if (id === 3) bytes = checked(bytes);
    else throw new Unseen(`HDF5: data packed by ${NAMES[id] ?? `filter ${id}`} is not read in this version`);
  }
  if (bytes.length !== size) throw new Unreadable("HDF5: a chunk of another size than told");
  return bytes;
}

function inflated(bytes: Uint8Array, limit: number): Uint8Array {
  try {
    return inflateSync(bytes, { maxOutputLength: limit });
  } catch (error) {
    throw new Unreadable(`HDF5: compressed data: ${String(error)}`);
  }
}

/** First bytes of all elements come first, then all second bytes, and so on; what is left over stays at the end. */
function unshuffled(bytes: Uint8Array, size: number): Uint8Array {
  if (size <= 1) return bytes;
  const count = Math.floor(bytes.length / size);
  const whole = new Uint8Array(bytes.length);
  for (let byte = 0; byte < size; byte += 1)
    for (let index = 0; index < count; index += 1) whole[index * size + byte] = bytes[byte * count + index] ?? 0;
  whole.set(bytes.subarray(count * size), count * size);
  return whole;
}

/** Fletcher's checksum behind the data, over numbers of 16 bits with the big end first. */
function checked(bytes: Uint8Array): Uint8Array {
  const cursor = new Cursor(bytes);
  const data = cursor.take(bytes.length - 4);
  let [one, two] = [0, 0];
  for (let at = 0; at < data.length; at += 2) {
    one = (one + (data[at] ?? 0) * 256 + (data[at + 1] ?? 0)) % 65535;
    two = (two + one) % 65535;
  }
  const same = (sum: number, of: number): boolean => sum % 65535 === of % 65535;
  const sum = cursor.u32();
  if (!same(sum & 0xffff, one) || !same(sum >>> 16, two)) throw new Unreadable("HDF5: a wrong checksum");
  return data;
}
