import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { knownOr, type RunRecord } from "#record";
import { copy } from "./folder.ts";

/** Files that the replay may overwrite because the program names them by absolute path. */
export interface Outside {
  /** Puts everything back as it was before the replay. */
  restore(): void;
}

/**
 * A program that writes to an absolute path outside its project writes there again when replayed. What lies there is
 * the user's: it is copied aside before, and put back after.
 */
export function guardOutside(run: RunRecord, base: string): Outside {
  const paths = knownOr(run.outputs, []).flatMap((file) => (file.scope === "project" ? [] : [file.path]));
  const saved = paths.map((path, i) => {
    const aside = join(base, "outside", String(i));
    const there = existsSync(path);
    if (there) {
      mkdirSync(dirname(aside), { recursive: true });
      copy(path, aside);
    }
    return { path, aside, there };
  });
  return {
    restore() {
      for (const { path, aside, there } of saved) {
        if (!there) {
          rmSync(path, { force: true });
          continue;
        }
        const beside = `${path}.reprise-restore`;
        copy(aside, beside);
        renameSync(beside, path);
      }
    },
  };
}
