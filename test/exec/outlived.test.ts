import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { PYTHON } from "../run/project.ts";
import { alive, environment, folder } from "./driver.ts";

const REPRISE = join(import.meta.dirname, "../../bin/reprise");

/** Trains, prints and logs; says at the end what it has reached. `go` lets it begin. */
const PROGRAM = `import os, reprise, sys, time
print("ready", flush=True)
while not os.path.exists("go"): time.sleep(0.02)
for step in range(STEPS):
    reprise.metric("loss", 1 / (step + 1), step)
    if PRINTS: print("loss", step, flush=True); print("note", step, file=sys.stderr, flush=True)
open("done.tmp", "w").write("%d" % step)
os.rename("done.tmp", "done")
`;

function recorded(steps: number, prints: boolean): { readonly child: ChildProcess; readonly dir: string } {
  const dir = folder();
  const text = PROGRAM.replace("STEPS", String(steps)).replace("PRINTS", prints ? "True" : "False");
  writeFileSync(join(dir, "train.py"), text);
  const argv = ["run", "-q", "--store", join(dir, "store"), "--", PYTHON, "train.py"];
  // Where CI=true code that is not committed is refused.
  const env = { ...environment(), CI: "" };
  const child = spawn(REPRISE, argv, { cwd: dir, env, stdio: ["ignore", "pipe", "pipe"] });
  return { child, dir };
}

const go = (dir: string): void => writeFileSync(join(dir, "go"), "");
const done = async (dir: string): Promise<string> => {
  await vi.waitFor(() => expect(existsSync(join(dir, "done"))).toBe(true), 30_000);
  return readFileSync(join(dir, "done"), "utf8");
};
const ready = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve, reject) => {
    child.stdout?.once("data", resolve);
    child.once("exit", (code) => reject(new Error(`ended with ${code} before it was ready`)));
  });
const last = (steps: number): string => String(steps - 1);

describe("E the training is unharmed", () => {
  test("when the recorder is killed: it goes on to its end, and its output to where it went", async () => {
    const { child, dir } = recorded(3000, true);
    const text = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) child[name]?.on("data", (chunk: Buffer) => (text[name] += chunk));
    await ready(child);
    child.kill("SIGKILL");
    await sleep(200);
    go(dir);
    const ended = new Promise((resolve) => child.on("close", resolve));
    expect(await done(dir)).toBe(last(3000));
    await ended;
    expect(text.stdout.trimEnd().split("\n").length).toBe(3001);
    expect(text.stderr.trimEnd().split("\n").slice(-1)).toEqual(["note 2999"]);
  });

  test("when nobody reads what we print: numbers go another way", async () => {
    const { child, dir } = recorded(20_000, false);
    await ready(child);
    child.stdout?.pause();
    go(dir);
    expect(await done(dir)).toBe(last(20_000));
    child.stdout?.resume();
    await new Promise((resolve) => child.on("close", resolve));
    expect(child.exitCode).toBe(0);
  });

  test("and a reader that goes away ends it, as it would without us", async () => {
    const { child, dir } = recorded(3_000_000, true);
    await ready(child);
    child.stdout?.destroy();
    go(dir);
    await new Promise((resolve) => child.on("exit", resolve));
    expect(existsSync(join(dir, "done"))).toBe(false);
    expect(child.exitCode === 0 || (child.pid !== undefined && alive(child.pid))).toBe(false);
  });
});
