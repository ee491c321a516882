import { basename } from "node:path";
import { findProgram } from "#exec";
import { knownOr, type RunRecord } from "#record";

/** Where commands are looked for: by PATH of `env`, and from `cwd`. */
export interface Here {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

const PYTHON = /^(?:python|pypy)[\d.]*$/;

/** The path of a program, or null. */
export function programHere(name: string, { env, cwd }: Here): string | null {
  const found = findProgram(name, env, cwd);
  return "errno" in found ? null : found.path;
}

/** The interpreter that the run's command would have here and now; null where there is none at all. */
export function pythonHere(run: RunRecord, here: Here): string | null {
  const first = run.command.argv[0] ?? "";
  const typed = PYTHON.test(basename(first)) ? programHere(first, here) : null;
  const recorded = knownOr(run.environment.python, null)?.executable;
  const kept = recorded === undefined ? null : programHere(recorded, here);
  return typed ?? kept ?? programHere("python", here) ?? programHere("python3", here);
}
