import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runs } from "./runs.ts";

const compare = (name: string, a: string | Buffer, b: string | Buffer): Comparison =>
  compareBytes(name, Buffer.from(a), Buffer.from(b), runs);

describe("formats without a reader", () => {
  it.each([["a write-ahead log of SQLite", "7\u007f\u0006\u0082"]])(
    "%s: other bytes are no difference, equal ones agree",
    (name, mark) => {
      const file = (end: string): Buffer => Buffer.from(mark + end, "latin1");
      expect(compare("x", file("a"), file("b"))).toMatchObject({
        agree: false,
        incomplete: `${name} is compared by bytes in this version`,
      });
      expect(compare("x", file("a"), file("b")).difference).toBeUndefined();
      expect(compare("x", file("a"), file("a"))).toMatchObject({ agree: true, how: "bytes" });
      expect(compare("x", file("a"), "text").difference).toBeDefined();
    },
  );
});

describe("locks", () => {
  it.each(["lock", ".dvc/tmp/lock", "rwlock.lock", "x.lock", "server.pid"])(
    "%s: holds the run's own process ids",
    (name) => {
      const found = compare(name, " 4711\nmode 1\n", " 5811\nmode 1\n");
      expect(found).toMatchObject({ agree: true, how: "masked", aside: ["process id in a lock file"] });
      expect(compare(name, " 4711\n", " 5999\n").agree).toBe(false);
      expect(compare(name, " 4711\nmode 1\n", " 5811\nmode 2\n").agree).toBe(false);
      expect(compare(name, "v4711\n", "v5811\n").agree).toBe(false);
    },
  );

  it("are such by their name only", () => {
    expect(compare("result.txt", "4711\n", "5811\n").agree).toBe(false);
    expect(compare("unlock", "4711\n", "5811\n").agree).toBe(false);
  });
});
