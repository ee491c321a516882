import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

export interface Mounted {
  readonly path: string;
  readonly remount: (option: string) => void;
  readonly unmount: () => void;
}

/** A small file system of its own, or null where we may not mount one. */
export function mountTmpfs(folder: string, options: string): Mounted | null {
  const path = join(folder, "mounted");
  mkdirSync(path, { recursive: true });
  const mount = (...given: string[]): boolean => spawnSync("mount", given).status === 0;
  if (!mount("-t", "tmpfs", "-o", options, "tmpfs", path)) return null;
  return {
    path,
    remount: (option) => {
      if (!mount("-o", `remount,${option}`, path)) throw new Error(`cannot remount ${path} ${option}`);
    },
    unmount: () => void spawnSync("umount", ["--lazy", path]),
  };
}
