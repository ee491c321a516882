import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RepriseError } from "#record";
import { readColleague } from "#replay";

const FIXTURES = join(import.meta.dirname, "../../fixtures/export");
const v1 = readFileSync(join(FIXTURES, "v1.json"));

test("a file of the first version still loads, packed or not, with what its results hold", () => {
  for (const bytes of [v1, gzipSync(v1)]) {
    const { side, verified } = readColleague("v1.json", bytes);
    expect(verified).toBe(true);
    expect(side.run.metrics[0]?.points).toEqual([{ step: 0, value: Number.NaN }]);
    const { stdout } = side.run;
    const digest = "digest" in stdout ? stdout.digest : null;
    const reader = digest === null ? null : side.open(digest);
    expect(Buffer.from(reader?.read(0, reader.length) ?? []).toString()).toBe("loss=nan\n");
  }
});

test("what unpacks to more than is ever read is refused, in little memory", () => {
  const bomb = gzipSync(Buffer.alloc(300 << 20));
  expect(() => readColleague("bomb.json.gz", bomb)).toThrow(/larger than 256 MiB/);
});

test("a file with anything missing or changed loads or is refused as no export, and never breaks the reader", () => {
  const document = JSON.parse(v1.toString()) as Record<string, Record<string, unknown>>;
  const junk = fc.constantFrom<unknown>(null, 3, "x", [], {}, [null], [{}], { digest: 5 }, { unknown: 1 });
  const top = fc.constantFrom(...Object.keys(document));
  const inner = fc.constantFrom(...Object.keys(document["record"] ?? {}));
  fc.assert(
    fc.property(
      fc.oneof(
        top.map((key) => [key]),
        inner.map((key) => ["record", key]),
      ),
      junk,
      ([first = "", second], value) => {
        const changed = structuredClone(document);
        if (second === undefined) (changed as Record<string, unknown>)[first] = value;
        else (changed[first] ?? {})[second] = value;
        try {
          readColleague("x.json", Buffer.from(JSON.stringify(changed)));
        } catch (error) {
          expect(error).toBeInstanceOf(RepriseError);
          expect((error as RepriseError).code).toBe("EXPORT_INVALID");
        }
      },
    ),
    { numRuns: 300 },
  );
});
