import { expect, test } from "vitest";
import { type Digest, digestFromHex, digestHex, digestOf } from "#record";
import { encodeIndex, entryOf } from "../../src/store/objects/pack-format.ts";

const keyOf = (digest: Digest): Buffer => Buffer.from(digestHex(digest), "hex");
const indexOf = (digests: readonly Digest[]): Buffer =>
  encodeIndex(digests.map((digest, at) => ({ digest, offset: at * 10, bytes: at })));

/** Digests that begin alike, as an index that someone made up may have them. */
const alike = (count: number): Digest[] =>
  Array.from({ length: count }, (_, at) => digestFromHex("ab".repeat(28) + at.toString(16).padStart(8, "0")));
const spread = (count: number): Digest[] => Array.from({ length: count }, (_, at) => digestOf(`object ${at}`));

for (const [kind, of] of Object.entries({ spread, alike }))
  test(`in an index of digests that are ${kind} each is found, and none that is not there`, () => {
    for (const count of [0, 1, 2, 3, 17, 500]) {
      const digests = of(count);
      const index = indexOf(digests);
      for (const [at, digest] of digests.entries())
        expect(entryOf(index, keyOf(digest))).toEqual({ digest, offset: at * 10, bytes: at });
      for (let at = 0; at < 200; at++) expect(entryOf(index, keyOf(digestOf(`no object ${at}`)))).toBeUndefined();
      for (const hex of ["00".repeat(32), "ff".repeat(32), `${"ab".repeat(31)}ff`])
        expect(entryOf(index, Buffer.from(hex, "hex"))).toBeUndefined();
    }
  });

test("an index that is not in order ends the search all the same", () => {
  const digests = spread(300);
  const index = indexOf(digests);
  for (let at = 0; at + 96 <= index.length; at += 96) index.copy(index, at, at + 48, at + 96);
  for (const digest of digests) expect(entryOf(index, keyOf(digest))?.digest ?? digest).toBe(digest);
  const turned = Buffer.concat(
    Array.from({ length: 300 }, (_, at) => index.subarray((299 - at) * 48, (300 - at) * 48)),
  );
  for (const digest of digests) expect(entryOf(turned, keyOf(digest))?.digest ?? digest).toBe(digest);
});
