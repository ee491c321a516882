import { existsSync } from "node:fs";
import { digestSources } from "#capture";
import { isUnknown, type PackageFact, type RunRecord } from "#record";
import { localPath } from "../location.ts";
import type { LockHashes } from "../lock-hashes.ts";
import { normalName } from "../name.ts";
import type { EnvironmentRecipe } from "../recipe.ts";
import type { Lacking } from "../refusal.ts";
import { requirementOf } from "../requirement.ts";
import type { Editable } from "./editable.ts";
import type { Line, Missing } from "./resolve.ts";

export interface Sources {
  readonly lines: readonly Line[];
  readonly editables: readonly Editable[];
  readonly lacking: readonly Lacking[];
}

/** The folder of a package used in place: inside the project a replay has its own copy of it, restored from the record. */
function editableOf(fact: PackageFact, run: RunRecord): Editable | string {
  if (fact.origin.kind !== "editable") return "";
  const { path, digest } = fact.origin;
  const { project } = run.command;
  if (path === project || path.startsWith(`${project}/`)) return { fact, path };
  if (!existsSync(path)) return `it was used in place from ${path}, which is not there`;
  if (isUnknown(digest)) return { fact, path };
  const now = digestSources(path);
  if (isUnknown(now) || now === digest) return { fact, path };
  return `it was used in place from ${path}, and its sources have changed since`;
}

/** Where each package is to come from, and what has no place to come from any more. */
export function sourcesOf(recipe: EnvironmentRecipe, run: RunRecord, locked: LockHashes): Sources {
  const lines: Line[] = [];
  const editables: Editable[] = [];
  const lacking: Lacking[] = [];
  for (const fact of recipe.packages) {
    const { name, origin, imported: needed } = fact;
    const lack = (why: string): number => lacking.push({ name, why, needed });
    if (origin.kind === "conda") {
      if (recipe.manager !== "conda") lack("it was conda's in an environment that conda did not make");
      continue;
    }
    if (origin.kind === "editable") {
      const found = editableOf(fact, run);
      if (typeof found === "string") lack(found);
      else editables.push(found);
      continue;
    }
    const file = origin.kind === "file" ? localPath(origin.url) : null;
    if (file !== null && !existsSync(file)) {
      lack(`it was installed from ${file}, which is not there`);
      continue;
    }
    const said = requirementOf(fact);
    if ("why" in said) lack(said.why);
    else lines.push({ name, text: said.line, hashes: locked.get(`${normalName(name)}==${fact.version}`) ?? [] });
  }
  return { lines, editables, lacking };
}

export function withoutMissing(
  lines: readonly Line[],
  missing: readonly Missing[],
  packages: readonly PackageFact[],
): { readonly lines: readonly Line[]; readonly lacking: readonly Lacking[] } {
  const gone = new Map(missing.map((item) => [normalName(item.name), item.why]));
  const used = new Set(packages.filter(({ imported }) => imported).map(({ name }) => normalName(name)));
  return {
    lines: lines.filter(({ name }) => !gone.has(normalName(name))),
    lacking: missing.map((item) => ({ ...item, needed: used.has(normalName(item.name)) })),
  };
}
