import type { Command } from "commander";
import type { Context } from "./context.ts";

/** How a command is told to end the program: with this code. */
type End = (code: number) => void;

/** A verb's face: its options and help. What it does is imported when it is called. */
export type Define = (context: Context, end: End) => Command;

export interface Verb {
  readonly summary: string;
  /** In completions and in the list of commands. */
  readonly shown: boolean;
  readonly load: () => Promise<Define>;
}

export type Verbs = Readonly<Record<string, Verb>>;
