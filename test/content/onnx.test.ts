import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runs } from "./runs.ts";

const fixture = (run: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../fixtures/content/net.${run}.onnx`, import.meta.url)));
const compare = (a: Uint8Array, b: Uint8Array): Comparison => compareBytes("net.onnx", a, b, runs);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
const int = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);
const held = (field: number, ...parts: readonly (Buffer | string)[]): Buffer => {
  const inner = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([varint(field * 8 + 2), varint(inner.length), inner]);
};
const floats = (values: readonly number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);

interface Tensor {
  readonly name: string;
  readonly values: readonly number[];
}

/** A tensor with its numbers as raw bytes, packed, or one by one. */
function tensor({ name, values }: Tensor, packing: number): Buffer {
  const data =
    packing === 0
      ? [held(9, floats(values))]
      : packing === 1
        ? [held(4, floats(values))]
        : values.map((value) => Buffer.concat([varint(4 * 8 + 5), floats([value])]));
  const head = [int(1, values.length), int(2, 1), held(8, name)];
  return held(5, ...(packing === 0 ? [...head, ...data] : [...data, ...head]));
}

function model(tensors: readonly Tensor[], packing = 0, producer = "1.0"): Buffer {
  const node = held(1, held(1, "x"), held(2, "y"), held(4, "Relu"));
  const graph = held(7, node, held(2, "g"), ...tensors.map((one) => tensor(one, packing)));
  return Buffer.concat([int(1, 10), held(3, producer), graph, held(8, int(2, 21))]);
}

const tensors = fc.uniqueArray(
  fc.record({ name: fc.string(), values: fc.array(fc.float(), { minLength: 1, maxLength: 9 }) }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 5 },
);

describe("models of ONNX", () => {
  it("tell tensor, place and distance, and what was set aside", () => {
    const same = compare(fixture("a"), fixture("b"));
    expect(same).toMatchObject({ agree: true, how: "masked" });
    expect(same.aside.join("\n")).toContain('["metadata_props"]["exported"]: line 1: time');
    expect(same.aside.join("\n")).toContain("ONNX: order of tensors and metadata, packing of numbers");
    const { difference } = compare(fixture("a"), fixture("x"));
    expect(difference?.where).toContain('["graph"]["initializer"]["w"]["values"]: element [1, 2] (1 of 12 differ');
    expect(difference).toMatchObject({ a: "6", b: "6.5", distance: 0.5 });
  });

  it("agree in any order and packing of their tensors", () => {
    fc.assert(
      fc.property(tensors, fc.nat(2), fc.nat(2), (all, one, other) => {
        expect(compare(model(all, one), model(all.toReversed(), other))).toMatchObject({ agree: true });
      }),
    );
  });

  it("differ by one value, wherever it is, and by who made them", () => {
    fc.assert(
      fc.property(tensors, fc.nat(), fc.nat(), fc.nat(2), (all, which, where, packing) => {
        const at = which % all.length;
        const chosen = all[at];
        const place = where % (chosen?.values.length ?? 1);
        fc.pre(chosen !== undefined && chosen.values[place] !== 12345.5);
        const changed = all.with(at, { name: chosen?.name ?? "", values: chosen?.values.with(place, 12345.5) ?? [] });
        const found = compare(model(all), model(changed.toReversed(), packing));
        expect(found.difference?.where).toContain(`["initializer"][${JSON.stringify(chosen?.name)}]`);
      }),
    );
    const one = [{ name: "w", values: [1] }];
    expect(compare(model(one), model(one, 0, "1.1")).difference).toMatchObject({ where: '["producer_version"]' });
  });

  it("differ by any flipped bit but in what is of the run", () => {
    const bytes = fixture("a");
    const spans = ["2026-11-21T", "/home/ada/proj"].map((words) => bytes.indexOf(words));
    const agreed: number[] = [];
    for (let at = 0; at < bytes.length; at += 1)
      for (let bit = 0; bit < 8; bit += 1) {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ (1 << bit);
        if (compareBytes("m.onnx", bytes, other, { a: runs.a, b: runs.a }).agree) agreed.push(at);
      }
    expect(agreed.filter((at) => !spans.some((from) => at >= from && at < from + 40))).toEqual([]);
  });

  it("keep fields that are not known", () => {
    const one = model([{ name: "w", values: [1] }]);
    const more = (byte: number): Buffer => Buffer.concat([one, held(99, Buffer.from([byte]))]);
    expect(compare(one, more(1)).agree).toBe(false);
    expect(compare(more(1), more(2)).difference?.where).toContain('["field 99"]');
  });

  it("that are broken are told by their bytes", () => {
    const deep = (levels: number): Buffer => {
      let inner = held(2, "g");
      for (let level = 0; level < levels; level += 1) inner = held(1, held(5, held(1, "a"), held(6, inner)));
      return Buffer.concat([int(1, 10), held(7, inner)]);
    };
    const short = Buffer.concat([int(1, 10), held(7, held(5, int(1, 2 ** 40), int(2, 1), held(9, "abcd")))]);
    for (const bytes of [deep(500), short, Buffer.concat([int(1, 10), varint(7 * 8 + 2), varint(2 ** 45)])]) {
      const other = Buffer.concat([bytes, int(5, 1)]);
      expect(compare(bytes, other).difference?.where).toContain("compared byte by byte: ONNX");
    }
  });

  it("of more fields than may be read are not looked at to the end", () => {
    const bytes = Buffer.concat([int(1, 10), held(7, Buffer.alloc(13_000_000, 0x10))]);
    const found = compare(bytes, Buffer.concat([bytes, int(5, 1)]));
    expect(found.agree).toBe(false);
    expect(found.incomplete).toContain("ONNX: more to read than the limit");
  });
});
