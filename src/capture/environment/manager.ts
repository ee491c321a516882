import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PythonFacts } from "#record";

/** Who made the environment that lies at `prefix`, by the traces that each leaves. */
export function detectManager(prefix: string, project: string): PythonFacts["manager"] {
  if (existsSync(join(prefix, "conda-meta"))) return "conda";
  const settings = read(join(prefix, "pyvenv.cfg"));
  if (settings !== null) {
    if (/^uv\s*=/m.test(settings)) return "uv";
    if (prefix.includes("/pypoetry/virtualenvs/")) return "poetry";
    const own = prefix.startsWith(`${project}/`);
    if (own && existsSync(join(project, "poetry.lock"))) return "poetry";
    const pipenv = own || /\/virtualenvs\/[^/]+-[\w-]{8}$/.test(prefix);
    if (pipenv && existsSync(join(project, "Pipfile"))) return "pipenv";
    return "venv";
  }
  if (/\/\.?pyenv\/versions\//.test(`${prefix}/`)) return "pyenv";
  return /\/uv\/python\//.test(`${prefix}/`) ? "uv" : "system";
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
