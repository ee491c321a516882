import { createInterface } from "node:readline/promises";
import type { Context } from "./context.ts";

/** Whether somebody could answer. */
export const canAsk = (context: Context): boolean => process.stdin.isTTY === true && context.err.tty;

/** A word that is asked for on standard error; "": none was given. It is not shown while it is typed. */
export async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  try {
    const answer = lines.question(`${question} `);
    // What is typed is echoed by writing the line anew.
    Object.assign(lines, { _writeToOutput: () => undefined });
    return await answer;
  } catch {
    return ""; // Ctrl-C, Ctrl-D
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}

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
