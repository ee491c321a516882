import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Digest, EnvironmentFacts, Known } from "#record";
import { digestFile } from "../code/saver.ts";

const LOCK_FILE =
  /^(?:uv\.lock|poetry\.lock|pdm\.lock|pixi\.lock|Pipfile(?:\.lock)?|pylock(?:\.[\w.-]+)?\.toml|requirements[\w.-]*\.(?:txt|in)|constraints[\w.-]*\.txt|(?:environment|conda)[\w.-]*\.ya?ml|conda-lock[\w.-]*\.ya?ml|explicit[\w.-]*\.txt|pyproject\.toml|setup\.(?:py|cfg)|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|renv\.lock|Manifest\.toml|Cargo\.lock|go\.sum|Gemfile\.lock)$/;

/** Files at the project's root (and in its requirements folder) that say which packages it wants. */
export function findLockFiles(
  project: string,
  digestOf: (path: string) => Known<Digest> = digestFile,
): EnvironmentFacts["lockFiles"] {
  const names = [
    ...filesIn(project).filter((name) => LOCK_FILE.test(name)),
    ...filesIn(join(project, "requirements"))
      .filter((name) => /\.(?:txt|in)$/.test(name))
      .map((name) => `requirements/${name}`),
  ];
  return names.map((name) => ({ path: name, digest: digestOf(join(project, name)) }));
}

function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}
