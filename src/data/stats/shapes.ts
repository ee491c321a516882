import { closeSync, openSync, readSync } from "node:fs";

/** What can be told of an array or a picture without reading it whole. */
export type Shape =
  | { readonly kind: "array"; readonly dtype: string; readonly shape: readonly number[] }
  | { readonly kind: "image"; readonly format: string; readonly width: number; readonly height: number };

const HEAD_BYTES = 64 << 10;

function headOf(path: string): Buffer {
  const fd = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    return buffer.subarray(0, readSync(fd, buffer, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(fd);
  }
}

function npy(head: Buffer): Shape | null {
  if (head.toString("latin1", 0, 6) !== "\x93NUMPY") return null;
  const text = head.toString("latin1", 10, 10 + Math.min(head.length - 10, 4096));
  const dtype = /'descr'\s*:\s*'([^']+)'/.exec(text)?.[1] ?? (text.includes("'descr'") ? "structured" : null);
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (dtype === null || shape === undefined) return null;
  return {
    kind: "array",
    dtype,
    shape: shape.split(",").flatMap((word) => (word.trim() === "" ? [] : [Number(word)])),
  };
}

const image = (format: string, width: number, height: number): Shape => ({ kind: "image", format, width, height });

/** The frame header tells the size; it may stand behind a preview and profiles of any length. */
function jpeg(head: Buffer): Shape | null {
  for (let at = 2; at + 9 < head.length; ) {
    if (head[at] !== 0xff) return null;
    const marker = head[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return image("jpeg", head.readUInt16BE(at + 7), head.readUInt16BE(at + 5));
    at += marker === 0xff ? 1 : 2 + head.readUInt16BE(at + 2);
  }
  return null;
}

function webp(head: Buffer): Shape | null {
  const kind = head.toString("latin1", 12, 16);
  if (kind === "VP8X") return image("webp", 1 + head.readUIntLE(24, 3), 1 + head.readUIntLE(27, 3));
  if (kind === "VP8 ") return image("webp", head.readUInt16LE(26) & 0x3fff, head.readUInt16LE(28) & 0x3fff);
  if (kind !== "VP8L") return null;
  const bits = head.readUInt32LE(21);
  return image("webp", 1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff));
}

/** By its first bytes, whatever it is called; null: something else, or damaged. */
export function shapeOf(path: string): Shape | null {
  const head = headOf(path);
  if (head.length < 30) return null;
  const magic = head.toString("latin1", 0, 4);
  if (magic === "\x89PNG") return image("png", head.readUInt32BE(16), head.readUInt32BE(20));
  if (magic === "GIF8") return image("gif", head.readUInt16LE(6), head.readUInt16LE(8));
  if (magic.startsWith("BM")) return image("bmp", head.readInt32LE(18), Math.abs(head.readInt32LE(22)));
  if (magic === "RIFF" && head.toString("latin1", 8, 12) === "WEBP") return webp(head);
  if (head[0] === 0xff && head[1] === 0xd8) return jpeg(head);
  return npy(head);
}
