import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { agentEnvironment, readTrace } from "#exec";
import type { TraceRecord } from "#record";

const venv = new URL("../../.venv-test/bin/python", import.meta.url).pathname;
const PYTHON = [venv, "/usr/bin/python3"].find(existsSync) ?? "python3";
const folders: string[] = [];
afterAll(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

export interface Traced {
  readonly folder: string;
  readonly traces: Map<string, Iterable<TraceRecord>>;
  readonly out: string;
}

/** Runs a Python program under the agent with the line trace on, and reads the trace. */
export function traced(program: string, more: Readonly<Record<string, string>> = {}, root = "root"): Traced {
  const base = mkdtempSync(join(tmpdir(), "reprise-trace-"));
  folders.push(base);
  const [events, folder, project] = ["events", "trace", "project"].map((name) => join(base, name)) as [
    string,
    string,
    string,
  ];
  for (const one of [events, folder, project]) mkdirSync(one);
  writeFileSync(join(project, "main.py"), program);
  const plain = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const env = {
    ...plain,
    ...agentEnvironment({ env: { ...plain, PYTHONHASHSEED: "0" }, eventsDir: events, project, root }),
    PYTHONHASHSEED: "0",
    REPRISE_TRACE: folder,
    ...more,
  };
  const child = spawnSync(PYTHON, ["main.py"], { cwd: project, env, encoding: "utf8" });
  if (child.status !== 0) throw new Error(child.stderr);
  return { folder, traces: readTrace(folder), out: child.stdout };
}

/** The trace of the first process. */
export function main(run: Traced): Iterable<TraceRecord> {
  const found = run.traces.get("0");
  if (found === undefined) throw new Error("no trace of the first process");
  return found;
}
