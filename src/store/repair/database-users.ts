import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return []; // gone, or another user's
  }
};

const targetOf = (link: string): string | null => {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
};

/** Processes besides ours that hold a file open, as far as /proc shows them to us. */
export function usersOf(path: string): number[] {
  return namesIn("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => namesIn(join("/proc", pid, "fd")).some((fd) => targetOf(join("/proc", pid, "fd", fd)) === path))
    .map(Number);
}
