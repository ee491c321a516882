import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

export interface CondaPackage {
  readonly name: string;
  readonly version: string;
  readonly channel: string;
}

/** What conda has installed at a prefix; empty for another kind of environment. */
export function condaPackages(prefix: string): CondaPackage[] {
  const folder = join(prefix, "conda-meta");
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((file) => {
    const match = /^(.+)-([^-]+)-([^-]+)\.json$/.exec(file);
    if (match === null) return [];
    return [{ name: match[1] ?? "", version: match[2] ?? "", channel: channelOf(join(folder, file)) }];
  });
}

const buffer = Buffer.alloc(1024);

/** The members stand in order of the alphabet, so the channel is among the first; the list of files comes later. */
function channelOf(file: string): string {
  try {
    const fd = openSync(file, "r");
    try {
      const head = buffer.toString("utf8", 0, readSync(fd, buffer, 0, buffer.length, 0));
      return /"channel":\s*"([^"]*)"/.exec(head)?.[1] ?? "";
    } finally {
      closeSync(fd);
    }
  } catch {
    return "";
  }
}
