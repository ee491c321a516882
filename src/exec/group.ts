import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Sends to one process (positive) or to a whole group (negative). False when nobody is there. */
export function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A living process; `start` tells it from a later one with the same number. */
export interface Member {
  readonly pid: number;
  readonly start: string;
}

interface Process extends Member {
  readonly parent: number;
  readonly group: number;
}

function processes(): Process[] {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return []; // no such file system here
  }
  return names.flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      // The program's name may hold spaces and parentheses: fields begin after the last one.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] === "Z" || fields[0] === "X") return [];
      return [{ pid: Number(name), parent: Number(fields[1]), group: Number(fields[2]), start: fields[19] ?? "" }];
    } catch {
      return []; // ended meanwhile
    }
  });
}

/** The processes of the group of `root` and all below it, also those that left the group (as torchrun's workers do). */
export function family(root: number): Member[] {
  const all = processes();
  const below = new Set([root]);
  for (let before = 0; before !== below.size; ) {
    before = below.size;
    for (const { pid, parent } of all) if (below.has(parent)) below.add(pid);
  }
  return all.filter((one) => one.group === root || below.has(one.pid));
}

export interface EndPlan {
  /** Members found while the root lived: once it is dead, those outside its group are no longer found from it. */
  readonly seen?: readonly Member[];
  /** Left alone: the host of the terminal, which has to put it back in order. */
  readonly spare?: number | undefined;
  readonly patienceMs: number;
  readonly graceMs: number;
}

/** Ends what is left of the family of `root`: after `patienceMs` SIGTERM, after `graceMs` more SIGKILL. */
export async function endFamily(root: number, { seen = [], spare, patienceMs, graceMs }: EndPlan): Promise<void> {
  const left = (): number[] => {
    const now = processes();
    const named = new Set([...family(root), ...seen].map(({ pid, start }) => `${pid}:${start}`));
    return now.flatMap(({ pid, start }) => (pid !== spare && named.has(`${pid}:${start}`) ? [pid] : []));
  };
  const gone = async (ms: number): Promise<boolean> => {
    for (let waited = 0; waited <= ms; waited += 25) {
      if (left().length === 0) return true;
      await sleep(25);
    }
    return false;
  };
  if (await gone(patienceMs)) return;
  if (graceMs > 0) {
    for (const pid of left()) send(pid, "SIGTERM");
    if (await gone(graceMs)) return;
  }
  for (const pid of left()) send(pid, "SIGKILL");
  if (spare === undefined) send(-root, "SIGKILL"); // where /proc cannot be read
}
