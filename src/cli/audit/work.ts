import type { Command } from "commander";
import type { Golden, Workplace } from "#audit";
import type { Store } from "#store";
import type { Context } from "../context.ts";
import { catchInterrupt } from "../interrupt.ts";
import type { Place } from "../place.ts";
import { createProgress } from "../progress.ts";
import type { Look } from "../render/verdict.ts";

/** Flags of every verb of audit. */
export interface Shared {
  readonly store?: string;
  readonly quiet?: true;
  readonly json?: true;
}

export const shared = (command: Command): Command =>
  command
    .option("--store <dir>", "the folder that keeps the runs")
    .option("-q, --quiet", "neither progress nor the training's output on standard error")
    .option("--json", "one JSON document on standard output");

export const more = (text: string, before: readonly string[]): string[] => [...before, text];

export const lookOf = ({ out }: Context): Look => ({ colors: out.colors, columns: Math.min(out.columns, 100) });

/** With progress, the training's output on standard error, and Ctrl-C that ends it: null then. */
export async function withWork<T>(
  context: Context,
  flags: Shared,
  { project }: Place,
  store: Store,
  work: (at: Workplace) => Promise<T>,
): Promise<T | null> {
  const { Stopped } = await import("#audit");
  const progress = createProgress(context.err, flags.quiet === true);
  const interrupt = catchInterrupt();
  try {
    return await work({
      project,
      store,
      version: context.version,
      env: context.env,
      signal: interrupt.signal,
      ...(flags.quiet === true ? {} : { tee: { stdout: process.stderr, stderr: process.stderr } }),
      onProgress: (words) => progress.say(words),
    });
  } catch (error) {
    if (error instanceof Stopped) return null;
    throw error;
  } finally {
    progress.clear();
    interrupt.release();
  }
}

/** What an audit would see of each metric. */
export async function shiftsOf(golden: Golden): Promise<Record<string, number | null>> {
  const { shiftSeen } = await import("#audit");
  return Object.fromEntries(Object.keys(golden.tolerance).map((name) => [name, shiftSeen(golden, name)]));
}
