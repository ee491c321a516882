import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from "node:fs";

/** The comment of a zip may follow its end record: so far from the end it can begin. */
const ZIP_TAIL = 66_000;
const MOST_JSON = 64 * 1024 * 1024;

function ends(path: string): { readonly head: Buffer; readonly tail: Buffer; readonly size: number } {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const head = Buffer.alloc(Math.min(size, 512));
    const tail = Buffer.alloc(Math.min(size, ZIP_TAIL));
    readSync(file, head, 0, head.length, 0);
    readSync(file, tail, 0, tail.length, size - tail.length);
    return { head, tail, size };
  } finally {
    closeSync(file);
  }
}

function part(path: string, from: number, length: number): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, from);
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** Its header says where the last tensor ends. */
function safetensors(path: string, head: Buffer, size: number): string | null {
  const length = Number(head.readBigUInt64LE(0));
  if (8 + length > size) return "its header is cut off";
  if (length > MOST_JSON) return null;
  const ends = [
    ...part(path, 8, length)
      .toString("utf8")
      .matchAll(/"data_offsets"\s*:\s*\[\s*\d+\s*,\s*(\d+)/g),
  ];
  const end = Math.max(0, ...ends.map((found) => Number(found[1])));
  return 8 + length + end > size ? "its last tensor is cut off" : null;
}

/** Why a file cannot be a whole checkpoint: its form says where it ends, and it ends before. Null: nothing speaks against it. */
export function tornOf(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) return null;
  if (stat.size === 0) return "it is empty";
  const { head, tail, size } = ends(path);
  if (head.length >= 4 && head.readUInt32LE(0) === 0x04034b50)
    return tail.includes(Buffer.from([0x50, 0x4b, 5, 6])) ? null : "a zip archive without its end";
  if (head.length >= 2 && head[0] === 0x80 && (head[1] ?? 9) <= 5 && !path.endsWith(".pt") && !path.endsWith(".pth"))
    return tail.at(-1) === 0x2e || path.endsWith(".joblib") ? null : "a pickle without its end";
  if (path.endsWith(".safetensors") && size >= 8) return safetensors(path, head, size);
  if (path.endsWith(".json") && size <= MOST_JSON) {
    try {
      JSON.parse(readFileSync(path, "utf8"));
    } catch {
      return "no whole JSON";
    }
  }
  return null;
}
