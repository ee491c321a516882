import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** All regular files below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

/** Flips one bit of a file. */
export function flipBit(path: string, byte: number, bit = 0): void {
  const bytes = readFileSync(path);
  bytes[byte] = (bytes[byte] ?? 0) ^ (1 << bit);
  writeFileSync(path, bytes);
}

/** Flips a bit of the first stored copy of a text. */
export function damageText(root: string, text: string): void {
  for (const path of filesBelow(join(root, "objects"))) {
    const at = readFileSync(path).indexOf(text);
    if (at < 0) continue;
    flipBit(path, at);
    return;
  }
  throw new Error(`${text} is nowhere in ${root}`);
}
