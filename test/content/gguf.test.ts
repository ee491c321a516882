import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runs } from "./runs.ts";

const fixture = (run: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../fixtures/content/llama.${run}.gguf`, import.meta.url)));
const compare = (a: Uint8Array, b: Uint8Array): Comparison => compareBytes("model.gguf", a, b, runs);

const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number | bigint): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const string = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);

interface Tensor {
  readonly name: string;
  readonly values: readonly number[];
}
interface Model {
  readonly facts: readonly (readonly [string, number])[];
  readonly tensors: readonly Tensor[];
}

/** A model as the format has it: facts as 64-bit numbers, tensors as float32, in the order given. */
function written({ facts, tensors }: Model): Buffer {
  const up = (at: number): number => Math.ceil(at / 32) * 32;
  const head = [Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(facts.length)];
  for (const [key, value] of facts) head.push(string(key), u32(10), u64(value));
  const places: Buffer[] = [];
  let end = 0;
  for (const { name, values } of tensors) {
    head.push(string(name), u32(1), u64(values.length), u32(0), u64(end));
    const data = Buffer.alloc(up(values.length * 4));
    data.set(Buffer.from(Float32Array.from(values).buffer));
    places.push(data);
    end += data.length;
  }
  const all = Buffer.concat(head);
  return Buffer.concat([all, Buffer.alloc(up(all.length) - all.length), ...places]);
}

const model = fc.record({
  facts: fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.nat()), { selector: ([key]) => key, maxLength: 6 }),
  tensors: fc.uniqueArray(
    fc.record({ name: fc.string(), values: fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 9 }) }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 5 },
  ),
});

describe("models of GGUF", () => {
  it("tell tensor, place and distance, and what was set aside", () => {
    const same = compare(fixture("a"), fixture("b"));
    expect(same).toMatchObject({ agree: true, how: "masked" });
    expect(same.aside).toContain("GGUF: order of keys and tensors, padding");
    const { difference } = compare(fixture("a"), fixture("x"));
    expect(difference?.where).toContain("tensor w: element [1, 2] (1 of 12 differ");
    expect(difference).toMatchObject({ a: "6", b: "6.5", distance: 0.5 });
  });

  it("tell the block of a quantised tensor", () => {
    const bytes = fixture("a");
    const other = Buffer.from(bytes);
    const last = other.length - 1; // the data of q ends the file, behind it zeros up to the alignment
    const at = last - [...other].reverse().findIndex((byte) => byte !== 0);
    other[at] = (other[at] ?? 0) ^ 1;
    expect(compare(bytes, other).difference?.where).toBe(
      "tensor q: Q8_0 block 3, elements 96 to 127 (1 of 4 blocks differ)",
    );
  });

  it("agree in any order of keys and tensors", () => {
    fc.assert(
      fc.property(model, (one) => {
        const other = { facts: one.facts.toReversed(), tensors: one.tensors.toReversed() };
        expect(compare(written(one), written(other))).toMatchObject({ agree: true });
      }),
    );
  });

  it("differ by one value, wherever it is", () => {
    fc.assert(
      fc.property(model, fc.nat(), fc.nat(), (one, which, where) => {
        const at = which % one.tensors.length;
        const tensors = one.tensors.map((tensor, index) =>
          index === at ? { ...tensor, values: tensor.values.with(where % tensor.values.length, 12345.5) } : tensor,
        );
        fc.pre(one.tensors[at]?.values[where % one.tensors[at].values.length] !== 12345.5);
        const found = compare(written(one), written({ ...one, tensors: tensors.toReversed() }));
        expect(found.difference?.where).toContain(`tensor ${one.tensors[at]?.name}`);
        for (const [index, [key, value]] of one.facts.entries()) {
          const facts = one.facts.with(index, [key, value + 1]);
          expect(compare(written(one), written({ ...one, facts })).agree).toBe(false);
        }
      }),
    );
  });

  it("keep numbers and white space that would be benign elsewhere", () => {
    const one = (key: string, value: number): Buffer => written({ facts: [[key, value]], tensors: [] });
    expect(compare(one("elapsed_ms", 0), one("elapsed_ms", 1)).agree).toBe(false);
    const [a, b] = [runs.a.startMs / 1000 + 1, runs.b.startMs / 1000 + 1];
    expect(compare(one("seed", a), one("seed", b)).agree).toBe(false);
    expect(compare(one("k", a), one("k", b)).agree).toBe(false);
    const said = (value: string): Buffer =>
      Buffer.concat([Buffer.from("GGUF"), u32(3), u64(0), u64(1), string("k"), u32(8), string(value)]);
    for (const other of [
      "{{ user }} ",
      "{{  user }}",
      "{{ user }}\n",
      "{{\tuser }}",
      "{{ user }}\b",
      "x\r{{ user }}",
      " {{ user }}",
    ])
      expect(compare(said("{{ user }}"), said(other)).agree).toBe(false);
  });

  it("differ by any flipped bit but in the description, which is of the run", () => {
    const bytes = fixture("a");
    const from = bytes.indexOf("made ");
    const to = bytes.indexOf("/out") + 4;
    const agreed: number[] = [];
    for (let at = 0; at < bytes.length; at += 1) {
      const other = Buffer.from(bytes);
      other[at] = (other[at] ?? 0) ^ (1 << (at % 8));
      const found = compareBytes("m.gguf", bytes, other, { a: runs.a, b: runs.a });
      if (found.agree && (at < from || at >= to)) agreed.push(at);
    }
    expect(agreed).toEqual([]);
  });

  it.each([
    ["a length beyond the file", Buffer.concat([Buffer.from("GGUF"), u32(3), u64(0), u64(1), u64(2n ** 52n)])],
    ["counts beyond all measure", Buffer.concat([Buffer.from("GGUF"), u32(3), u64(2n ** 60n), u64(2n ** 60n)])],
    ["a tensor twice", written({ facts: [], tensors: [0, 1].map(() => ({ name: "w", values: [1] })) })],
    ["bytes of no tensor", Buffer.concat([written({ facts: [], tensors: [] }), Buffer.alloc(99)])],
  ])("that are broken are told by their bytes: %s", (_, bytes) => {
    const other = Buffer.concat([bytes, Buffer.from([0])]);
    expect(compare(bytes, other).difference?.where).toContain("compared byte by byte: GGUF");
  });

  it("of a version or type not known yet are told as not looked at", () => {
    const head = (version: number, end: number): Buffer =>
      Buffer.concat([Buffer.from("GGUF"), u32(version), u64(0), u64(1), string("k"), u32(77), u64(end)]);
    expect(compare(head(9, 0), head(9, 1)).incomplete).toContain("version 9 is not known");
    expect(compare(head(3, 0), head(3, 1)).incomplete).toContain("type 77 is not known");
  });
});
