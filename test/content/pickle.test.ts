import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runs } from "./runs.ts";

const pickle = (text: string): Buffer => Buffer.from(text, "latin1");
const compare = (a: string, b: string): Comparison => compareBytes("x.pkl", pickle(a), pickle(b), runs);

/** A value as protocol 4 writes it, without memo; dictionaries and lists only. */
function dump(value: unknown): string {
  if (value === null) return "N";
  if (typeof value === "boolean") return value ? "\u0088" : "\u0089";
  if (typeof value === "number") {
    const bits = Buffer.alloc(8);
    bits.writeDoubleBE(value);
    return `G${bits.toString("latin1")}`;
  }
  if (typeof value === "string") {
    const text = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return `X${length.toString("latin1")}${text.toString("latin1")}`;
  }
  if (Array.isArray(value)) return `](${value.map(dump).join("")}e`;
  return `}(${Object.entries(value as object)
    .map(([key, member]) => dump(key) + dump(member))
    .join("")}u`;
}
const whole = (value: unknown): string => `\u0080\u0004${dump(value)}.`;

describe("pickles", () => {
  it("ignores how strings and lists were remembered", () => {
    expect(compare("](X\u0001\0\0\0aq\u0000h\u0000e.", "](X\u0001\0\0\0aX\u0001\0\0\0ae.")).toMatchObject({
      agree: true,
      how: "content",
    });
    expect(compare("](X\u0001\0\0\0aq\u0000h\u0000e.", "](X\u0001\0\0\0aX\u0001\0\0\0be.").agree).toBe(false);
  });

  it("follows a value that contains itself, and ends", () => {
    const cycle = (number: number): string => `]q\u0000(K${String.fromCharCode(number)}h\u0000e.`;
    expect(compare(cycle(1), `]q\u0005(K\u0001h\u0005e.`).agree).toBe(true);
    expect(compare(cycle(1), `]q\u0005(K\u0002h\u0005e.`).agree).toBe(false);
  });

  it("reads bytes that are a file of their own, as skorch keeps weights in its pickle", () => {
    const held = (name: string): string => {
      const inner = readFileSync(new URL(`../fixtures/content/${name}`, import.meta.url));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(inner.length);
      return `\u0080\u0003}X\u0001\0\0\0wB${length.toString("latin1")}${inner.toString("latin1")}s.`;
    };
    expect(compare(held("legacy.a.pt"), held("legacy.b.pt"))).toMatchObject({ agree: true });
    expect(compare(held("legacy.a.pt"), held("legacy.x.pt"))).toMatchObject({ agree: false });
    expect(compare(held("array.a.npy"), held("array.x.npy")).agree).toBe(false);
    // What only looks like a file is compared as the bytes that it is.
    const plain = (last: string): string => `\u0080\u0003C\u0006\u0080\u0002ab}${last}.`;
    expect(compare(plain("1"), plain("2"))).toMatchObject({ agree: false });
  });

  it("compares shared parts once, however often they are shared", () => {
    // Each list holds the one before twice: 2^60 paths lead to the bottom.
    const deep = (bottom: string): string =>
      `]${bottom}aq\u0000${Array.from({ length: 60 }, () => "0](h\u0000h\u0000eq\u0000").join("")}.`;
    expect(compare(deep("K\u0001"), deep("M\u0001\u0000")).agree).toBe(true);
    expect(compare(deep("K\u0001"), deep("K\u0002")).agree).toBe(false);
  });

  it("keeps the order of dictionaries and lists, not that of sets", () => {
    expect(
      compare("}(X\u0001\0\0\0aK\u0001X\u0001\0\0\0bK\u0002u.", "}(X\u0001\0\0\0bK\u0002X\u0001\0\0\0aK\u0001u.").agree,
    ).toBe(false);
    expect(compare("](K\u0001K\u0002e.", "](K\u0002K\u0001e.").agree).toBe(false);
    expect(compare("\u008f(K\u0001K\u0002\u0090.", "\u008f(K\u0002K\u0001\u0090.")).toMatchObject({ agree: true });
    expect(compare("\u008f(K\u0001K\u0002\u0090.", "\u008f(K\u0002K\u0003\u0090.").agree).toBe(false);
    expect(compare("\u008f(K\u0001\u0090.", "\u008f(K\u0001K\u0001\u0090.").agree).toBe(false);
    expect(compare("c__builtin__\nset\n((lI1\naI2\natR.", "c__builtin__\nset\n((lI2\naI1\natR.").agree).toBe(true);
  });

  it("tells types apart", () => {
    expect(compare("K\u0001.", "\u0088.").agree).toBe(false);
    expect(compare("K\u0001.", "G\u003f\u00f0\0\0\0\0\0\0.").agree).toBe(false);
    expect(compare("G\u0000\0\0\0\0\0\0\0.", "G\u0080\0\0\0\0\0\0\0.").agree).toBe(false);
    expect(compare("G\u007f\u00f8\0\0\0\0\0\0.", "G\u007f\u00f8\0\0\0\0\0\u0001.").agree).toBe(false);
    expect(compare("K\u0001.", "I1\n.").agree).toBe(true);
    expect(compare("(K\u0001t.", "](K\u0001e.").agree).toBe(false);
  });

  it("reads a call as a name and arguments, and runs nothing", () => {
    const evil = (text: string): string => `cos\nsystem\n(X\u0004\0\0\0${text}tR.`;
    expect(compare(evil("true"), `${evil("true").slice(0, -1)}q\u0000.`).agree).toBe(true);
    expect(compare(evil("true"), evil("exit")).agree).toBe(false);
    expect(compare("cos\nsystem\n.", "cos\npopen\n.").agree).toBe(false);
  });

  it("masks a plain number only under a name of time", () => {
    const at = (key: string, value: number): string => whole({ [key]: value });
    expect(compare(at("elapsed", 3.5), at("elapsed", 4.5))).toMatchObject({ agree: true, how: "masked" });
    expect(compare(at("elapsed", 3.5), at("elapsed", 4.5e7)).agree).toBe(false);
    for (const key of ["loss", "score", "seed", "value", "x", "time_step"])
      expect(compare(at(key, 3.5), at(key, 4.5)).agree).toBe(false);
    const inside = (value: number): string => whole({ elapsed: { loss: value } });
    expect(compare(inside(1), inside(2)).agree).toBe(false);
  });

  it("does not take text behind a Latin-1 coding for other bytes", () => {
    const coded = (text: string): string =>
      `c_codecs\nencode\n(X\u0002\0\0\0${Buffer.from(text).toString("latin1")}X\u0006\0\0\0latin1tR.`;
    expect(compare(coded("\u0080"), coded("\u0180")).agree).toBe(false);
  });

  it("falls back to bytes when it cannot read, and says so", () => {
    const found = compare("\u0080\u0004K\u0001\u00ff.", "\u0080\u0004K\u0002\u00ff.");
    expect(found).toMatchObject({ agree: false, how: "bytes" });
    expect(found.difference?.where).toContain("unknown opcode");
    expect(compare("K\u0001.", "K\u0001.K").agree).toBe(false);
    expect(compare("h\u0001.", "h\u0002.").agree).toBe(false);
    expect(compare("K\u0001K\u0002.", "K\u0001K\u0003.").agree).toBe(false);
  });

  it("refuses a compressed pickle that unpacks beyond the limit, and one with bytes behind it", () => {
    const packed = deflateSync(pickle("K\u0001."));
    expect(compareBytes("x.joblib", packed, Buffer.concat([packed, Buffer.from("!")]), runs).agree).toBe(false);
    expect(compareBytes("x.joblib", packed, deflateSync(pickle("K\u0001."), { level: 0 }), runs).agree).toBe(true);
  });

  it("survives deep nesting without agreeing", () => {
    const deep = (number: string): string => `${"]".repeat(50_000)}${number}${"a".repeat(50_000)}.`;
    expect(compare(deep("K\u0001"), deep("K\u0002")).agree).toBe(false);
  });

  it("agrees with itself and differs after any change of one leaf", () => {
    const leaf = fc.oneof(fc.double({ noNaN: true }), fc.string({ maxLength: 8 }), fc.boolean(), fc.constant(null));
    const tree = fc.array(fc.tuple(fc.constantFrom("a", "b", "loss", "w"), leaf), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(tree, fc.nat(), leaf, (pairs, index, other) => {
        const at = index % pairs.length;
        const changed = pairs.map((pair, place) => (place === at ? ([pair[0], other] as const) : pair));
        expect(compare(whole(pairs), whole(pairs)).agree).toBe(true);
        if (!Object.is(pairs[at]?.[1], other)) expect(compare(whole(pairs), whole(changed)).agree).toBe(false);
      }),
      { numRuns: 200 },
    );
    expect(compare(whole([["a", " "]]), whole([["a", ""]])).agree).toBe(false);
  });
});
