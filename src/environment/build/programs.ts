import { existsSync } from "node:fs";
import { join } from "node:path";
import { findProgram, runTool } from "#exec";

type Env = Readonly<Record<string, string>>;

/** The words that start a tool: its path, or a Python with the tool as a module. */
export type ToolCommand = readonly [string, ...string[]];

function onPath(name: string, env: Env): string | null {
  const found = findProgram(name, env, "/");
  return "errno" in found ? null : found.path;
}

/** What of an installer is to be had here; null: it is not installed. */
export function findTool(
  name: "conda" | "mamba" | "micromamba" | "poetry" | "pipenv" | "docker",
  env: Env,
): ToolCommand | null {
  const path = onPath(name, env);
  return path === null ? null : [path];
}

/** uv by itself on PATH, else as a module of one of these interpreters, else of the first python3 on PATH. */
export async function findUv(env: Env, pythons: readonly string[]): Promise<ToolCommand | null> {
  const own = onPath("uv", env);
  if (own !== null && (await answers([own], env))) return [own];
  const first = onPath("python3", env);
  const asked = [...new Set([...pythons, ...(first === null ? [] : [first])])].filter((python) => existsSync(python));
  for (const python of asked) {
    const command: ToolCommand = [python, "-m", "uv"];
    if (await answers(command, env)) return command;
  }
  return null;
}

async function answers(command: ToolCommand, env: Env): Promise<boolean> {
  return (await runTool({ argv: [...command, "--version"], cwd: "/", env, timeoutMs: 20_000 })).ok;
}

/** Pythons that may be asked for uv as a module and for pip's settings, beside what is on PATH. */
export const pythonIn = (prefix: string): string => join(prefix, "bin", "python");
