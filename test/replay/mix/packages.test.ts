import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findGuilty } from "#replay";
import { guiltyOf, recordPair } from "./recorded-pair.ts";

/** An interpreter's folder of packages with one tiny package in one version. */
function packages(root: string, version: string, value: string): string {
  const folder = join(root, `env-${version}`, "lib", "site-packages");
  place(folder, version, value);
  return folder;
}

function place(folder: string, version: string, value: string): void {
  const info = join(folder, `tinystep-${version}.dist-info`);
  for (const path of [info, join(folder, "tinystep")]) mkdirSync(path, { recursive: true });
  writeFileSync(join(folder, "tinystep", "__init__.py"), `STEP = ${value}\n`);
  writeFileSync(join(info, "METADATA"), `Metadata-Version: 2.1\nName: tinystep\nVersion: ${version}\n`);
  writeFileSync(join(info, "RECORD"), `tinystep/__init__.py,,\ntinystep-${version}.dist-info/METADATA,,\n`);
  writeFileSync(join(info, "INSTALLER"), "pip\n");
}

test("a package in another version is found, with its environment beside it", async () => {
  let [older, newer] = ["", ""];
  const script = `import tinystep\nprint("loss=%.3f" % (1 - tinystep.STEP))\n`;
  const envs = (path: () => string): Record<string, string> => ({
    get PYTHONPATH() {
      return path();
    },
  });
  const found = await guiltyOf(
    "a package bump",
    { files: { "train.py": script, "notes.py": "# 1\n" }, env: envs(() => older) },
    { files: { "notes.py": "# 2\n" }, env: envs(() => newer) },
    (root) => {
      older = packages(join(root, ".."), "1.0", "0.1");
      newer = packages(join(root, ".."), "2.0", "0.2");
    },
  );
  expect(found.causes).toMatchObject([
    { kind: "package-version", name: "tinystep", a: "1.0", b: "2.0", certainty: "proved", alone: "independent" },
  ]);
});

test("a package that was upgraded in place and cannot be had any more is named, and nothing else is accused", async () => {
  const script = `import tinystep\nprint("loss=%.3f" % (1 - tinystep.STEP))\n`;
  let path = "";
  const env = {
    PIP_NO_INDEX: "1",
    get PYTHONPATH() {
      return path;
    },
  };
  const pair = await recordPair(
    { files: { "train.py": script, "notes.py": "# 1\n" }, env },
    {
      files: { "notes.py": "# 2\n" },
      env,
      before: () => {
        for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true });
        place(path, "2.0", "0.2");
      },
    },
    (root) => {
      path = packages(join(root, ".."), "1.0", "0.1");
    },
  );
  const found = await findGuilty({ mixture: pair.mixture });
  expect(found).toMatchObject({ state: "beyond", causes: [] });
  const named = found.unresolved.find((item) => item.ingredient.name === "tinystep");
  expect(named?.ingredient).toMatchObject({ kind: "package-version", a: "1.0", b: "2.0" });
  expect(named?.reason).toContain("tinystep==1.0");
  pair.close();
});

test("of two environments it is the package that is found, not the interpreter's folder", async () => {
  const script = `import tinystep\nprint("loss=%.3f" % (1 - tinystep.STEP))\n`;
  const argv: string[][] = [[], []];
  const made = (root: string, version: string, value: string): string => {
    const folder = join(root, "..", `venv-${version}`);
    spawnSync("python3", ["-m", "venv", "--without-pip", folder]);
    const library = readdirSync(join(folder, "lib")).find((name) => name.startsWith("python")) ?? "";
    place(join(folder, "lib", library, "site-packages"), version, value);
    return join(folder, "bin", "python");
  };
  const found = await guiltyOf(
    "two environments",
    { files: { "train.py": script, "notes.py": "# 1\n" }, argv: argv[0] ?? [] },
    { files: { "notes.py": "# 2\n" }, argv: argv[1] ?? [] },
    (root) => {
      argv[0]?.push(made(root, "1.0", "0.1"), "train.py");
      argv[1]?.push(made(root, "2.0", "0.2"), "train.py");
    },
  );
  expect(found.mixture.ingredients.map((item) => item.name)).toContain("python");
  expect(found.causes).toMatchObject([{ kind: "package-version", name: "tinystep", certainty: "proved" }]);
});
