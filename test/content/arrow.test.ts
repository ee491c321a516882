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
  half: [place(Uint16Array.from(count, (row) => halfBits(row / 8))), 2],
  when: [place(BigInt64Array.from(count, (row) => BigInt((1795240813.25 + row) * 1000))), 8],
};

/** Numbers from 0 to 8 as floats of sixteen bits. */
function halfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(value));
  return ((exponent + 15) << 10) | ((value / 2 ** exponent - 1) * 1024);
}

/** Columns of a bit a row: where they lie, and of which rows a bit means something. */
const bitsAt = (of: (row: number) => boolean, after = 0): number => {
  const bits = new Uint8Array(Math.ceil(ROWS / 8));
  for (const row of count) if (of(row)) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  const at = stream.indexOf(bits, after);
  expect(at).toBeGreaterThan(0);
  return at;
};
const BITS: Readonly<Record<string, { column: string; at: number; means: (row: number) => boolean }>> = {
  "ok, there or not": { column: "ok", at: bitsAt((row) => row % 5 !== 0), means: () => true },
  "ok, true or false": {
    column: "ok",
    at: bitsAt((row) => row % 5 !== 0 && row % 2 === 0),
    means: (row) => row % 5 !== 0,
  },
  "loss, there or not": { column: "loss", at: bitsAt((row) => row % 7 !== 0), means: () => true },
  "note, there or not": { column: "note", at: bitsAt((row) => row % 3 !== 0), means: () => true },
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

  it("see each flipped bit that says whether there is a value, and each value that is a bit", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(BITS)), fc.nat(ROWS - 1), (name, row) => {
        const { column, at, means } = BITS[name] ?? { column: "", at: 0, means: () => true };
        const flipped = Buffer.from(stream);
        flipped[at + (row >> 3)] = (flipped[at + (row >> 3)] ?? 0) ^ (1 << (row & 7));
        const found = within(stream, flipped);
        if (means(row)) expect(found.difference?.where).toContain(`row ${row + 1}, column ${column} `);
        else expect(found.agree).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("see each changed letter of a dictionary, of keys and of parts", () => {
    for (const [column, text] of [
      ["word", "größe 0größe 1größe 2größe 3"],
      ["map", "k0k0k1k0k0k1"],
      ["box", "y2y4y6y8"],
    ] as const) {
      const [from, bytes] = [stream.indexOf(text), Buffer.from(text)];
      expect(from).toBeGreaterThan(0);
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), (offset) => {
          fc.pre((bytes[offset] ?? 0) < 128);
          const changed = Buffer.from(stream);
          changed[from + offset] = 0x7a;
          expect(within(stream, changed).difference?.where).toContain(`column ${column}`);
        }),
        { numRuns: 30 },
      );
    }
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
