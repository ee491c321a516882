import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore, type Store } from "#store";
import { filesBelow } from "./damage.ts";
import { code } from "./error-code.ts";

/** XFS shares blocks between files; where it cannot be made or mounted, nothing here can be shown. */
const folder = mkdtempSync(join(tmpdir(), "reprise-reflink-"));
const mounted = join(folder, "xfs");
let store: Store | null = null;
const made = ((): boolean => {
  mkdirSync(mounted);
  const image = join(folder, "image");
  writeFileSync(image, "");
  truncateSync(image, 400 << 20);
  const ran = (program: string, ...words: string[]): boolean => spawnSync(program, words).status === 0;
  return ran("mkfs.xfs", "-q", "-m", "reflink=1", image) && ran("mount", "-o", "loop", image, mounted);
})();
beforeAll(() => {
  if (made) store = openStore(join(mounted, "store"), { create: true });
});
afterAll(() => {
  store?.close();
  if (made) spawnSync("umount", [mounted]);
  rmSync(folder, { recursive: true, force: true });
});
const free = (): number => {
  spawnSync("sync", ["-f", mounted]);
  const { bavail, bsize } = statfsSync(mounted);
  return bavail * bsize;
};

test.skipIf(!made)(
  "a large object is restored without space of its own, and what is written to it stays there (skipped: no XFS)",
  () => {
    const content = randomBytes(64 << 20);
    const digest = store?.objects.put(content) ?? expect.fail();
    const before = free();
    const target = join(mounted, "restored.bin");
    store?.objects.readTo(digest, target, 0o640);
    expect(before - free()).toBeLessThan(8 << 20);
    expect(readFileSync(target).equals(content)).toBe(true);
    const fd = openSync(target, "r+");
    writeSync(fd, "written by the user", 1000);
    closeSync(fd);
    expect(Buffer.from(store?.objects.read(digest) ?? []).equals(content)).toBe(true);
    const [path = ""] = filesBelow(join(mounted, "store", "objects")).filter((name) => name.includes(digest.slice(9)));
    const damaged = readFileSync(path);
    damaged[70_000] = (damaged[70_000] ?? 0) ^ 1;
    writeFileSync(path, damaged);
    expect(() => store?.objects.readTo(digest, join(mounted, "again.bin"))).toThrow(code("STORE_CORRUPT_OBJECT"));
    expect(filesBelow(mounted).filter((name) => name.includes("again") || name.includes("partial"))).toEqual([]);
  },
);
