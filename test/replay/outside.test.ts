import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { guardOutside } from "../../src/replay/restore/outside.ts";
import { gitProject, PYTHON } from "../run/project.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "outside-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Guards these paths while `change` goes on. */
async function guarded(paths: readonly string[], change: () => void): Promise<void> {
  const project = gitProject({ "train.py": "print(1)\n" });
  try {
    const run = await project.run([PYTHON, "train.py"]);
    const outside = guardOutside(run, join(folder, "base"), project.store, paths);
    change();
    outside.restore();
  } finally {
    project.remove();
  }
}

test("what lay outside is put back: content, mode, links, several names, and what was not there is gone again", async () => {
  const at = (name: string): string => join(folder, name);
  for (const name of ["plain", "far", "first"]) writeFileSync(at(name), `${name} of the user`);
  chmodSync(at("plain"), 0o600);
  symlinkSync("far", at("link"));
  linkSync(at("first"), at("second"));
  await guarded([at("plain"), at("link"), at("first"), at("new")], () => {
    rmSync(at("plain"));
    for (const name of ["plain", "link", "first", "new"])
      writeFileSync(at(name), "of a replay, and longer than it was");
  });
  for (const name of ["plain", "far", "first"]) expect(readFileSync(at(name), "utf8")).toBe(`${name} of the user`);
  expect(readFileSync(at("second"), "utf8")).toBe("first of the user");
  expect(statSync(at("second")).ino).toBe(statSync(at("first")).ino);
  expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
  expect(statSync(at("plain")).mode & 0o777).toBe(0o600);
  expect(statSync(at("new"), { throwIfNoEntry: false })).toBeUndefined();
});

test("one file that cannot be put back is told, and keeps no other from it", async () => {
  const [blocked, other] = [join(folder, "blocked"), join(folder, "other")];
  for (const path of [blocked, other]) writeFileSync(path, "of the user");
  const broken = guarded([blocked, other], () => {
    rmSync(blocked);
    mkdirSync(join(blocked, "folder"), { recursive: true });
    writeFileSync(other, "of a replay");
  });
  await expect(broken).rejects.toMatchObject({
    code: "NOT_PUT_BACK",
    message: expect.stringContaining(blocked) as string,
  });
  expect(readFileSync(other, "utf8")).toBe("of the user");
});
