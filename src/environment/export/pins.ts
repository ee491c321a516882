import { isUnknown, type RunRecord } from "#record";
import type { Line } from "../build/resolve.ts";
import { normalName } from "../name.ts";
import type { EnvironmentRecipe } from "../recipe.ts";
import { requirementOf } from "../requirement.ts";
import { type Container, containerOf } from "./container.ts";
import type { Hashes } from "./hashes.ts";

/** What every format is written from. */
export interface Written {
  readonly run: RunRecord;
  readonly recipe: EnvironmentRecipe;
  readonly lines: readonly Line[];
  readonly hashes: Hashes;
  readonly container: Container;
  /** The image that containers begin with, with its digest where that is known. */
  readonly base: string;
}

export interface ExportedFile {
  readonly path: string;
  readonly text: string;
}

/** Lines for pip and uv; what is conda's or used in place is in the notes. */
export function pinLines({ packages }: EnvironmentRecipe): Line[] {
  return packages.flatMap((item) => {
    const said = requirementOf(item);
    return "line" in said ? [{ name: item.name, text: said.line }] : [];
  });
}

export interface Unhashed {
  readonly name: string;
  readonly why: string;
}

/** pip takes hashes of all or of none. */
export function unhashed(lines: readonly Line[], hashes: Hashes): Unhashed[] {
  return lines.flatMap(({ name, text }): Unhashed[] => {
    if (/ @ \S+#sha256=/.test(text)) return [];
    if (/ @ (?:git|hg|svn|bzr)\+/.test(text)) return [{ name, why: "a repository has none" }];
    const found = hashes.get(normalName(name));
    if (found === undefined) return [{ name, why: "not asked for" }];
    return isUnknown(found) ? [{ name, why: found.unknown }] : [];
  });
}

export const writtenFrom = (run: RunRecord, recipe: EnvironmentRecipe, hashes: Hashes, base: string): Written => ({
  run,
  recipe,
  lines: pinLines(recipe),
  hashes,
  container: containerOf(run),
  base,
});
