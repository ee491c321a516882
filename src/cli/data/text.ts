import type { DataChange } from "#data";
import type { DataVersion } from "#store";
import type { Colors } from "../output.ts";
import { safe } from "../render/escape.ts";
import { bytes, plural } from "../render/words.ts";

const SHOWN = 20;
const SIGNS = { added: "+", removed: "-", changed: "~", renamed: ">", mode: "m" } as const;

export const refOf = ({ name, version }: Pick<DataVersion, "name" | "version">): string => `${name}@${version}`;

export const sizeText = ({ kind, entries, bytes: size }: DataVersion): string =>
  kind === "file" ? bytes(size) : `${plural(entries, "entry", "entries")}, ${bytes(size)}`;

/** "2 added, 1 changed". */
export function countText(changes: readonly DataChange[]): string {
  const kinds = ["added", "removed", "changed", "renamed", "mode"] as const;
  const counts = kinds.map((kind) => [kind, changes.filter(({ change }) => change === kind).length] as const);
  return counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => (kind === "mode" ? `${count} with another mode` : `${count} ${kind}`))
    .join(", ");
}

export function changesText(changes: readonly DataChange[], all: boolean, colors: Colors): string {
  const shown = all ? changes : changes.slice(0, SHOWN);
  const lines = shown.map(({ change, path, from, bytes: size }) => {
    const name = safe(path === "" ? "(the file)" : path);
    const what = change === "renamed" ? `${safe(from ?? "")} → ${name}` : name;
    return `  ${SIGNS[change]} ${what}${change === "mode" ? "" : `  ${colors.dim(bytes(size))}`}\n`;
  });
  if (shown.length < changes.length) lines.push(`  … and ${changes.length - shown.length} more: --all\n`);
  return lines.join("");
}
