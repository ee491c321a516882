import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const modern = process.execPath;
let place: string;

/** What a user's shell has: no node_modules/.bin of ours on PATH. */
const plainPath = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .join(delimiter);

function boot(program: string, path: string, ...options: string[]): { code: number | null; out: string; err: string } {
  const child = spawnSync(program, options, { encoding: "utf8", cwd: tmpdir(), env: { PATH: path } });
  return { code: child.status, out: child.stdout, err: child.stderr };
}

/** A folder with a `node` that claims a version, or runs the real one. */
function nodeOnPath(name: string, script: string): string {
  const folder = join(place, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "node"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "node"), 0o755);
  return folder;
}

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "reprise boot "));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

describe("bin/reprise", () => {
  test("runs whatever the machine's own node is", () => {
    const { code, out, err } = boot(join(root, "bin/reprise"), plainPath, "--version");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^(reprise )?\d+\.\d+\.\d+/);
  });

  test("is found through symbolic links, relative ones too", () => {
    mkdirSync(join(place, "bin"));
    symlinkSync(join(root, "bin/reprise"), join(place, "bin/absolute"));
    symlinkSync("absolute", join(place, "bin/reprise"));
    expect(boot(join(place, "bin/reprise"), plainPath, "--version").code).toBe(0);
    expect(boot("reprise", `${join(place, "bin")}${delimiter}${plainPath}`, "--version").code).toBe(0);
  });

  describe("installed alone, without the node of the lock", () => {
    let program: string;
    beforeAll(() => {
      mkdirSync(join(place, "alone"));
      cpSync(join(root, "bin"), join(place, "alone/bin"), { recursive: true });
      program = join(place, "alone/bin/reprise");
    });

    test("says what to do when it is not built", () => {
      const path = nodeOnPath("modern", `exec "${modern}" "$@"`);
      const { code, err } = boot(program, `${path}${delimiter}/usr/bin:/bin`, "--version");
      expect(code).toBe(70);
      expect(err).toContain("npm run build");
    });

    test("says what to do when node is too old", () => {
      const fake = "Object.defineProperty(process.versions, 'node', { value: '20.20.2' })";
      writeFileSync(join(place, "old.cjs"), fake);
      const path = nodeOnPath("old", `exec "${modern}" -r "${place}/old.cjs" "$@"`);
      const { code, err } = boot(program, `${path}${delimiter}/usr/bin:/bin`, "--version");
      expect(code).toBe(70);
      expect(err).toContain("this is Node 20.20.2, and Reprise needs 24.15 or newer");
      expect(err).not.toContain("    at ");
    });

    test("says what to do when there is no node", () => {
      mkdirSync(join(place, "empty"));
      symlinkSync("/bin/sh", join(place, "empty/sh"));
      const { code, err } = boot(program, join(place, "empty"), "--version");
      expect(code).toBe(127);
      expect(err).toContain("Install Node.js 24.15 or newer");
    });
  });
});
