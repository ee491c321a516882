import { crc32, inflateSync } from "node:zlib";
import { Cursor, equalBytes, latin1 } from "../bytes.ts";
import { type Difference, differs, type Judge } from "../comparison.ts";
import { Unreadable } from "../unseen.ts";
import { differentPixels, type Pixels } from "./pixels.ts";

interface Png {
  readonly width: number;
  readonly height: number;
  /** Bits of one pixel. */
  readonly depth: number;
  readonly pixels: Uint8Array;
  readonly stride: number;
  /** All other chunks that are content: palette, transparency, colour space … */
  readonly chunks: readonly string[];
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const PIXELS_LIMIT = 2 ** 30;

/** Compares pictures by their pixels: texts (date, software) and compression aside. */
export function comparePngs(a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  const left = readPng(a, judge);
  const right = readPng(b, judge);
  judge.setAside("PNG: texts, dates and compression");
  const size = (png: Png): string => `${png.width} × ${png.height}, ${png.depth} bits`;
  if (size(left) !== size(right)) return differs("size", size(left), size(right));
  if (left.chunks.join("\n") !== right.chunks.join("\n"))
    return differs("chunks", left.chunks.join(" "), right.chunks.join(" "));
  return equalBytes(left.pixels, right.pixels) ? null : differentPixels(bytewise(left), bytewise(right));
}

const bytewise = ({ pixels, stride, depth }: Png): Pixels => ({ pixels, stride, size: Math.max(1, depth / 8) });

function readPng(bytes: Uint8Array, judge: Judge): Png {
  const cursor = new Cursor(bytes);
  cursor.take(8);
  let header: DataView | null = null;
  const data: Uint8Array[] = [];
  const chunks: string[] = [];
  for (;;) {
    judge.spendSteps(10, "PNG");
    const length = Buffer.from(cursor.take(4)).readUInt32BE();
    const typed = cursor.take(length + 4);
    if (Buffer.from(cursor.take(4)).readUInt32BE() !== crc32(typed))
      throw new Unreadable("PNG: damaged, wrong checksum");
    const type = latin1(typed.subarray(0, 4));
    const body = typed.subarray(4);
    if (type === "IHDR" && length === 13) header = new DataView(body.buffer, body.byteOffset, 13);
    else if (type === "IDAT") data.push(body);
    else if (type === "IEND") break;
    else if (!/^(?:tEXt|zTXt|iTXt|tIME|eXIf)$/.test(type))
      chunks.push(`${type}:${Buffer.from(body).toString("base64")}`);
  }
  if (cursor.left > 0) throw new Unreadable("PNG: bytes behind the end");
  if (header === null) throw new Unreadable("PNG: no header");
  return { ...decode(header, Buffer.concat(data), judge), chunks };
}

function decode(header: DataView, packed: Uint8Array, judge: Judge): Omit<Png, "chunks"> {
  const [width, height, bits, colour, interlaced] = [
    header.getUint32(0),
    header.getUint32(4),
    header.getUint8(8),
    header.getUint8(9),
    header.getUint8(12),
  ];
  const channels = CHANNELS[colour];
  if (channels === undefined || ![1, 2, 4, 8, 16].includes(bits)) throw new Unreadable("PNG: an unknown kind of pixel");
  const depth = channels * bits;
  const stride = Math.ceil((width * depth) / 8);
  if ((stride + 1) * height > PIXELS_LIMIT) throw new Unreadable("PNG: too large");
  judge.spendBytes((stride + 1) * height, "PNG");
  const raw = inflate(packed, (stride + 1) * height * 2 + 64);
  const about = { width, height, depth: interlaced === 0 ? depth : depth + 1000 };
  // Interlaced pictures are compared as they are packed: filters and all.
  if (interlaced !== 0) return { ...about, pixels: raw, stride };
  if (raw.length !== (stride + 1) * height) throw new Unreadable("PNG: of another length than stated");
  return { ...about, pixels: unfilter(raw, stride, height, Math.max(1, depth >> 3)), stride };
}

function inflate(packed: Uint8Array, limit: number): Uint8Array {
  try {
    return inflateSync(packed, { maxOutputLength: limit });
  } catch (error) {
    throw new Unreadable(`PNG: ${String(error)}`);
  }
}

/** Undoes the five filters that a line of pixels may have been packed with. */
function unfilter(raw: Uint8Array, stride: number, height: number, step: number): Uint8Array {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)] ?? 0;
    if (filter > 4) throw new Unreadable("PNG: an unknown filter");
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    for (let x = 0; x < stride; x += 1) {
      const left = x >= step ? (out[to + x - step] ?? 0) : 0;
      const up = y > 0 ? (out[to + x - stride] ?? 0) : 0;
      const corner = x >= step && y > 0 ? (out[to + x - stride - step] ?? 0) : 0;
      out[to + x] = (raw[from + x] ?? 0) + guess(filter, left, up, corner);
    }
  }
  return out;
}

function guess(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  return filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
}

function paeth(left: number, up: number, corner: number): number {
  const plane = left + up - corner;
  const [l, u, c] = [Math.abs(plane - left), Math.abs(plane - up), Math.abs(plane - corner)];
  if (l <= u && l <= c) return left;
  return u <= c ? up : corner;
}
