import { describe, expect, test } from "vitest";
import { type EnvironmentRecipe, environmentRecipe } from "#environment";
import { isUnknown, type PackageFact, type PythonFacts, type RunRecord, unknown } from "#record";
import { sampleRecord } from "../store/sample-record.ts";

const registry = { kind: "registry", installer: "pip" } as const;

function record(packages: readonly PackageFact[], changes: Partial<PythonFacts> = {}): RunRecord {
  const python: PythonFacts = {
    version: "3.11.2",
    implementation: "cpython",
    executable: "/p/.venv/bin/python",
    prefix: "/p/.venv",
    manager: "venv",
    packages,
    frameworks: {},
    ...changes,
  };
  const path = "/usr/lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so";
  return sampleRecord("01a20035-ce2d-7d3b-b82e-5f98fa1844d6", {
    environment: { python, libraries: [{ path, digest: unknown("not read") }], lockFiles: [] },
  });
}

function recipeOf(packages: readonly PackageFact[], changes: Partial<PythonFacts> = {}): EnvironmentRecipe {
  const recipe = environmentRecipe(record(packages, changes));
  if (isUnknown(recipe)) throw new Error(recipe.unknown);
  return recipe;
}

const linesOf = ({ requirements }: EnvironmentRecipe): string[] =>
  requirements.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

describe("the recipe of a recorded environment", () => {
  test("names each package as it was had: from an index, a commit, a file", () => {
    const commit = "0123456789abcdef0123456789abcdef01234567";
    const recipe = recipeOf([
      { name: "numpy", version: "2.4.6", origin: registry, imported: true },
      {
        name: "tool",
        version: "1.0",
        origin: { kind: "vcs", url: "git+https://user:hunter2@example.org/tool.git", commit },
        imported: true,
      },
      {
        name: "wheel-of-ours",
        version: "3",
        origin: { kind: "file", url: "https://example.org/w-3.whl?sig=hunter2", digest: unknown("not read") },
        imported: false,
      },
    ]);
    expect(linesOf(recipe)).toEqual([
      "numpy==2.4.6",
      `tool @ git+https://example.org/tool.git@${commit}`,
      "wheel-of-ours @ https://example.org/w-3.whl",
    ]);
    expect(JSON.stringify(recipe)).not.toContain("hunter2");
    expect(recipe.platform).toBe("x86_64-linux-gnu");
  });

  test("says of conda's packages and of sources used in place that they are not in the text", () => {
    const recipe = recipeOf([
      { name: "mkl", version: "2024.0", origin: { kind: "conda", channel: "defaults" }, imported: false },
      {
        name: "mine",
        version: "0.1",
        origin: { kind: "editable", path: "/home/me/mine", digest: unknown("x") },
        imported: true,
      },
    ]);
    expect(linesOf(recipe)).toEqual([]);
    expect(recipe.notes).toEqual(["mkl 2024.0 is conda's, of defaults", "mine was used in place from /home/me/mine"]);
    expect(recipe.requirements).toContain("# not here: mine was used in place from /home/me/mine\n");
  });

  test("a name or version that an installer would take for an option is never written as one", () => {
    const hostile = ["-r /etc/passwd", "--index-url=http://x", "a b", "a\nb", "a;b", "../a"].map(
      (name): PackageFact => ({ name, version: "1", origin: registry, imported: true }),
    );
    const version: PackageFact = { name: "a", version: "1 --pre", origin: registry, imported: true };
    const url: PackageFact = {
      name: "b",
      version: "1",
      origin: { kind: "vcs", url: "git+https://x y", commit: "1 --pre" },
      imported: true,
    };
    expect(linesOf(recipeOf([...hostile, version, url]))).toEqual([]);
  });

  test("builds with a local tag name the index that has them", () => {
    const torch = { name: "torch", version: "2.13.0+cpu", origin: registry, imported: true };
    const other = { name: "own", version: "1.0+lab.7", origin: registry, imported: true };
    expect(recipeOf([torch, other]).indexes).toEqual(["https://download.pytorch.org/whl/cpu"]);
    expect(recipeOf([other]).indexes).toEqual([]);
  });

  test("its digest follows what is asked for, not who asked: imports and installers change nothing, versions do", () => {
    const numpy: PackageFact = { name: "numpy", version: "2.4.6", origin: registry, imported: true };
    const one = recipeOf([numpy]).digest;
    expect(recipeOf([{ ...numpy, imported: false, origin: { kind: "registry", installer: "uv" } }]).digest).toBe(one);
    expect(recipeOf([{ ...numpy, name: "NumPy" }], { manager: "uv", prefix: "/elsewhere" }).digest).toBe(one);
    expect(recipeOf([{ ...numpy, version: "2.4.5" }]).digest).not.toBe(one);
    expect(recipeOf([numpy], { version: "3.11.3" }).digest).not.toBe(one);
    expect(recipeOf([numpy], { manager: "conda" }).digest).not.toBe(one);
  });

  test("a run that told of no Python has none, and the reason", () => {
    expect(environmentRecipe(sampleRecord("01a20035-ce2d-7d3b-b82e-5f98fa1844d6"))).toEqual(
      unknown("not looked at in this test"),
    );
  });
});
