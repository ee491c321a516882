import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runs } from "./runs.ts";

interface Packed {
  readonly name: string;
  readonly text: string | Buffer;
  readonly time?: number;
  readonly deflate?: boolean;
  readonly size?: number;
}

/** A zip archive as simple writers make it. */
function zip(entries: readonly Packed[], localName?: string): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text, time = 0, deflate = false, size } of entries) {
    const data = Buffer.from(text);
    const packed = deflate ? deflateRawSync(data) : data;
    const fixed = Buffer.alloc(26);
    fixed.writeUInt16LE(20, 0);
    fixed.writeUInt16LE(deflate ? 8 : 0, 4);
    fixed.writeUInt32LE(time, 6);
    fixed.writeUInt32LE(crc32(data), 10);
    fixed.writeUInt32LE(packed.length, 14);
    fixed.writeUInt32LE(size ?? data.length, 18);
    fixed.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), fixed, Buffer.from(localName ?? name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), fixed, tail, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, ...directory, Buffer.from("PK\u0005\u0006"), end]);
}

const compare = (a: Buffer, b: Buffer): Comparison => compareBytes("x.zip", a, b, runs);

describe("zip archives", () => {
  const one = { name: "r/a.txt", text: "one" };
  const two = { name: "r/b.txt", text: "two" };

  it("sets times, order, compression and the root folder aside", () => {
    const other = [two, one].map((entry) => ({
      ...entry,
      name: entry.name.replace("r/", "q/"),
      time: 77,
      deflate: true,
    }));
    expect(compare(zip([one, two]), zip(other))).toMatchObject({ agree: true, how: "content" });
  });

  it("keeps contents, names and number of entries", () => {
    expect(compare(zip([one]), zip([{ ...one, text: "onf" }])).difference?.where).toBe("zip: a.txt: line 1");
    expect(compare(zip([one, two]), zip([one])).difference?.where).toBe("zip: entry only in a");
    expect(compare(zip([one, two]), zip([one, { ...two, name: "r/c.txt" }])).agree).toBe(false);
    expect(compare(zip([one, one]), zip([one])).agree).toBe(false);
    expect(compare(zip([one, { ...one, text: "x" }]), zip([{ ...one, text: "x" }, one])).agree).toBe(false);
  });

  it("does not believe an archive that contradicts itself", () => {
    expect(compare(zip([one]), zip([one], "r/z.txt"))).toMatchObject({ agree: false, how: "bytes" });
    expect(compare(zip([one]), zip([{ ...one, size: 99 }])).agree).toBe(false);
    expect(compare(zip([one]), Buffer.concat([zip([one]), Buffer.from("more")])).agree).toBe(false);
    expect(compare(zip([one]), Buffer.concat([Buffer.from("PK\u0003\u0004 ahead"), zip([one])])).agree).toBe(false);
  });

  it("numbers the objects of skops by their first appearance", () => {
    const model = (first: number, second: number, weight: string, again = first): Buffer => {
      const schema = {
        w: { file: `${first}.npy`, __id__: first },
        v: { __id__: second, file: `${second}.npy` },
        u: { __id__: again },
      };
      return zip([
        { name: `${first}.npy`, text: weight },
        { name: `${second}.npy`, text: "v" },
        { name: "schema.json", text: JSON.stringify(schema, null, 2) },
      ]);
    };
    const here = model(140155417361936, 140155419114864, "w");
    const found = compare(here, model(139785417361111, 139785410000000, "w"));
    expect(found).toMatchObject({ agree: true });
    expect(found.aside).toContain("skops: addresses in memory as ids and names");
    expect(compare(here, model(139785417361111, 139785410000000, "x")).agree).toBe(false);
    expect(compare(here, model(139785417361111, 139785410000000, "w", 139785410000000)).agree).toBe(false);
  });

  it("numbers the shared objects of Keras, and never passes weights that it cannot read", () => {
    const model = (shared: number, other: number, weights: string): Buffer =>
      zip([
        { name: "config.json", text: JSON.stringify([shared, other].map((id) => ({ shared_object_id: id }))) },
        { name: "model.weights.h5", text: Buffer.from(`\u0089HDF\r\n\u001a\n${weights}`, "latin1") },
      ]);
    const here = model(140254356712080, 140254356712080, "w");
    const found = compare(here, model(140625051962128, 140625051962128, "w"));
    expect(found).toMatchObject({ agree: true });
    expect(found.aside).toContain("Keras: addresses in memory as ids and names");
    expect(compare(here, model(140625051962128, 140625051960000, "w")).agree).toBe(false);
    expect(compare(here, model(140625051962128, 140625051962128, "v")).incomplete).toContain("HDF5");
  });

  it("goes into archives inside archives, to a limit", () => {
    const nest = (depth: number, text: string, time: number): Buffer =>
      depth === 0 ? Buffer.from(text) : zip([{ name: "x.zip", text: nest(depth - 1, text, time), time }]);
    expect(compare(nest(3, "a 1s", 1), nest(3, "a 2s", 2)).agree).toBe(true);
    expect(compare(nest(3, "a 1", 1), nest(3, "a 2", 2)).agree).toBe(false);
    const deep = compare(nest(9, "a 1s", 1), nest(9, "a 2s", 2));
    expect(deep).toMatchObject({ agree: false });
    expect(deep.incomplete).toContain("nested deeper");
  });

  it("does not unpack a bomb", () => {
    const bomb = (time: number): Buffer =>
      zip(Array.from({ length: 3 }, (_, i) => ({ name: `${i}`, text: "x", time, size: 2 ** 31 - 2, deflate: true })));
    expect(compare(bomb(1), bomb(2)).agree).toBe(false);
    const huge = gzipSync(Buffer.alloc(50_000_000));
    const other = gzipSync(Buffer.alloc(50_000_001));
    expect(compareBytes("x.gz", huge, other, runs).agree).toBe(false);
  });
});
