import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes } from "#content";
import { runA } from "./runs.ts";

/** Of one run: nothing is masked for being another moment. */
const agree = (name: string, a: string | Buffer, b: string | Buffer): boolean =>
  compareBytes(name, Buffer.from(a), Buffer.from(b), { a: runA, b: runA }).agree;

interface Member {
  readonly name: string;
  readonly bytes: Buffer;
}

function zip(members: readonly Member[], level: number, time: number): Buffer {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name, bytes } of members) {
    const packed = level === 0 ? bytes : deflateRawSync(bytes, { level });
    const fixed = Buffer.alloc(26);
    fixed.writeUInt16LE(20, 0);
    fixed.writeUInt16LE(level === 0 ? 0 : 8, 4);
    fixed.writeUInt32LE(time, 6);
    fixed.writeUInt32LE(crc32(bytes), 10);
    fixed.writeUInt32LE(packed.length, 14);
    fixed.writeUInt32LE(bytes.length, 18);
    fixed.writeUInt16LE(name.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    locals.push(Buffer.concat([Buffer.from("PK\u0003\u0004"), fixed, Buffer.from(name), packed]));
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), fixed, tail, Buffer.from(name)]));
    offset += locals.at(-1)?.length ?? 0;
  }
  const end = Buffer.alloc(18);
  for (const at of [4, 6]) end.writeUInt16LE(members.length, at);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, ...directory, Buffer.from("PK\u0005\u0006"), end]);
}

function tar(members: readonly Member[], time: number): Buffer {
  const blocks = members.flatMap(({ name, bytes }) => {
    const head = Buffer.alloc(512);
    head.write(name);
    head.write("0000644\0", 100);
    head.write(bytes.length.toString(8).padStart(11, "0"), 124);
    head.write(time.toString(8).padStart(11, "0"), 136);
    head.fill(0x20, 148, 156);
    head.write("0", 156);
    head.write(
      head
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0"),
      148,
    );
    head[154] = 0;
    return [head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const time = fc.nat(1e9);
const level = fc.integer({ min: 0, max: 9 });
// No text: there a line that is drawn anew counts as it ends.
const content = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from([0, ...bytes]));
const members = fc.uniqueArray(fc.record({ name: fc.constantFrom("a", "b.bin", "c/d", "e"), bytes: content }), {
  minLength: 1,
  selector: ({ name }) => name,
});

describe("archives", () => {
  it("hold the same in any order, packing and time, and another byte is another content", () => {
    const pack = fc.constantFrom(
      (all: readonly Member[], t: number, l: number) => zip(all, l, t),
      (all: readonly Member[], t: number) => tar(all, t),
      (all: readonly Member[], t: number, l: number) => gzipSync(tar(all, t), { level: l }),
      (all: readonly Member[], t: number, l: number) => zip([{ name: "in.tar", bytes: tar(all, t) }], l, t),
      (all: readonly Member[], t: number, l: number) => tar([{ name: "in.zip", bytes: zip(all, l, t) }], t),
    );
    fc.assert(
      fc.property(members, pack, time, time, level, level, fc.nat(), (all, put, t, u, l, m, at) => {
        const one = put(all, t, l);
        expect(agree("x", one, put(all.toReversed(), u, m))).toBe(true);
        const which = at % all.length;
        const changed = all.map(({ name, bytes }, index) => {
          const other = Buffer.from(bytes);
          const place = 1 + (at % (other.length - 1));
          if (index === which) other[place] = (other[place] ?? 0) ^ (1 + (at % 255));
          return { name, bytes: other };
        });
        expect(agree("x", one, put(changed, u, m))).toBe(false);
      }),
      { numRuns: 80 },
    );
  });

  it("are read within each other: arrays of NumPy in a tar in a zip", () => {
    const arrays = (run: string): Buffer =>
      readFileSync(fileURLToPath(new URL(`../fixtures/content/arrays.${run}.npz`, import.meta.url)));
    const packed = (run: string, t: number): Buffer =>
      zip([{ name: "out.tar", bytes: tar([{ name: "run/arrays.npz", bytes: arrays(run) }], t) }], t % 10, t);
    expect(agree("out.zip", packed("a", 1), packed("b", 12))).toBe(true);
    const found = compareBytes("out.zip", packed("a", 1), packed("x", 12), { a: runA, b: runA });
    expect(found.difference).toMatchObject({ distance: 0.5, a: "6", b: "6.5" });
    expect(found.difference?.where).toMatch(/^zip: out\.tar: tar: arrays\.npz: zip: .*\.npy: element/);
  });
});

const cell = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map(String),
  fc.constantFrom("ant", "größe", "a b", "x;y", ""),
);
const table = fc
  // One column alone could end in an empty line, which is no row.
  .integer({ min: 2, max: 5 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }));

describe("tables", () => {
  it("differ by any cell, and tell row and column", () => {
    fc.assert(
      fc.property(table, fc.nat(), fc.nat(), (rows, y, x) => {
        const head = rows[0]?.map((_, column) => `c${column}`) ?? [];
        const text = (all: readonly (readonly string[])[]): string =>
          [head, ...all].map((row) => row.join(",")).join("\n");
        const [row, column] = [y % rows.length, x % head.length];
        const other = rows.map((cells, i) => cells.map((old, j) => (i === row && j === column ? `${old}7` : old)));
        expect(agree("x.csv", text(rows), text(rows))).toBe(true);
        const [a, b] = [Buffer.from(text(rows)), Buffer.from(text(other))];
        const found = compareBytes("x.csv", a, b, { a: runA, b: runA });
        expect(found.difference?.where).toBe(`row ${row + 2}: column ${column + 1} (c${column})`);
      }),
      { numRuns: 150 },
    );
  });
});

const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.constantFrom("ant", "größe", "x: y", "- z"), fc.constant(null));
const document = fc.dictionary(
  fc.constantFrom("a", "b", "lr", "net"),
  fc.oneof(leaf, fc.array(leaf, { maxLength: 4 })),
  {
    minKeys: 1,
  },
);
const keysTurned = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).toReversed());

describe("documents", () => {
  it("hold the same in any order of keys and spelling: JSON, JSON lines, YAML", () => {
    fc.assert(
      fc.property(fc.array(document, { minLength: 2, maxLength: 5 }), fc.nat(), (all, which) => {
        const other = all.map((one, index) => (index === which % all.length ? { ...one, extra: 1 } : one));
        const changed = all.map((one, index) =>
          index === which % all.length
            ? Object.fromEntries(Object.entries(one).map(([key, old], at) => [key, at === 0 ? [old, 7] : old]))
            : one,
        );
        const spellings: readonly (readonly [
          string,
          (value: readonly Record<string, unknown>[], wide: boolean) => string,
        ])[] = [
          ["x.json", (value, wide) => JSON.stringify(value, null, wide ? 2 : 0)],
          ["x.jsonl", (value, wide) => value.map((one) => JSON.stringify(one)).join(wide ? "\n\n" : "\n")],
          // JSON is YAML, too.
          ["x.yaml", (value, wide) => `---\n${JSON.stringify(value, null, wide ? 1 : 0)}\n`],
        ];
        for (const [name, write] of spellings) {
          expect(agree(name, write(all, false), write(all.map(keysTurned), true))).toBe(true);
          for (const another of [other, changed, all.slice(1)])
            expect(agree(name, write(all, false), write(another, true))).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("of notebooks hold the same however a stream was cut, and differ by any letter of it", () => {
    const notebook = (pieces: readonly string[]): string =>
      JSON.stringify({
        cells: [
          {
            cell_type: "code",
            execution_count: 1,
            metadata: {},
            source: ["train()"],
            outputs: pieces.map((text) => ({ name: "stdout", output_type: "stream", text: [text] })),
          },
        ],
        metadata: {},
        nbformat: 4,
        nbformat_minor: 5,
      });
    const printed = fc.string({
      unit: fc.constantFrom("a", "b", " ", "0", "1", ".", "\n"),
      minLength: 3,
      maxLength: 60,
    });
    fc.assert(
      fc.property(printed, fc.nat(), fc.nat(), (text, cut, at) => {
        const pieces = [text.slice(0, cut % text.length), text.slice(cut % text.length)].filter(
          (piece) => piece !== "",
        );
        expect(agree("x.ipynb", notebook([text]), notebook(pieces))).toBe(true);
        const place = at % text.length;
        const other = `${text.slice(0, place)}Q${text.slice(place + 1)}`;
        expect(agree("x.ipynb", notebook([text]), notebook([other]))).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});
