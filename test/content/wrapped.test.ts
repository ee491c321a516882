import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compareText, type Origin } from "#content";
import { runs } from "./runs.ts";

const compare = (a: readonly string[], b: readonly string[]): Comparison => compareText(a, b, runs);
const root = (run: Origin): string => run.roots[0] ?? "";

/** As rich draws a value into a tree of a width: folded where it must be, with the guides before and spaces behind. */
function drawn(key: string, value: string, width: number): string[] {
  const [first, rest] = [`│   └── ${key}: `, "│       "];
  const lines: string[] = [];
  let text = value;
  for (let lead = first; text !== ""; lead = rest) {
    const room = width - lead.length;
    lines.push((lead + text.slice(0, room)).padEnd(width));
    text = text.slice(room);
  }
  return lines;
}

const width = fc.integer({ min: 34, max: 90 });
const rest = fc
  .array(fc.constantFrom("logs", "train", "model", "seed_3", "0.25", "best"), { minLength: 1, maxLength: 6 })
  .map((parts) => `/${parts.join("/")}`);

describe("lines broken to a width", () => {
  it("are the same when only the length of a folder's name broke them elsewhere", () => {
    fc.assert(
      fc.property(width, rest, (columns, path) => {
        const of = (run: Origin): string[] => ["start", ...drawn("dir", root(run) + path, columns), "loss: 0.25"];
        const found = compare(of(runs.a), of(runs.b));
        expect(found.difference).toBeUndefined();
        expect(found.agree).toBe(true);
      }),
    );
  });

  it("hide nothing: neither in the broken line nor behind it", () => {
    fc.assert(
      fc.property(width, rest, rest, fc.boolean(), (columns, path, other, behind) => {
        fc.pre(path !== other);
        const of = (run: Origin, value: string): string[] => [
          ...drawn("dir", `${root(run)}${behind ? "" : value}`, columns),
          `last ${behind ? value : ""}`,
        ];
        expect(compare(of(runs.a, path), of(runs.b, other)).agree).toBe(false);
      }),
    );
  });

  it("are joined at spaces too, and told with their origin", () => {
    const a = ["│ saved to /home/ada/proj/out with loss 0.25  │", "│ done        │"];
    const b = ["│ saved to /var/replay/7/proj/out with       │", "│ loss 0.25   │", "│ done        │"];
    expect(compare(a, b).aside).toContain("line 1: line broken elsewhere for the length of a folder's name");
    expect(compare(a, b).agree).toBe(true);
    const [first = "", , last = ""] = b;
    expect(compare(a, [first, "│ loss 0.26   │", last]).agree).toBe(false);
  });

  it("are joined only where each side names a folder of its own run", () => {
    expect(compare(["value 12", "3"], ["value 1", "23"]).agree).toBe(false);
    expect(compare(["/home/ada/proj/x 12", "3"], ["/data/x 1", "23"]).agree).toBe(false);
    expect(compare(["/home/ada/proj/x 12", "3"], ["/home/ada/proj/x 1", "23"]).agree).toBe(false);
  });

  it("are never joined within a word: its parts may be two values", () => {
    expect(compare(["/home/ada/proj/x 12", "3"], ["/var/replay/7/proj/x 1", "23"]).agree).toBe(false);
    expect(compare(["/home/ada/proj/x 12", "3"], ["/var/replay/7/proj/x", "12 3"]).agree).toBe(true);
  });
});
