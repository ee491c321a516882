import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { shapeViolations } from "../../scripts/law/shape.ts";

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

function found(files: Readonly<Record<string, number>>): string[] {
  const root = mkdtempSync(join(tmpdir(), "reprise-law-"));
  roots.push(root);
  for (const [path, lines] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), "// a line\n".repeat(lines));
  }
  return shapeViolations(root).map(({ where, what }) => `${where}: ${what}`);
}

describe("the shape of the tree", () => {
  test("files of the allowed size are let through", () => {
    const files = {
      "src/store/gc.ts": 300,
      "test/store/gc.test.ts": 400,
      "agent/python/src/reprise_agent/hook.py": 300,
    };
    expect(found({ ...files, "agent/python/tests/test_hook.py": 400 })).toEqual([]);
  });

  test("a file that grew too long is named with its length", () => {
    expect(found({ "src/store/gc.ts": 301 })).toEqual(["src/store/gc.ts: 301 lines, 300 allowed"]);
    expect(found({ "test/store/gc.test.ts": 401 })).toEqual(["test/store/gc.test.ts: 401 lines, 400 allowed"]);
    expect(found({ "agent/node/preload.cjs": 301 })).toEqual(["agent/node/preload.cjs: 301 lines, 300 allowed"]);
    expect(found({ "agent/python/src/a.py": 301 })).toEqual(["agent/python/src/a.py: 301 lines, 300 allowed"]);
  });

  test.each([
    "src/store/utils.ts",
    "src/store/helpers/path.ts",
    "src/utils/path.ts",
    "test/store/common.test.ts",
    "test/shared/x.ts",
    "agent/python/src/_util.py",
  ])("the drawer %s is refused", (path) => {
    expect(found({ [path]: 1 }).join()).toContain("a drawer");
  });

  test("rooms are those of the table, and not deep", () => {
    expect(found({ "src/pantry/bread.ts": 1 })).toEqual(["src/pantry/bread.ts: pantry is no room of the house"]);
    expect(found({ "src/loose.ts": 1 })).toEqual(["src/loose.ts: a file outside every room"]);
    expect(found({ "src/store/a/b/c.ts": 1 })).toEqual(["src/store/a/b/c.ts: more than two levels deep"]);
    expect(found({ "src/index.ts": 1 })).toEqual([]);
  });

  test("a crowded folder is named", () => {
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`src/store/noun-${index}.ts`, 1]));
    expect(found(many)).toEqual(["src/store: 21 files, 20 at most"]);
  });
});
