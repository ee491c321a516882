import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runs } from "./runs.ts";

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../fixtures/content/${name}`, import.meta.url)));
const compare = (a: Uint8Array, b: Uint8Array, name = "model.ubj"): Comparison => compareBytes(name, a, b, runs);

type Value = number | string | boolean | null | readonly Value[] | Float32Array | { readonly [key: string]: Value };
type Width = "l" | "L";

const mark = (char: string, ...rest: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from(char), ...rest]);

function whole(value: number, width: Width): Buffer {
  const bytes = Buffer.alloc(width === "l" ? 4 : 8);
  if (width === "l") bytes.writeInt32BE(value);
  else bytes.writeBigInt64BE(BigInt(value));
  return mark(width, bytes);
}
const chars = (value: string, width: Width): Buffer =>
  Buffer.concat([whole(Buffer.byteLength(value), width), Buffer.from(value)]);

/** UBJSON as XGBoost writes it, or with other widths and order of keys, which say the same. */
function written(value: Value, width: Width = "L", turned = false): Buffer {
  if (value === null) return mark("Z");
  if (typeof value === "boolean") return mark(value ? "T" : "F");
  if (typeof value === "number") return whole(value, width);
  if (typeof value === "string") return mark("S", chars(value, width));
  if (value instanceof Float32Array)
    return mark("[$d#", whole(value.length, width), Buffer.from(value.slice().buffer).swap32());
  if (isList(value)) return mark("[", ...value.map((one) => written(one, width, turned)), Buffer.from("]"));
  const entries = turned ? Object.entries(value).toReversed() : Object.entries(value);
  const inner = entries.map(([key, one]) => Buffer.concat([chars(key, width), written(one, width, turned)]));
  return mark("{", ...inner, Buffer.from("}"));
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

const word = fc.stringMatching(/^[a-z ]{0,4}$/);
const { tree } = fc.letrec<{ tree: Value; node: Value }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small" },
    fc.integer({ min: -1e6, max: 1e6 }),
    word,
    fc.boolean(),
    fc.constant(null),
    fc.float32Array({ noNaN: true, maxLength: 6 }),
    fc.array(tie("node"), { maxLength: 4 }),
    tie("tree"),
  ),
  tree: fc.dictionary(word, tie("node"), { maxKeys: 5 }),
}));

describe("UBJSON of XGBoost", () => {
  it("tells where two models part and how far", () => {
    expect(compare(fixture("trees.a.ubj"), fixture("trees.b.ubj"))).toMatchObject({ agree: true, how: "masked" });
    const { difference } = compare(fixture("trees.a.ubj"), fixture("trees.x.ubj"));
    expect(difference?.where).toContain('["learner"]["gradient_booster"]["model"]["trees"][0]');
    expect(compare(fixture("trees.a.json"), fixture("trees.x.json"), "trees.json").difference?.where).toContain(
      '["learner"]["gradient_booster"]["model"]["trees"][0]',
    );
  });

  it("says the same in any width of whole numbers and order of keys", () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(compare(written(value, "L"), written(value, "l", true))).toMatchObject({ agree: true });
      }),
    );
  });

  it("differs by one value anywhere", () => {
    expect(compare(written({ "": null }), written({ " ": null })).agree).toBe(false);
    expect(compare(written({ a: "b" }), written({ a: "b " })).agree).toBe(false);
    fc.assert(
      fc.property(tree, tree, fc.boolean(), (one, other, turned) => {
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(compare(written(one), written(other, "l", turned)).agree).toBe(same);
      }),
    );
    const bytes = fixture("trees.a.ubj");
    const from = bytes.indexOf("2026-11-21T");
    const agreed: number[] = [];
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      if (compareBytes("m.ubj", bytes, flipped, { a: runs.a, b: runs.a }).agree) agreed.push(at);
    }
    expect(agreed.filter((at) => at < from || at > from + 40)).toEqual([]);
  });

  it.each([
    ["nothing but a length", "{L\0\0\0\0\0\0\0\u0001k[$T#L\u0010\0\0\0\0\0\0\0}"],
    ["more elements than bytes", "{L\0\0\0\0\0\0\0\u0001k[$d#L\0\u0010\0\0\0\0\0\0}"],
    ["a negative length", "{L\0\0\0\0\0\0\0\u0001kSi\u00ff}"],
    ["no end", `{L\0\0\0\0\0\0\0\u0001k${"[".repeat(100_000)}`],
    ["a key twice", "{i\u0001kTi\u0001kF}"],
  ])("that is broken is told by its bytes: %s", (_, text) => {
    const bytes = Buffer.from(text, "latin1");
    expect(compare(bytes, Buffer.concat([bytes, bytes])).difference?.where).toContain("compared byte by byte: UBJSON");
  });
});

function sorted(value: Value): unknown {
  if (value instanceof Float32Array)
    return { floats: [...value].map((one) => (Object.is(one, -0) ? "-0" : String(one))) };
  if (value !== null && isList(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => ({ key, one: sorted(one) }));
}
