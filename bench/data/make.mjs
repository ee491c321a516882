// Data to measure with.
import { randomFillSync } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Rows of a table; every row is another one. */
export function writeTable(path, bytes, salt = 0) {
  const fd = openSync(path, "w");
  let written = writeSync(fd, "id,age,income,city\n");
  for (let row = 0; written < bytes; ) {
    const lines = [];
    for (let end = row + 20_000; row < end; row += 1)
      lines.push(`${row},${(row * 7919 + salt) % 83},${((row * 104_729) % 9_999_991) / 100},city${(row * 31) % 977}\n`);
    written += writeSync(fd, lines.join(""));
  }
  closeSync(fd);
}

/** Bytes that no tool can shorten or share. */
export function writeRandom(path, bytes) {
  const fd = openSync(path, "w");
  const piece = Buffer.allocUnsafe(8 << 20);
  for (let left = bytes; left > 0; left -= piece.length)
    writeSync(fd, randomFillSync(piece), 0, Math.min(left, piece.length));
  closeSync(fd);
}

/** So many files of some 30 bytes, a thousand in each folder. */
export function writeSmall(folder, count) {
  for (let index = 0; index < count; index += 1) {
    const inside = join(folder, String(Math.floor(index / 1000)).padStart(5, "0"));
    if (index % 1000 === 0) mkdirSync(inside, { recursive: true });
    writeFileSync(join(inside, `${index}.json`), `{"label": ${index % 10}, "id": ${index}}\n`);
  }
}
