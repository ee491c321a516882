import { dirname, isAbsolute, relative, resolve, sep } from "node:path";

/** Whether a link stays in the data, wherever that is put. */
export function staysInside(path: string, to: string): boolean {
  if (isAbsolute(to) || to === "") return false;
  const lands = relative("/root", resolve("/root", dirname(path), to));
  return lands !== ".." && !lands.startsWith(`..${sep}`);
}
