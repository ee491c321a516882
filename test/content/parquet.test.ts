import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runA, runs } from "./runs.ts";

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../fixtures/content/${name}`, import.meta.url)));
const compare = (a: Uint8Array, b: Uint8Array): Comparison => compareBytes("x.parquet", a, b, runs);
/** Of one run: then nothing is masked for being another moment. */
const within = (a: Uint8Array, b: Uint8Array): Comparison => compareBytes("x.parquet", a, b, { a: runA, b: runA });

interface Rows {
  readonly ints: readonly (number | null)[];
  readonly longs: readonly bigint[];
  readonly floats: readonly number[];
  readonly doubles: readonly (number | null)[];
  readonly words: readonly (string | null)[];
  readonly flags: readonly boolean[];
}
/** How the same rows may be written. */
interface Layout {
  readonly codec: "UNCOMPRESSED" | "SNAPPY" | "GZIP" | "ZSTD" | "BROTLI";
  readonly rowGroupSize: number;
  readonly pageSize: number;
  readonly packed: boolean;
  readonly by: string;
}

const compressors = {
  GZIP: (bytes: Uint8Array) => gzipSync(bytes),
  ZSTD: (bytes: Uint8Array) => zstdCompressSync(bytes),
  BROTLI: (bytes: Uint8Array) => brotliCompressSync(bytes),
};

function written(rows: Rows, { codec, rowGroupSize, pageSize, packed, by }: Layout): Uint8Array {
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: "ints", data: [...rows.ints], type: "INT32", nullable: true },
      {
        name: "longs",
        data: [...rows.longs],
        type: "INT64",
        ...(packed ? { encoding: "DELTA_BINARY_PACKED" as const } : {}),
      },
      {
        name: "floats",
        data: [...rows.floats],
        type: "FLOAT",
        ...(packed ? { encoding: "BYTE_STREAM_SPLIT" as const } : {}),
      },
      { name: "doubles", data: [...rows.doubles], type: "DOUBLE", nullable: true },
      {
        name: "words",
        data: [...rows.words],
        type: "STRING",
        nullable: true,
        ...(packed ? { encoding: "DELTA_BYTE_ARRAY" as const } : {}),
      },
      { name: "flags", data: [...rows.flags], type: "BOOLEAN" },
    ],
    codec,
    compressors,
    rowGroupSize,
    pageSize,
    createdBy: by,
  });
  return new Uint8Array(buffer);
}

const someRows = fc.integer({ min: 1, max: 40 }).chain((length) => {
  const column = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> =>
    fc.array(value, { minLength: length, maxLength: length });
  return fc.record<Rows>({
    ints: column(fc.option(fc.integer({ min: -5, max: 5 }))),
    longs: column(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    floats: column(fc.float({ noNaN: true }).map((value) => value + 0)),
    // The writer takes -0 and 0 for one word of its dictionary.
    doubles: column(fc.option(fc.double({ noNaN: true }).map((value) => value + 0))),
    words: column(fc.option(fc.constantFrom("ant", "bee", "größe", "", "a".repeat(90)))),
    flags: column(fc.boolean()),
  });
});
const layout = fc.record<Layout>({
  codec: fc.constantFrom("UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "BROTLI"),
  rowGroupSize: fc.integer({ min: 1, max: 50 }),
  pageSize: fc.integer({ min: 8, max: 400 }),
  packed: fc.boolean(),
  by: fc.constantFrom("one", "another program"),
});

function changed(rows: Rows, name: keyof Rows, row: number): Rows {
  const cells: (number | bigint | string | boolean | null)[] = [...rows[name]];
  const old = cells[row] ?? null;
  const next: Readonly<Record<keyof Rows, typeof old>> = {
    ints: old === null ? 0 : null,
    longs: typeof old === "bigint" ? old ^ 1n : null,
    floats: old === 0.5 ? 0.25 : 0.5,
    doubles: old === 0.5 ? null : 0.5,
    words: old === "bee" ? "bees" : "bee",
    flags: old === false,
  };
  cells[row] = next[name];
  return { ...rows, [name]: cells };
}

describe("Parquet", () => {
  it("agrees however the same rows were written", () => {
    fc.assert(
      fc.property(someRows, layout, layout, (rows, one, other) => {
        const found = compare(written(rows, one), written(rows, other));
        expect(found.difference).toBeUndefined();
        expect(found.agree).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("sees one changed value anywhere and names row and column", () => {
    const names = fc.constantFrom<keyof Rows>("ints", "longs", "floats", "doubles", "words", "flags");
    fc.assert(
      fc.property(someRows, layout, layout, names, fc.nat(), (rows, one, other, name, at) => {
        const row = at % rows.ints.length;
        const found = compare(written(rows, one), written(changed(rows, name, row), other));
        expect(found.agree).toBe(false);
        expect(found.difference?.where).toBe(`row ${row + 1}, column ${name} (1 of ${rows.ints.length} rows differ)`);
      }),
      { numRuns: 60 },
    );
  });

  it("tells how far numbers are apart, how many differ and in which columns", () => {
    const rows: Rows = {
      ints: [1, 2, 3],
      longs: [1n, 2n, 3n],
      floats: [1, 2, 3],
      doubles: [1, 2, 3],
      words: ["a", "b", "c"],
      flags: [true, true, true],
    };
    const plain: Layout = { codec: "SNAPPY", rowGroupSize: 10, pageSize: 1000, packed: false, by: "x" };
    const other: Rows = { ...rows, doubles: [1, 2.5, 7], flags: [true, true, false] };
    expect(compare(written(rows, plain), written(other, plain)).difference).toEqual({
      where: "row 2, column doubles (2 of 3 rows differ; columns that differ too: flags)",
      a: "2",
      b: "2.5",
      distance: 4,
    });
    const longer: Rows = { ints: [1], longs: [1n], floats: [1], doubles: [1], words: ["a"], flags: [true] };
    expect(compare(written(rows, plain), written(longer, plain)).difference).toMatchObject({
      where: "number of rows",
      a: "3",
      b: "1",
    });
  });

  it("keeps the bits of floats: -0 is not 0, and one NaN is not another", () => {
    const doubles = (...values: number[]): Uint8Array =>
      new Uint8Array(
        parquetWriteBuffer({ columnData: [{ name: "x", data: new Float64Array(values), type: "DOUBLE" }] }),
      );
    expect(compare(doubles(1, 0), doubles(1, -0)).difference?.where).toContain("row 2, column x");
    const bytes = doubles(1, Number.NaN);
    const at = Buffer.from(bytes).indexOf(Buffer.from(Float64Array.of(Number.NaN).buffer));
    const payload = Uint8Array.from(bytes);
    payload[at] = 1;
    expect(compare(bytes, payload).difference?.where).toContain("row 2, column x");
  });

  it("masks a column of times by the clock of the run, and says so", () => {
    const found = compare(fixture("table.a.parquet"), fixture("table.b.parquet"));
    expect(found).toMatchObject({ agree: true, how: "masked" });
    expect(found.aside.join("\n")).toMatch(/column when: .*time/);
    expect(compare(fixture("table.a.parquet"), fixture("table.x.parquet")).difference).toMatchObject({
      where: "row 44, column loss (1 of 60 rows differ)",
      b: "0.5",
    });
    expect(within(fixture("table.a.parquet"), fixture("table.b.parquet")).agree).toBe(false);
  });

  it("keeps names and types of columns", () => {
    const one = (name: string, type: "INT32" | "INT64"): Uint8Array =>
      new Uint8Array(parquetWriteBuffer({ columnData: [{ name, data: type === "INT32" ? [1, 2] : [1n, 2n], type }] }));
    expect(compare(one("x", "INT32"), one("y", "INT32")).difference?.where).toBe("columns");
    expect(compare(one("x", "INT32"), one("x", "INT64")).difference?.where).toBe("type of column x");
  });

  it("compares what programs keep beside the rows as JSON, versions of tools aside", () => {
    const kept = (value: string): Uint8Array =>
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [{ name: "x", data: [1, 2], type: "INT32" }],
          kvMetadata: [{ key: "pandas", value }],
        }),
      );
    const plain = kept('{"index_columns": ["a"], "creator": {"version": "1"}, "pandas_version": "2"}');
    expect(compare(plain, kept('{"pandas_version": "3",  "index_columns": ["a"]}')).agree).toBe(true);
    expect(compare(plain, kept('{"index_columns": ["b"]}')).difference?.where).toContain("metadata");
  });
});

describe("Parquet that is damaged or made to harm", () => {
  const whole = fixture("packed.a.parquet");

  it.each(["table.a.parquet", "packed.a.parquet"])(
    "%s: a flipped bit is answered, and never breaks or hangs it",
    (name) => {
      const bytes = fixture(name);
      const started = performance.now();
      for (let at = 0; at < bytes.length; at += 29) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        const found = within(bytes, flipped);
        expect(found.agree || found.difference !== undefined || found.incomplete !== undefined).toBe(true);
      }
      expect(performance.now() - started).toBeLessThan(60_000);
    },
  );

  it("is not called equal, but unknown with a reason", () => {
    for (const length of [4, 8, 12, whole.length - 1, whole.length - 9])
      expect(compare(whole, whole.subarray(0, length)).incomplete).toContain("Parquet");
    const magic = Buffer.from("PAR1");
    const footer = (bytes: readonly number[]): Buffer => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([magic, Buffer.from(bytes), length, magic]);
    };
    const endless = Array.from({ length: 2 ** 20 }, () => 0x80);
    const deep = Array.from({ length: 2 ** 20 }, () => 0x1c);
    // a number, a structure and a list that do not end; a list longer than any file
    for (const bomb of [[0x16].concat(endless), deep, [0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x7f], []].map(footer)) {
      const started = performance.now();
      expect(compare(whole, bomb).incomplete).toContain("Parquet");
      expect(compare(whole, bomb).agree).toBe(false);
      expect(performance.now() - started).toBeLessThan(2000);
    }
  });

  it("holds back from pages that claim more than they can have", () => {
    const rows = Array.from({ length: 1000 }, () => "same");
    const bytes = Buffer.from(
      parquetWriteBuffer({ columnData: [{ name: "x", data: rows, type: "STRING" }], codec: "UNCOMPRESSED" }),
    );
    const started = performance.now();
    for (let at = 4; at < bytes.length; at += 1) {
      const grown = Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from([0xff, 0xff, 0xff, 0x7f]),
        bytes.subarray(at + 4),
      ]);
      if (!grown.equals(bytes)) expect(compare(bytes, grown).how).toBeDefined();
    }
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});
