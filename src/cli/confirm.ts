import { createInterface } from "node:readline/promises";
import type { Context } from "./context.ts";

/** Whether somebody could answer. */
export const canAsk = (context: Context): boolean => process.stdin.isTTY === true && context.err.tty;

/** Asks on standard error; only a yes is one. */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false; // Ctrl-C, Ctrl-D
  } finally {
    lines.close();
  }
}
