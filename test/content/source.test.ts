import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { constants, deflateRawSync, gzipSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes, type Source } from "#content";
import { Inflater } from "../../src/content/archive/inflater.ts";
import { runA, runs } from "./runs.ts";

const folder = fileURLToPath(new URL("../fixtures/content/", import.meta.url));
const names = readdirSync(folder).filter((name) => /[._]a\./.test(name));
const bytesOf = (name: string, run: string): Buffer => readFileSync(folder + name.replace(/([._])a\./, `$1${run}.`));

/** Bytes that can only be had by position, and what is handed out is overwritten where it may be. */
class Behind implements Source {
  readonly length: number;
  most = 0;
  #lent: Uint8Array | null = null;

  constructor(readonly bytes: Uint8Array) {
    this.length = bytes.length;
  }

  read(from: number, to: number, into?: Uint8Array): Uint8Array {
    expect(from >= 0 && from <= to && to <= this.length).toBe(true);
    this.most = Math.max(this.most, to - from);
    if (into === undefined) return new Uint8Array(this.bytes.subarray(from, to));
    this.#lent?.fill(0xee);
    into.set(this.bytes.subarray(from, to));
    this.#lent = into.subarray(0, to - from);
    return this.#lent;
  }
}

const told = ({ agree, how, aside, difference, incomplete }: Comparison) => ({
  agree,
  how,
  aside,
  difference,
  incomplete,
});

describe("contents by position", () => {
  it.each(names)("%s: the verdict is that of the bytes in memory", (name) => {
    for (const run of ["b", "x"]) {
      const [a, b] = [bytesOf(name, "a"), bytesOf(name, run)];
      const inMemory = compareBytes(name, a, b, runs);
      expect(told(compareBytes(name, new Behind(a), new Behind(b), runs))).toEqual(told(inMemory));
      expect(told(compareBytes(name, a, new Behind(b), runs))).toEqual(told(inMemory));
    }
  });

  it("reads long arrays in pieces, wherever they part", () => {
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000, 2000), }";
    const head = Buffer.concat([
      Buffer.from("\u0093NUMPY\u0001\0v\0", "latin1"),
      Buffer.from(`${header.padEnd(117)}\n`, "latin1"),
    ]);
    const values = new Float32Array(2_000_000).map((_, index) => index);
    const npy = (change: (values: Float32Array) => void): Behind => {
      const own = values.slice();
      change(own);
      return new Behind(Buffer.concat([head, Buffer.from(own.buffer)]));
    };
    const [a, b] = [npy(() => {}), npy((own) => own.fill(0.5, 1_500_003, 1_500_005))];
    expect(compareBytes("x.npy", a, b, runs).difference).toEqual({
      where: "element [750, 3] (2 of 2000000 differ, by up to 1.8e+8 ulp, relative 1.0e+0)",
      a: "1500003",
      b: "0.5",
      distance: 1500003.5,
    });
    expect(Math.max(a.most, b.most)).toBeLessThanOrEqual(2 ** 20);
    fc.assert(
      fc.property(fc.nat(values.length - 1), (at) => {
        const other = npy((own) => own.fill(-1, at, at + 1));
        const found = compareBytes("x.npy", a, other, { a: runA, b: runA });
        expect(found.difference?.where).toContain(`[${Math.floor(at / 2000)}, ${at % 2000}] (1 of`);
      }),
      { numRuns: 5 },
    );
  });

  it("reads long logs line by line, with what is set aside in them", () => {
    const log = (start: number, loss: string): Behind =>
      new Behind(
        Buffer.from(
          Array.from({ length: 20_000 }, (_, step) => {
            const clock = new Date(start + (step % 100) * 1000).toISOString().slice(0, 19);
            return `${clock} größe step ${step} loss ${step === 15_432 ? loss : "0.5"}`;
          }).join("\n"),
        ),
      );
    const one = log(runs.a.startMs, "0.25");
    expect(compareBytes("x.log", one, log(runs.b.startMs, "0.25"), runs)).toMatchObject({ agree: true, how: "masked" });
    const found = compareBytes("x.log", one, log(runs.b.startMs, "0.26"), runs);
    expect(found.difference).toMatchObject({ where: "line 15433" });
    expect(one.most).toBeLessThanOrEqual(2 ** 20);
  });

  it("says so when a format has no reader, or cannot be read in pieces", () => {
    const odd = (last: number): Behind => new Behind(Uint8Array.from([0, 1, 2, 3, last]));
    expect(compareBytes("x.weird", odd(1), odd(2), runs).difference?.where).toBe(
      "byte 4 (compared by bytes: no reader knows this format)",
    );
    const huge = (mark: number): Source => ({
      length: 2 ** 31,
      read: (from, to) => {
        const bytes = Buffer.alloc(to - from);
        if (from === 0) bytes.write("PAR1");
        if (from === 0 && to > 8) bytes[8] = mark;
        return bytes;
      },
    });
    const found = compareBytes("x.parquet", huge(1), huge(2), runs);
    expect(found.agree).toBe(false);
    expect(found.incomplete).toContain("too large to be read whole");
  });
});

const inflated = (packed: Uint8Array): Buffer => {
  const inflater = new Inflater(new Behind(packed), 0);
  const pieces: Buffer[] = [];
  for (let piece = inflater.next(); piece !== null; piece = inflater.next()) pieces.push(Buffer.from(piece));
  expect(inflater.end).toBe(packed.length);
  return Buffer.concat(pieces);
};

function* piecesIn(inflater: Inflater): Generator<Buffer> {
  for (let piece = inflater.next(); piece !== null; piece = inflater.next()) yield Buffer.from(piece);
}

describe("deflate in pieces", () => {
  const content = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.nat(255), fc.integer({ min: 1, max: 70_000 }))
        .map(([byte, count]) => new Uint8Array(count).fill(byte)),
      fc.integer({ min: 1, max: 50_000 }).map((count) => Uint8Array.from({ length: count }, (_, i) => (i * i) >> 3)),
    ),
    { maxLength: 12 },
  );

  it("unpacks what zlib packs, in every way it can", () => {
    const strategies = [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE];
    fc.assert(
      fc.property(content, fc.integer({ min: 0, max: 9 }), fc.constantFrom(...strategies), (parts, level, strategy) => {
        const bytes = Buffer.concat(parts);
        expect(inflated(deflateRawSync(bytes, { level, strategy, memLevel: 1 + (level % 9) })).equals(bytes)).toBe(
          true,
        );
      }),
      { numRuns: 60 },
    );
  });

  it("refuses what zlib refuses", () => {
    // A code that stands for nothing, and is never met.
    expect(() => inflated(Buffer.from("05c1010100000082a0f0ffe8c8d64a9826b33a", "hex"))).toThrow("for nothing");
    const packed = deflateRawSync(Buffer.from("loss 0.123456 acc 0.87, ".repeat(9)));
    for (let bit = 0; bit < packed.length * 8; bit += 1) {
      const broken = Buffer.from(packed);
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const read = (unpack: (bytes: Buffer) => Buffer): string => {
        try {
          return unpack(broken).toString("hex");
        } catch {
          return "refused";
        }
      };
      const ours = read((bytes) => Buffer.concat([...piecesIn(new Inflater(bytes, 0))]));
      expect(ours).toBe(read((bytes) => inflateRawSync(bytes)));
    }
  });

  it("reads a file of many members once, and not all that is left for each of them", () => {
    const of = (level: number): Behind => {
      const members = Array.from({ length: 90 }, (_, member) => {
        const bytes = Uint8Array.from(
          { length: 40_000 },
          (__, at) => 65 + ((Math.imul(at * at + member, 2654435761) >>> 9) % 60),
        );
        return gzipSync(bytes, { level });
      });
      return new Behind(Buffer.concat(members));
    };
    const [x, y] = [of(1), of(9)];
    expect(compareBytes("x.txt.gz", x, y, runs).agree).toBe(true);
    expect(x.most).toBeLessThan(1.5 * 2 ** 20);
    expect(x.length).toBeGreaterThan(2 * 2 ** 20);
  });

  it("ends soon with a reason, whatever is broken", () => {
    const packed = deflateRawSync(Buffer.from("loss 0.123456 ".repeat(3000)));
    fc.assert(
      fc.property(fc.nat(packed.length * 8 - 1), fc.nat(packed.length), (bit, length) => {
        const broken = Buffer.from(packed);
        broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        for (const bytes of [broken, packed.subarray(0, length)]) {
          try {
            expect(inflated(bytes).length).toBeLessThan(2 ** 24);
          } catch (error) {
            expect(String(error)).toMatch(/deflate|Assertion/);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("compares what unpacks to more than is held in memory", () => {
    const bytes = Buffer.alloc(40_000_000, "step 1 loss 0.5\n");
    const other = Buffer.from(bytes);
    other.write("7", 39_999_000);
    const of = (content: Buffer, level: number): Behind => new Behind(gzipSync(content, { level }));
    expect(compareBytes("x.log.gz", of(bytes, 1), of(bytes, 9), runs).agree).toBe(true);
    const found = compareBytes("x.log.gz", of(bytes, 1), of(other, 9), runs);
    expect(found.difference?.where).toBe("line 2499938 is only in b");
  });
});
