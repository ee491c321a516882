import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runA, runs } from "./runs.ts";

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../fixtures/content/${name}`, import.meta.url)));
const compare = (a: Uint8Array, b: Uint8Array, name = "x.arrows"): Comparison => compareBytes(name, a, b, runs);
/** Of one run: then nothing is masked for being another moment. */
const within = (a: Uint8Array, b: Uint8Array): Comparison => compareBytes("x.arrows", a, b, { a: runA, b: runA });

const stream = fixture("table.a.arrows");
const ROWS = 60;
const count = Array.from({ length: ROWS }, (_, row) => row);

/** Where the values of a column lie in a file that is not packed: they are known, and found by their bytes. */
function place(values: ArrayBufferView): number {
  const at = stream.indexOf(Buffer.from(values.buffer));
  expect(at).toBeGreaterThan(0);
  return at;
}

/** Columns of fixed width: their first byte, and the bytes of a value. */
const COLUMNS: Readonly<Record<string, readonly [number, number]>> = {
  step: [place(Int32Array.from(count)), 4],
  raw: [place(Uint8Array.from(count.flatMap((row) => [row, 255 - row]))), 2],
  price: [place(BigInt64Array.from(count.flatMap((row) => [BigInt(row * 100), 0n]))), 16],
  when: [place(BigInt64Array.from(count, (row) => BigInt((1795240813.25 + row) * 1000))), 8],
};

describe("Arrow and Feather", () => {
  it("agree however rows are cut into batches and packed, and tell what was set aside", () => {
    for (const name of ["table.a.feather", "table.a.arrows"]) {
      const found = compare(fixture(name), fixture(name.replace(".a.", ".b.")), name);
      expect(found).toMatchObject({ agree: true, how: "masked" });
      expect(found.aside.join("\n")).toMatch(/column when: .*time/);
      expect(compare(fixture(name), fixture(name.replace(".a.", ".x.")), name).difference).toMatchObject({
        where: "row 44, column loss (1 of 60 rows differ)",
        b: "0.5",
      });
    }
    expect(compare(fixture("table.a.feather"), stream, "x.feather")).toMatchObject({ agree: true, how: "content" });
  });

  it("see each flipped bit of each value and name row and column", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(COLUMNS)), fc.nat(ROWS - 1), fc.nat(), (name, row, bit) => {
        const [from, width] = COLUMNS[name] ?? [0, 1];
        const flipped = Buffer.from(stream);
        const at = from + row * width + ((bit >> 3) % width);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit & 7));
        const found = compareBytes("x.arrows", stream, flipped, { a: runA, b: runA });
        if (name === "when" && found.agree) expect(found.how).toBe("masked");
        else expect(found.difference?.where).toContain(`row ${row + 1}, column ${name} (1 of 60 rows differ)`);
      }),
      { numRuns: 500 },
    );
  });

  it("name the row of a text", () => {
    const words = Buffer.from(stream);
    words[words.indexOf("nnnn")] = 0x6d;
    const { difference } = within(stream, words);
    expect(difference?.where).toMatch(/^row \d+, column note \(1 of 60 rows differ\)$/);
    expect([difference?.a, difference?.b]).toEqual(["n", "m"]);
  });
});

describe("Arrow that is damaged or made to harm", () => {
  it.each(["table.a.feather", "table.a.arrows"])(
    "%s: a flipped bit is answered, and never breaks or hangs it",
    (name) => {
      const bytes = fixture(name);
      const started = performance.now();
      for (let at = 0; at < bytes.length; at += 5) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        const found = compareBytes(name, bytes, flipped, { a: runA, b: runA });
        expect(found.agree || found.difference !== undefined || found.incomplete !== undefined).toBe(true);
      }
      expect(performance.now() - started).toBeLessThan(60_000);
    },
  );

  it("is not called equal, but unknown with a reason", () => {
    const feather = fixture("table.a.feather");
    for (const length of [6, 12, 200, feather.length - 1, feather.length - 11])
      expect(compare(feather, feather.subarray(0, length), "x.feather").incomplete).toContain("Arrow");
    for (const length of [4, 8, 300, stream.length - 12])
      expect(compare(stream, stream.subarray(0, length)).incomplete).toContain("Arrow");
    expect(compare(stream, Buffer.concat([stream, Buffer.from("more")])).incomplete).toContain("Arrow");
  });

  it("holds back from lengths that no file has", () => {
    const started = performance.now();
    for (let at = 0; at + 4 < stream.length; at += 4) {
      const grown = Buffer.from(stream);
      grown.writeUInt32LE(0x7fffffff, at);
      const found = within(stream, grown);
      expect(found.agree || found.difference !== undefined || found.incomplete !== undefined).toBe(true);
    }
    expect(performance.now() - started).toBeLessThan(60_000);
  });
});
