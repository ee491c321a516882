import { closeSync, constants, openSync, readSync } from "node:fs";
import type { Redactor } from "./redactor.ts";
import { textKindOf } from "./text-kind.ts";

const CHUNK = 4 * 1024 * 1024;
const OVERLAP = 64 * 1024;

/** One for all files: thousands of small ones are searched after a run, and each search ends before the next begins. */
const buffer = Buffer.allocUnsafeSlow(CHUNK);

/**
 * How many secrets a file holds that a run read or wrote: data and results are kept as they are or not at all, so one
 * that holds a secret is recorded by its digest alone. Reads in pieces; 0 for what cannot be read.
 */
export function secretsInFile(path: string, redactor: Redactor): number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return 0;
  }
  try {
    let kept = 0;
    let kind: ReturnType<typeof textKindOf> | undefined;
    for (;;) {
      const read = readSync(fd, buffer, kept, CHUNK - kept, null);
      if (read === 0) return 0;
      const bytes = buffer.subarray(0, kept + read);
      kind ??= textKindOf(path, bytes);
      const { count } = redactor.redactBytes(bytes, kind);
      if (count > 0) return count;
      // A secret may lie across two pieces.
      kept = Math.min(OVERLAP, bytes.length);
      bytes.copyWithin(0, bytes.length - kept);
    }
  } catch {
    return 0;
  } finally {
    closeSync(fd);
  }
}
