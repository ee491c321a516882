import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalJson,
  digestFromHex,
  digestHex,
  digestOf,
  isDigest,
  isUnknown,
  type Known,
  knownOr,
  RepriseError,
  unknown,
} from "#record";

/** The same value with the members of every object in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

const ofEvery = (check: (value: unknown) => void): void =>
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      check(value);
    }),
  );

describe("canonical JSON", () => {
  test("says what JSON says", () =>
    ofEvery((value) => expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))));

  test("is one text for one value, whatever the order in which it was put together", () =>
    ofEvery((value) => expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))));

  test("comes out the same again", () =>
    ofEvery((value) => expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value))));

  test("sorts keys by their UTF-16 units, leaves out what is undefined and all white space", () => {
    expect(canonicalJson({ b: [1, { d: null, c: "x y" }], a: undefined, "\u{1F600}": 1, "\uFB33": 2, A: true })).toBe(
      '{"A":true,"b":[1,{"c":"x y","d":null}],"\u{1F600}":1,"\uFB33":2}',
    );
  });

  test("escapes what JSON must, and nothing else", () => {
    const signs = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code));
    const texts = [...signs, signs.join(""), "\u2028", "\uD800", "\u{1F600}", ""];
    expect(canonicalJson(texts)).toBe(JSON.stringify(texts));
  });

  test("says of a cycle that it has no end", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => canonicalJson(cycle)).toThrow(RangeError);
  });

  test("writes numbers in one way", () => {
    expect(canonicalJson([1.0, -0, 1e21, 1e-7, 0.1 + 0.2, 100])).toBe("[1,0,1e+21,1e-7,0.30000000000000004,100]");
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, () => 1, Symbol("s"), 1n])(
    "refuses what has no JSON form: %s",
    (value) => {
      expect(() => canonicalJson({ deep: [value] })).toThrow(TypeError);
    },
  );
});

describe("digests", () => {
  test("are the SHA-256 of bytes, and of text as UTF-8", () => {
    expect(digestOf("")).toBe("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(digestOf("ß")).toBe(digestOf(Buffer.from([0xc3, 0x9f])));
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const hex = createHash("sha256").update(bytes).digest("hex");
        expect(digestHex(digestOf(bytes))).toBe(hex);
        expect(digestFromHex(hex)).toBe(digestOf(bytes));
      }),
    );
  });

  test("are known by their form", () => {
    const hex = "0".repeat(64);
    expect(isDigest(`sha256:${hex}`)).toBe(true);
    for (const text of [
      hex,
      `sha256:${hex}0`,
      `sha256:${hex.slice(1)}`,
      `SHA256:${hex}`,
      `sha256:${"A".repeat(64)}`,
      ` sha256:${hex}`,
      `sha256:${hex}\n`,
    ])
      expect(isDigest(text)).toBe(false);
    expect(() => digestFromHex("../../etc")).toThrow(TypeError);
  });
});

describe("facts and their absence", () => {
  test("an unknown fact has its reason and cannot be changed", () => {
    const fact = unknown("no such file");
    expect(fact).toEqual({ unknown: "no such file" });
    expect(Object.isFrozen(fact)).toBe(true);
    expect(isUnknown(fact)).toBe(true);
  });

  test("nothing else is unknown: not empty, not null, not an object with such a member", () => {
    for (const value of [null, undefined, 0, "", [], {}, { unknown: null }, { unknown: 1 }])
      expect(isUnknown(value)).toBe(false);
  });

  test("a known fact comes out as it is, an unknown or missing one as what was given instead", () => {
    const facts: readonly (Known<number> | undefined)[] = [3, 0, unknown("why"), undefined];
    expect(facts.map((fact) => knownOr(fact, null))).toEqual([3, 0, null, null]);
  });
});

describe("the error", () => {
  test("carries code, kind, message, hint and cause", () => {
    const cause = new Error("ENOSPC");
    const error = new RepriseError("STORE_FULL", "storage", "the disk is full", "reprise gc", { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "RepriseError",
      code: "STORE_FULL",
      kind: "storage",
      message: "the disk is full",
      hint: "reprise gc",
      cause,
    });
    expect(String(error)).toBe("RepriseError: the disk is full");
    expect(new RepriseError("A", "usage", "m")).not.toHaveProperty("cause");
  });
});
