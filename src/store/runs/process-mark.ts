import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Tells a process from a later one with the same number, from before a reboot, and from those of other machines. */
export interface ProcessMark {
  readonly pid: number;
  readonly host: string;
  /** Kernel's id of the boot; null where there is no /proc. */
  readonly boot: string | null;
  /** The pid namespace: containers on one machine count apart. */
  readonly space: string | null;
  /** Start of the process in ticks since the boot. */
  readonly start: string | null;
}

function attempt(read: () => string): string | null {
  try {
    return read().trim();
  } catch {
    return null;
  }
}

const bootId = (): string | null => attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"));
const pidSpace = (): string | null => attempt(() => readlinkSync("/proc/self/ns/pid"));

/** Field 22 of /proc/PID/stat; the name in field 2 may hold anything, so count from its closing bracket. */
function startOf(pid: number): string | null {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields?.[0];
  return state === undefined || state === "Z" || state === "X" ? null : (fields?.[19] ?? null);
}

export function markOf(pid: number): ProcessMark {
  return { pid, host: hostname(), boot: bootId(), space: pidSpace(), start: startOf(pid) };
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether the process still runs; "elsewhere": on a machine or in a container that we cannot see into. */
export function lifeOf(mark: ProcessMark): "running" | "ended" | "elsewhere" {
  const boot = bootId();
  if (mark.boot !== boot) return mark.host === hostname() ? "ended" : "elsewhere";
  if (boot === null) {
    if (mark.host !== hostname()) return "elsewhere";
    return answersSignal(mark.pid) ? "running" : "ended";
  }
  if (mark.space !== pidSpace()) return "elsewhere";
  return mark.start !== null && startOf(mark.pid) === mark.start ? "running" : "ended";
}
