import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { captureCode, createRedactor, restoreCode } from "#capture";
import { isUnknown } from "#record";
import { git, memoryObjects, removeTemporaryFolders, repository, temporaryFolder } from "./repository.ts";

afterAll(removeTemporaryFolders);

/** Takes a file's committed content out of the repository, as a partial clone lacks it. */
function forget(root: string, path: string): void {
  const name = git(root, "rev-parse", `HEAD:${path}`);
  rmSync(join(root, ".git/objects", name.slice(0, 2), name.slice(2)), { force: true });
}

async function again(root: string): Promise<{ copy: string; warnings: string[] }> {
  const objects = memoryObjects();
  const code = await captureCode(root, objects, createRedactor({ env: {} }));
  if (isUnknown(code)) throw new Error(code.unknown);
  const copy = join(temporaryFolder(), "copy");
  return { copy, warnings: await restoreCode(code, root, objects, copy) };
}

test("a changed file whose committed content is not here is saved whole", async () => {
  const root = repository({ "train.py": "print(1)\n", "data.txt": "old\n", "other.py": "a\n" });
  forget(root, "data.txt");
  writeFileSync(join(root, "data.txt"), "new\n");
  writeFileSync(join(root, "other.py"), "b\n");
  const { copy, warnings } = await again(root);
  expect(warnings).toEqual([]);
  expect(readFileSync(join(copy, "data.txt"), "utf8")).toBe("new\n");
  expect(readFileSync(join(copy, "other.py"), "utf8")).toBe("b\n");
  expect(readFileSync(join(copy, "train.py"), "utf8")).toBe("print(1)\n");
});

test("an unchanged file whose committed content is not here comes from the work tree, and that is said", async () => {
  const root = repository({ "train.py": "print(1)\n", "data.txt": "old\n" });
  forget(root, "data.txt");
  const { copy, warnings } = await again(root);
  expect(readFileSync(join(copy, "data.txt"), "utf8")).toBe("old\n");
  expect(warnings.join()).toContain("data.txt");
});

test("a removed file whose committed content is not here stays removed", async () => {
  const root = repository({ "train.py": "print(1)\n", "data.txt": "old\n" });
  forget(root, "data.txt");
  rmSync(join(root, "data.txt"));
  const { copy } = await again(root);
  expect(existsSync(join(copy, "data.txt"))).toBe(false);
  expect(existsSync(join(copy, "train.py"))).toBe(true);
});

test("a sparse checkout is restored as sparse as it was", async () => {
  const root = repository({ "kept/train.py": "print(1)\n", "left/big.py": "2\n" });
  git(root, "sparse-checkout", "set", "--no-cone", "kept");
  const { copy } = await again(root);
  expect(existsSync(join(copy, "kept/train.py"))).toBe(true);
  expect(existsSync(join(copy, "left/big.py"))).toBe(false);
  expect(git(copy, "status", "--porcelain")).toBe("");
});
