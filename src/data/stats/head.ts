import { closeSync, openSync, readSync } from "node:fs";
import { constants, gunzipSync } from "node:zlib";
import { RepriseError } from "#record";
import { cellsOf, delimiterIn, isOpen, staysOpen } from "./cells.ts";

const FIRST_BYTES = 64 << 10;
const MOST_BYTES = 64 << 20;

function begin(path: string, length: number): { bytes: Buffer; whole: boolean } {
  const fd = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(length);
    const got = readSync(fd, buffer, 0, length, 0);
    const bytes = buffer.subarray(0, got);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return {
      bytes: isGzip ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes,
      whole: got < length,
    };
  } finally {
    closeSync(fd);
  }
}

export interface Head {
  readonly delimiter: string;
  readonly cells: readonly string[];
  /** Lines before the head. */
  readonly before: number;
}

const refused = (path: string, why: string, hint: string): RepriseError =>
  new RepriseError("TABLE_UNREADABLE", "usage", `${path}: ${why}`, hint);

/** Lines that are empty before a head are none of the table. */
function headIn(lines: readonly string[], skip: number, given: string | undefined): Head | null {
  let at = skip;
  while (lines[at]?.trim() === "") at += 1;
  const first = lines[at];
  if (first === undefined) return null;
  const before = at;
  const delimiter = given ?? delimiterIn(first);
  for (let goesOn = isOpen(first, delimiter); goesOn; ) {
    at += 1;
    const more = lines[at];
    if (more === undefined) return null;
    goesOn = staysOpen(more, delimiter);
  }
  return { delimiter, cells: cellsOf(lines.slice(before, at + 1).join("\n"), delimiter), before };
}

/** The first row of a table that may be gzipped, after `skip` lines and those that are empty. Throws TABLE_UNREADABLE. */
export function headOf(
  path: string,
  { shown, skip, delimiter }: { shown: string; skip: number; delimiter: string | undefined },
): Head {
  for (let length = FIRST_BYTES; ; length *= 8) {
    const { bytes, whole } = begin(path, length);
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !whole });
    } catch {
      throw refused(shown, "its head is not UTF-8", "reprise data stats FILE --encoding latin-1");
    }
    const lines = text.split(/\r\n|\r|\n/);
    // The last line may go on.
    const found = headIn(whole ? lines : lines.slice(0, -1), skip, delimiter);
    if (found !== null) return found;
    if (whole)
      throw refused(
        shown,
        text.trim() === "" ? "it is empty" : "there is no head in it, or a quote in it is never closed",
        "reprise data stats --help",
      );
    if (length >= MOST_BYTES) throw refused(shown, "its first line has no end", "reprise data stats --help");
  }
}
