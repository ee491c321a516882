import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { PassThrough, type Transform } from "node:stream";
import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from "node:zlib";

/** By the name: `.zst`, `.gz`, or none. Every tar reads gzip; zstd is faster and smaller where it is known. */
export function compressor(path: string): Transform {
  if (/\.(zst|tzst)$/.test(path)) return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  if (/\.(gz|tgz)$/.test(path)) return createGzip({ level: 5 });
  return new PassThrough();
}

function startOf(path: string): Buffer {
  const fd = openSync(path, "r");
  try {
    const start = Buffer.alloc(4);
    return start.subarray(0, readSync(fd, start));
  } finally {
    closeSync(fd);
  }
}

/** By the first bytes, whatever the name says. */
export function decompressed(path: string): AsyncIterable<Buffer> {
  const start = startOf(path);
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const through =
    start[0] === 0x1f && start[1] === 0x8b ? createGunzip() : isZstd(start) ? createZstdDecompress() : null;
  if (through === null) return file;
  file.on("error", (error) => through.destroy(error));
  through.on("close", () => file.destroy());
  return file.pipe(through);
}

const isZstd = (start: Buffer): boolean => start.length === 4 && start.readUInt32LE(0) === 0xfd2fb528;
