import type { Command } from "commander";
import type { Context } from "../context.ts";
import { createProgress } from "../progress.ts";
import { bytes, plural } from "../render/words.ts";

/** Flags of every verb of data. */
export interface Shared {
  readonly store?: string;
  readonly quiet?: true;
  readonly json?: true;
}

export const shared = (command: Command): Command =>
  command
    .option("--store <dir>", "the folder that keeps the data")
    .option("-q, --quiet", "say nothing besides errors")
    .option("--json", "one JSON document on standard output");

/** A million files pass. */
const EVERY_MS = 200;

/** Says how far it is, on a terminal. Ctrl-C ends the program at once: what a store lacks then is a version, nothing else. */
export function withProgress<T>(
  context: Context,
  flags: Shared,
  doing: string,
  work: (onProgress: (files: number, size: number) => void) => T,
): T {
  const progress = createProgress(context.err, flags.quiet === true || !context.err.tty);
  let said = performance.now();
  try {
    return work((files, size) => {
      if (performance.now() - said < EVERY_MS) return;
      said = performance.now();
      progress.say(`${doing}: ${plural(files, "file")}, ${bytes(size)}`);
    });
  } finally {
    progress.clear();
  }
}
