// What a bare checkout needs before anything else runs: node_modules by the lock, its Node first on PATH, dist/.
// Runs on Node 20 and with nothing installed.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export class SetupError extends Error {}

/** Runs a step; what it prints is shown only when it fails. */
export function step(title, command, args, options = {}) {
  const started = Date.now();
  process.stderr.write(`• ${title} …`);
  const child = spawnSync(command, args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28, ...options });
  process.stderr.write(` ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  if (child.status === 0) return child.stdout;
  const why = child.error ? String(child.error) : `${child.stdout ?? ""}${child.stderr ?? ""}`.trim();
  throw new SetupError(`${title} failed: ${command} ${args.join(" ")}\n${why}`);
}

const packagesOf = (path) => {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8")).packages;
  } catch {
    return null;
  }
};

/** True when node_modules holds every package of the lock in its version (optional ones may be for other machines). */
function modulesMatchLock() {
  const wanted = packagesOf("package-lock.json");
  const present = packagesOf("node_modules/.package-lock.json");
  if (wanted === null) throw new SetupError("package-lock.json is missing or broken: restore it with git.");
  if (present === null) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const there = present[path];
    return there === undefined ? entry.optional === true : there.version === entry.version;
  });
}

export function ensureModules() {
  if (!modulesMatchLock()) {
    // An older Node is fine here: the lock brings the one that runs everything else.
    step("npm ci", "npm", ["ci", "--no-audit", "--no-fund", "--engine-strict=false", "--loglevel=error"]);
  }
  process.env.PATH = `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`;
}

/** Wrong types do not stop tests or demo: they are an article of the law of their own. */
export function build() {
  step("build", "node", ["scripts/build.mjs", "--lenient"]);
}
