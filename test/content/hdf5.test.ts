import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runs } from "./runs.ts";

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../fixtures/content/${name}`, import.meta.url)));
const compare = (a: Uint8Array, b: Uint8Array, name = "model.h5"): Comparison => compareBytes(name, a, b, runs);
const FILES = ["weights.a.h5", "weights.b.h5", "new.a.h5"];

const flipped = (bytes: Buffer, at: number, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
};

/** Stretches of the file that hold values, by what they hold. */
const payloads = (bytes: Buffer): Record<string, readonly [number, number]> => {
  const f4 = Buffer.from(Float32Array.from(Array.from({ length: 12 }, (_, index) => index)).buffer);
  const found: Record<string, Buffer> = {
    "/layers/dense/vars/0": f4,
    "/layers/dense/vars/1": Buffer.from("0000003c00400042", "hex"),
    "/steps": Buffer.from("3930000000010000", "hex"),
    "/words": Buffer.from("größe"),
    "/table/rows": Buffer.from("01000000000000000000e03f616200", "hex"),
    "/table/big": Buffer.from("3f80000040000000", "hex"),
    "/table/ragged": Buffer.from("000000000100000002000000", "hex"),
    '["keras_version"]': Buffer.from("3.9.0"),
    '["weight_names"]': Buffer.from("kernelbias"),
  };
  return Object.fromEntries(
    Object.entries(found).map(([name, mark]) => [name, [bytes.indexOf(mark), bytes.indexOf(mark) + mark.length]]),
  );
};

describe("files of HDF5", () => {
  it.each(["weights", "new"])("%s: tell path, place and distance, and what was set aside", (name) => {
    const same = compare(fixture(`${name}.a.h5`), fixture(`${name}.b.h5`));
    expect(same).toMatchObject({ agree: true, how: "masked" });
    for (const words of ["times of objects", '/: ["attributes"]["made"][0]: line 1: time', '["saved_at"][0]: time'])
      expect(same.aside.join("\n")).toContain(words);
    expect(compare(fixture(`${name}.a.h5`), fixture(`${name}.x.h5`)).difference).toEqual({
      where: "/layers/dense/vars/0: element [1, 2] (1 of 12 differ, by up to 1.0e+6 ulp, relative 7.7e-2)",
      a: "6",
      b: "6.5",
      distance: 0.5,
    });
  });

  it("agree in any layout of chunks, and say so", () => {
    const { aside } = compare(fixture("weights.a.h5"), fixture("weights.b.h5"));
    expect(aside.join("\n")).toContain("HDF5: chunks and their compression");
  });

  it.each(["weights.a.h5", "new.a.h5"])("%s: differ by any bit of any value, where it is", (name) => {
    const bytes = fixture(name);
    for (const [place, [from, to]] of Object.entries(payloads(bytes))) {
      expect(from, place).toBeGreaterThan(0);
      fc.assert(
        fc.property(fc.integer({ min: from, max: to - 1 }), fc.nat(7), (at, bit) => {
          const found = compareBytes("m.h5", bytes, flipped(bytes, at, bit), { a: runs.a, b: runs.a });
          expect(found.agree).toBe(false);
          const where = found.difference?.where ?? place;
          // Attributes of the newer format lie in headers, which have a checksum.
          if (!where.includes("wrong checksum")) expect(where).toContain(place);
        }),
      );
    }
  });

  it("differ by any bit of packed values, which have a checksum", () => {
    const bytes = fixture("weights.b.h5");
    const from = bytes.indexOf(Buffer.from([0x78, 0x5e]));
    expect(from).toBeGreaterThan(0);
    for (let at = from; at < from + 16; at += 1)
      for (let bit = 0; bit < 8; bit += 1) expect(compare(bytes, flipped(bytes, at, bit)).agree).toBe(false);
  });

  it("are not believed where the checksum of a header contradicts", () => {
    const bytes = fixture("new.a.h5");
    for (const at of [9, 20, bytes.indexOf("OHDR") + 7, bytes.indexOf("kernel") + 2]) {
      const found = compare(bytes, flipped(bytes, at, 1));
      expect(found.agree).toBe(false);
      expect(found.incomplete ?? found.difference?.where).toMatch(/wrong checksum|in other than eight bytes/);
    }
  });

  it.each(FILES)("%s: broken anywhere they end soon, and never agree when cut short", (name) => {
    const bytes = fixture(name);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const other = Buffer.from(bytes);
        for (const [at, byte] of changes) other[at] = byte;
        const started = performance.now();
        compare(bytes, other);
        expect(performance.now() - started).toBeLessThan(5000);
      }),
      { numRuns: 60, endOnFailure: true },
    );
    for (let length = 0; length < bytes.length; length += 97)
      expect(compare(bytes, bytes.subarray(0, length)).agree).toBe(false);
  });

  it("of another superblock, packing or place than is known are told as not looked at", () => {
    const bytes = fixture("weights.a.h5");
    const later = Buffer.from(bytes);
    later[8] = 9;
    expect(compare(bytes, later).incomplete).toContain("superblock of version 9");
  });
});

describe("an archive of Keras", () => {
  it("agrees but for the date at which it was saved", () => {
    const archive = (weights: string, saved: string, version = "3.9.0"): Buffer =>
      zip({
        "metadata.json": Buffer.from(JSON.stringify({ keras_version: version, date_saved: saved })),
        "config.json": Buffer.from('{"class_name": "Sequential"}'),
        "model.weights.h5": fixture(weights),
      });
    const [a, b] = ["2026-11-21@06:00:13", "2026-11-21@07:02:01"];
    const found = compare(archive("weights.a.h5", a), archive("weights.b.h5", b), "net.keras");
    expect(found).toMatchObject({ agree: true, how: "masked" });
    expect(found.aside.join("\n")).toContain('metadata.json: ["date_saved"]');
    expect(compare(archive("weights.a.h5", a), archive("weights.a.h5", "2025-01-01@07:02:01"), "net.keras").agree).toBe(
      false,
    );
    expect(compare(archive("weights.a.h5", a), archive("weights.a.h5", b, "3.9.1"), "net.keras").agree).toBe(false);
    const apart = compare(archive("weights.a.h5", a), archive("weights.x.h5", b), "net.keras");
    expect(apart.difference?.where).toContain("model.weights.h5: /layers/dense/vars/0: element [1, 2]");
  });
});

/** A zip with its entries as they are. */
function zip(entries: Readonly<Record<string, Buffer>>): Buffer {
  const parts: Buffer[] = [];
  const index: Buffer[] = [];
  let at = 0;
  for (const [name, data] of Object.entries(entries)) {
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt32LE(crc32(data), 10);
    about.writeUInt32LE(data.length, 14);
    about.writeUInt32LE(data.length, 18);
    about.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), about, Buffer.from(name), data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    index.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), about, rest, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const central = Buffer.concat(index);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006");
  end.writeUInt16LE(index.length, 8);
  end.writeUInt16LE(index.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}
