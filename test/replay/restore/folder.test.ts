import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeReplayFolder } from "../../../src/replay/restore/folder.ts";

const parent = realpathSync(mkdtempSync(join(tmpdir(), "f-")));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

test("the project's path is as long as the recorded one where that can be, whatever its length", () => {
  const least = `${parent}/reprepren/proj`.length;
  for (let length = least - 5; length < least + 240; length += 1) {
    const project = `/${"x".repeat(length - "//proj".length)}/proj`;
    const folder = makeReplayFolder(parent, project);
    if (length >= least && length < least + 200) expect(folder.project).toHaveLength(length);
    expect(folder.project.endsWith("/proj")).toBe(true);
    expect(folder.project.startsWith(folder.base)).toBe(true);
    // Sockets among the temporary files need a short path.
    expect(folder.temporary.length).toBeLessThan(parent.length + 30);
    folder.discard();
    expect(existsSync(folder.base)).toBe(false);
  }
  expect(dirname(makeReplayFolder(parent, "/").project)).toContain(parent);
});
