import { findProgram, runTool } from "#exec";
import type { Pin } from "./pin.ts";

export interface PullOptions {
  readonly project: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What fetches the data that a pin names, by the tool that keeps it; null: there is no such command. */
function commandOf({ tool, by, path }: Pin): readonly [string, ...string[]] | null {
  if (tool === "dvc") return ["dvc", "pull", `./${by.endsWith("dvc.lock") ? path : by}`];
  if (tool === "git-lfs") return ["git", "lfs", "pull", "--include", path];
  return null;
}

const PATIENCE_MS = 60 * 60_000;

/**
 * Asks the tool for what it keeps. Null: done, and the caller looks whether the right bytes came; else why not, with what
 * to type.
 */
export async function pull(pin: Pin, { project, env }: PullOptions): Promise<string | null> {
  const command = commandOf(pin);
  if (command === null) return `${pin.identity}: fetch it by hand`;
  const line = command.join(" ");
  const found = findProgram(command[0], env, project);
  if ("errno" in found) return `kept by ${pin.tool}, which is not installed here: then ${line}`;
  const [, ...args] = command;
  const result = await runTool({ argv: [found.path, ...args], cwd: project, env, timeoutMs: PATIENCE_MS });
  if (result.ok) return null;
  const said = result.stderr.trim().split("\n");
  // DVC ends with the address of a page, and says what is wrong before it.
  const why =
    result.failure ?? said.find((one) => one.startsWith("ERROR: ")) ?? said.at(-1) ?? `exit code ${result.code}`;
  return `${line}: ${why}`;
}
