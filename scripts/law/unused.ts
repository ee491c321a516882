// Runs knip on a copy of the tree as git would clone it: beside a dist/ it takes `#room` for `dist/room/index.js`, and
// then calls every file of src unused.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** Tracked files and new ones that git does not ignore; a path that was removed and is still in the index is left out. */
function filesOf(root: string): string[] {
  const options = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const child = spawnSync("git", options, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
  if (child.error) throw child.error;
  if (child.status !== 0) throw new Error(`git does not list the tree: ${child.stderr.trim()}`);
  return [...new Set(child.stdout.split("\0"))].filter((path) => path !== "" && existsSync(join(root, path)));
}

/** What knip says against the tree, or null. */
export function unusedParts(root: string): string | null {
  const copy = mkdtempSync(join(tmpdir(), "reprise-unused-"));
  try {
    for (const path of filesOf(root)) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      cpSync(join(root, path), join(copy, path), { verbatimSymlinks: true });
    }
    symlinkSync(modules, join(copy, "node_modules"));
    const child = spawnSync(join(modules, ".bin/knip"), ["--no-config-hints", "--no-progress"], {
      cwd: copy,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
    });
    if (child.error) throw child.error;
    return child.status === 0 ? null : `${child.stdout}${child.stderr}`;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
