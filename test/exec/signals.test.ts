import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { alive, driven } from "./driver.ts";

/** Counts a signal in parent and child; ends with 5 a while after the first, the child with its parent at the latest. */
const COUNT = `
import os, signal, sys, time
name, counts = sys.argv[1], {}
end, parent = time.time() + 30, os.getppid()
def on(number, _):
    global end
    end = min(end, time.time() + 0.8)
    counts[number] = counts.get(number, 0) + 1
    os.write(1, ("%s %s %d\\n" % (name, signal.Signals(number).name, counts[number])).encode())
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
    signal.signal(number, on)
if name == "parent":
    os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-c", os.environ["COUNT"], "child"])
else:
    print("ready", flush=True)
while time.time() < end and os.getppid() == parent: time.sleep(0.02)
sys.exit(5)
`;
const counted = ["python3", "-c", COUNT, "parent"];

describe("signals to us", () => {
  test.each([
    ["SIGINT", ["child SIGINT 1", "parent SIGINT 1"]],
    ["SIGHUP", ["child SIGHUP 1", "parent SIGHUP 1"]],
    // Sent to one process, it is passed on to one process.
    ["SIGTERM", ["parent SIGTERM 1"]],
    ["SIGUSR1", ["parent SIGUSR1 1"]],
  ] as const)("%s is passed on once, and the record is still written", async (signal, expected) => {
    const run = await driven(counted, { COUNT });
    await run.until("ready");
    run.child.kill(signal);
    expect(await run.result()).toMatchObject({ status: signal === "SIGUSR1" ? "failed" : "interrupted", exitCode: 5 });
    const heard = run.text().match(/(?:parent|child) SIG\w+ \d/g) ?? [];
    // A child of a parent that was terminated is ended after it; that is no second passing on.
    const lasting = heard.filter((line) => signal !== "SIGTERM" || line.startsWith("parent"));
    expect(lasting.sort()).toEqual(expected);
  });

  test("the child's own death by it is its result", async () => {
    const run = await driven(["sh", "-c", "echo ready; exec sleep 60"]);
    await run.until("ready");
    run.child.kill("SIGTERM");
    expect(await run.result()).toMatchObject({ status: "interrupted", exitCode: null, signal: "SIGTERM" });
  });

  test("after Ctrl-C nothing of the group is left, not even what ignores it", async () => {
    const run = await driven(["sh", "-c", "sh -c 'trap \"\" INT TERM; echo ready $$; sleep 62' & wait"]);
    await run.until("ready");
    const pid = Number(/ready (\d+)/.exec(run.text())?.[1]);
    run.child.kill("SIGINT");
    expect(await run.result()).toMatchObject({ status: "interrupted" });
    expect(alive(pid)).toBe(false);
  });

  test("a child that ignores Ctrl-C is killed after the grace, or at the second one", async () => {
    const stubborn = ["sh", "-c", "trap '' INT; echo ready; while :; do sleep 0.1; done"];
    const patient = await driven(stubborn, { GRACE: "1" });
    await patient.until("ready");
    patient.child.kill("SIGINT");
    expect(await patient.result()).toMatchObject({ status: "interrupted", signal: "SIGKILL" });

    const pressed = await driven(stubborn, { GRACE: "60" });
    await pressed.until("ready");
    pressed.child.kill("SIGINT");
    await sleep(500);
    pressed.child.kill("SIGINT");
    expect(await pressed.result()).toMatchObject({ status: "interrupted", signal: "SIGKILL" });
  });

  test("Ctrl-Z stops both, and both go on", async () => {
    const run = await driven(["sh", "-c", "echo ready; sleep 0.2; echo $$; sleep 2; echo done"]);
    await run.until("ready");
    run.child.kill("SIGTSTP");
    await sleep(2700);
    expect(run.text()).not.toContain("done");
    expect(readFileSync(`/proc/${run.child.pid}/status`, "utf8")).toContain("State:\tT");
    run.child.kill("SIGCONT");
    expect(await run.result()).toMatchObject({ status: "completed" });
  });

  test("standard input passes through, and the end of it", async () => {
    const run = await driven(["cat"]);
    run.child.stdin?.end("typed before the end");
    expect(await run.result()).toMatchObject({ status: "completed" });
    expect(readFileSync(join(run.dir, "out"), "utf8")).toBe("typed before the end");
  });
});
