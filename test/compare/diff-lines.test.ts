import { expect, test } from "vitest";
import { diffLines } from "#compare";

test("lines that differ come in hunks with their places and counts", () => {
  const a = Array.from({ length: 30 }, (_, i) => `line ${i + 1}\n`);
  const b = a.with(9, "line ten\n").toSpliced(25, 1);
  expect(diffLines(a.join(""), b.join(""))).toEqual({
    kind: "text",
    added: 1,
    removed: 2,
    hunks: [
      {
        a: 7,
        b: 7,
        lines: [" line 7", " line 8", " line 9", "-line 10", "+line ten", " line 11", " line 12", " line 13"],
      },
      { a: 23, b: 23, lines: [" line 23", " line 24", " line 25", "-line 26", " line 27", " line 28", " line 29"] },
    ],
  });
});

test("an end without a line end, carriage returns and texts that are not there are differences too", () => {
  expect(diffLines("a\n", "a").hunks[0]?.lines).toEqual(["-a", "+a", "\\ No newline at end of file"]);
  expect(diffLines("a\r\nb\n", "a\nb\n")).toMatchObject({ added: 1, removed: 1 });
  expect(diffLines("", "x\ny\n")).toMatchObject({ added: 2, removed: 0 });
});

test("what changed all over is counted, not lined up", () => {
  const of = (word: string): string => Array.from({ length: 5000 }, (_, i) => `${word} ${i}\n`).join("");
  const found = diffLines(of("old"), `${of("new")}one more\n`);
  expect(found).toMatchObject({ added: 5001, removed: 5000, hunks: [] });
  expect(found.note).toContain("not lined up");
});

test("an endless line is cut", () => {
  const { hunks } = diffLines("x".repeat(100_000), "y".repeat(100_000));
  expect(hunks[0]?.lines[0]).toMatch(/^-x{3999}… \(100000 characters\)$/);
});
