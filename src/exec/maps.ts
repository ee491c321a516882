import { readFileSync } from "node:fs";
import { family } from "./group.ts";

/** Files that a process had mapped when it was looked at: shared libraries and data. */
export interface SampledMaps {
  readonly pid: number;
  readonly paths: readonly string[];
}

const FIRST_MS = 500;
const LAST_MS = 128_000;

function mappedFiles(pid: number): string[] {
  try {
    const lines = readFileSync(`/proc/${pid}/maps`, "utf8").split("\n");
    return lines.flatMap((line) => {
      const at = line.indexOf("/");
      const path = at < 0 ? "" : line.slice(at);
      return path === "" || path.endsWith(" (deleted)") || /^\/(dev|proc|memfd:|SYSV)/.test(path) ? [] : [path];
    });
  } catch {
    return [];
  }
}

/** Looks at the child's processes now and then, ever more rarely: for those that die without telling. */
export class MapSampler {
  private readonly found = new Map<number, Set<string>>();
  private timer: NodeJS.Timeout;

  constructor(
    private readonly root: number,
    private readonly host: boolean,
  ) {
    this.timer = this.after(FIRST_MS);
  }

  stop(): readonly SampledMaps[] {
    clearTimeout(this.timer);
    return [...this.found].map(([pid, paths]) => ({ pid, paths: [...paths].sort() }));
  }

  private after(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      for (const { pid } of family(this.root)) {
        const paths = this.host && pid === this.root ? [] : mappedFiles(pid);
        if (paths.length === 0) continue;
        const known = this.found.get(pid) ?? new Set();
        for (const path of paths) known.add(path);
        this.found.set(pid, known);
      }
      this.timer = this.after(Math.min(ms * 4, LAST_MS));
    }, ms);
  }
}
