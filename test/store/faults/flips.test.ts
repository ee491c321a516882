import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RepriseError } from "#record";
import { fsckStore, repairStore } from "#store";
import { filesBelow, flipBit } from "../damage.ts";
import { type Answers, ask, judge, makeStore } from "./sample-store.ts";

/** Bytes from one flip to the next: REPRISE_FLIP_STRIDE=1 flips a bit in every byte of every file. */
const STRIDE = Number(process.env.REPRISE_FLIP_STRIDE ?? 499);
/** Every so many damaged stores are also repaired. */
const REPAIRED = 7;

let folder: string;
let root: string;
let files: string;
let right: Answers;
beforeAll(() => {
  // Where there is memory for it: thousands of stores are written.
  folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "reprise-flips-"));
  const made = makeStore(folder);
  files = made.files;
  root = join(folder, "damaged");
  cpSync(made.root, root, { recursive: true });
  right = ask(root, files);
  expect(right.has("open")).toBe(false);
  expect([...right.values()].filter((text) => text.startsWith("error "))).toEqual([]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fresh(): void {
  rmSync(root, { recursive: true, force: true });
  cpSync(join(folder, "store"), root, { recursive: true });
}

/** What fsck says: null when nothing. */
function found(): string | null {
  try {
    return fsckStore(root).findings[0]?.code ?? null;
  } catch (error) {
    if (error instanceof RepriseError) return error.code;
    throw error;
  }
}

interface Tally {
  found: number;
  harmless: number;
  repaired: number;
  readonly wrong: string[];
  readonly unnoticed: string[];
  readonly unmended: string[];
}

/** Damages, asks, checks, and every few times repairs. */
async function tryOne(tally: Tally, where: string, round: number, damage: () => void): Promise<void> {
  fresh();
  damage();
  const finding = found();
  const { wrong, same } = judge(right, ask(root, files));
  if (wrong.length > 0) tally.wrong.push(`${where}: ${wrong[0]}`);
  if (finding !== null) tally.found += 1;
  else if (same) tally.harmless += 1;
  else tally.unnoticed.push(where);
  if (finding === null || round % REPAIRED !== 0) return;
  fresh();
  damage();
  const { left } = await repairStore(root);
  tally.repaired += 1;
  if (!judge(right, ask(root, files)).same && left.length === 0) tally.unmended.push(where);
}

const names = (): string[] => filesBelow(join(folder, "store")).map((path) => relative(join(folder, "store"), path));

async function sweep(damagesOf: (name: string, size: number) => Iterable<[string, () => void]>): Promise<Tally> {
  const tally: Tally = { found: 0, harmless: 0, repaired: 0, wrong: [], unnoticed: [], unmended: [] };
  let round = 0;
  for (const name of names()) {
    for (const [where, damage] of damagesOf(name, statSync(join(folder, "store", name)).size)) {
      await tryOne(tally, where, round++, damage);
    }
  }
  return tally;
}

function report(what: string, { found: seen, harmless, repaired, wrong, unnoticed, unmended }: Tally): void {
  process.stderr.write(
    `${what}: ${seen + harmless + unnoticed.length} in ${names().length} files; found by fsck ${seen}, harmless ${harmless}, ` +
      `handed out wrong ${wrong.length}, unnoticed ${unnoticed.length}; repaired ${repaired}, of these not whole and not said ${unmended.length}\n`,
  );
  expect({ wrong, unnoticed, unmended }).toEqual({ wrong: [], unnoticed: [], unmended: [] });
}

test("a flipped bit anywhere in any file is found by fsck or harmless, and never handed out", {
  timeout: 0,
}, async () => {
  const tally = await sweep(function* (name, size) {
    // Each file has its own beginning, so that the places are not all alike.
    for (let at = (name.length * 31) % Math.min(STRIDE, Math.max(1, size)); at < size; at += STRIDE)
      yield [`${name} at ${at}`, () => flipBit(join(root, name), at, (at + name.length) % 8)];
  });
  report("flipped bits", tally);
});

test("a file cut off anywhere is found by fsck or harmless, and never handed out", { timeout: 0 }, async () => {
  const tally = await sweep(function* (name, size) {
    for (let length = 0; length < size; length += Math.max(1, Math.min(STRIDE * 40, Math.ceil(size / 4))))
      yield [`${name} cut to ${length}`, () => truncateSync(join(root, name), length)];
  });
  report("files cut off", tally);
  expect(readFileSync(join(folder, "store", "VERSION"), "utf8")).toBe("reprise/store@1\n");
});
