import type { Pin } from "#data";
import { safe } from "../render/escape.ts";
import type { Row } from "../render/rows.ts";

const SHOWN = 12;

function rowOf({ path, tool, identity, agrees, note }: Pin): Row {
  const word = agrees === null ? "?" : agrees ? "✓" : "✗";
  return [`${tool} ${word}`, `${safe(path)}  ${safe(identity)}${note === undefined ? "" : `  (${safe(note)})`}`];
}

/** Those that do not agree first. */
export function pinRows(pins: readonly Pin[]): Row[] {
  const ordered = pins.toSorted((a, b) => Number(a.agrees !== false) - Number(b.agrees !== false));
  const rows = ordered.slice(0, SHOWN).map(rowOf);
  return pins.length > SHOWN ? [...rows, ["", `… ${pins.length - SHOWN} more: reprise show --json`]] : rows;
}
