import { existsSync } from "node:fs";
import { join } from "node:path";

/** Folders that are never part of the code and never a result. */
const NEVER = new Set([
  ".git",
  ".hg",
  ".svn",
  ".reprise",
  "node_modules",
  "__pycache__",
  ".ipynb_checkpoints",
  ".pytest_cache",
  ".mypy_cache",
  ".ruff_cache",
  ".hypothesis",
  ".tox",
  ".nox",
  ".eggs",
  ".numba_cache",
  ".DS_Store",
]);

/** Names that may be one of the above, or an environment: only then is the disk asked. */
export function isSkippedName(name: string): boolean {
  return NEVER.has(name) || name.endsWith(".egg-info") || name.endsWith(".pyc") || name.endsWith(".dist-info");
}

/** A virtual environment or a conda environment. */
export function isEnvironmentDir(path: string): boolean {
  return existsSync(join(path, "pyvenv.cfg")) || existsSync(join(path, "conda-meta"));
}
