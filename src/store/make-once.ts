import { existsSync, linkSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileSynced } from "./durable.ts";
import { systemCode } from "./failure.ts";

/** A link fails when the name is taken, a rename does not: the first one wins where the file system knows links. */
function placeOnce(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (code === "EEXIST") return;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(code)) throw error;
    if (!existsSync(to)) renameSync(from, to);
  }
}

/** A file that is there whole or not at all, and that the first of several processes makes. */
export function makeOnce(root: string, name: string, bytes: Uint8Array): void {
  const folder = mkdtempSync(join(root, "tmp", "make-"));
  try {
    writeFileSynced(join(folder, name), bytes);
    placeOnce(join(folder, name), join(root, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
