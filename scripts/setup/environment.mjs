// A Python environment of our own under a git-ignored folder, made again when its pins change.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, SetupError, step } from "./checkout.mjs";
import { withLock } from "./lock.mjs";
import { findNewPython } from "./pythons.mjs";

const PIP = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "5"];

/**
 * @param name     folder in the checkout, such as `.venv-test`
 * @param installs lists of arguments to pip, each installed by itself and in this order
 * @returns the environment's python
 */
export function ensureEnvironment(name, installs) {
  const folder = join(root, name);
  const python = join(folder, "bin/python");
  const stamp = join(folder, "stamp");
  const texts = installs.flat().map((word) => (word.endsWith(".txt") ? readFileSync(join(root, word), "utf8") : word));
  const wanted = createHash("sha256").update(JSON.stringify(texts)).digest("hex");
  const ready = () => existsSync(python) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (ready()) return python;

  return withLock(join(root, ".cache", `${name}.lock`), () => {
    if (ready()) return python;
    const base = findNewPython();
    if (base === null) throw new SetupError("Python 3.10 or newer was not found: install it, or put it on PATH.");
    rmSync(folder, { recursive: true, force: true });
    step(`${name} with ${base}`, base, ["-m", "venv", folder]);
    for (const words of installs) step(`pip install ${words.join(" ")}`, python, [...PIP, ...words]);
    writeFileSync(stamp, wanted);
    return python;
  });
}
