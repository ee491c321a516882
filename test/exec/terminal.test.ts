import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { type Driven, drivenInTerminal, environment, folder, ran } from "./driver.ts";

const TTY = { stdin: "tty", stdout: "tty", stderr: "tty", columns: 91, rows: 17 } as const;
const LOOK = `
import os, sys
size = os.get_terminal_size(1)
print([os.isatty(fd) for fd in (0, 1, 2)], size.columns, size.lines, flush=True)
print("problem", file=sys.stderr, flush=True)
`;
const logOf = ({ dir }: Driven, name: "out" | "err"): string => readFileSync(join(dir, name), "utf8");

describe("in a terminal", () => {
  test("the child has terminals of the same size, and its two streams are kept apart", async () => {
    const run = await drivenInTerminal(["python3", "-c", LOOK]);
    expect(await run.result()).toMatchObject({ status: "completed", exitCode: 0, warnings: [] });
    expect(logOf(run, "out")).toBe("[True, True, True] 100 30\r\n");
    expect(logOf(run, "err")).toBe("problem\r\n");
    expect(run.text()).toContain("[True, True, True] 100 30\r\n");
    expect(run.text()).toContain("problem\r\n");
  });

  test.each([
    [["sh", "-c", "exit 7"], { status: "failed", exitCode: 7, signal: null }],
    [["sh", "-c", "kill -KILL $$"], { status: "killed", exitCode: null, signal: "SIGKILL" }],
    [["reprise-no-such-command"], { status: "not-started", notStarted: { errno: "ENOENT" } }],
  ])("%j ends as it would", async (argv, expected) => {
    const run = await drivenInTerminal(argv);
    expect(await run.result()).toMatchObject(expected);
  });

  test("what is typed arrives, echoed once", async () => {
    const run = await drivenInTerminal(["sh", "-c", 'echo ready; read answer; echo "got $answer"']);
    await run.until("ready");
    run.child.stdin?.write("hello\n");
    expect(await run.result()).toMatchObject({ status: "completed" });
    expect(run.text()).toBe("ready\r\nhello\r\ngot hello\r\n");
  });

  test("what is typed is shown, and is not in an output that is no terminal", async () => {
    const inner = ["sh", "-c", 'exec "$@" > /dev/null 2>&1', "sh"];
    const ready = join(folder(), "ready");
    const asking = ["sh", "-c", `touch "${ready}"; read answer; echo got $answer`];
    const run = await drivenInTerminal(asking, {}, inner);
    await vi.waitFor(() => expect(existsSync(ready)).toBe(true), 30_000);
    run.child.stdin?.write("hello\n");
    expect(await run.result()).toMatchObject({ status: "completed" });
    expect(logOf(run, "out")).toBe("got hello\n");
    expect(run.text()).toBe("hello\r\n");
  });

  test("Ctrl-C reaches the whole group exactly once, and the run is interrupted", async () => {
    const script = join(folder(), "count.py");
    writeFileSync(
      script,
      `import os, signal, sys, time
count, end = 0, time.time() + 30
def on(*_):
    global count, end
    count += 1
    # Not at once: Ctrl-C makes a terminal drop what is on its way to it. The parent goes last, and counts on meanwhile.
    end = min(end, time.time() + (1.5 if sys.argv[1] == "parent" else 0.8))
signal.signal(signal.SIGINT, on)
if sys.argv[1] == "parent":
    os.spawnvp(os.P_NOWAIT, sys.executable, [sys.executable, __file__, "child"])
else:
    print("ready", flush=True)
while time.time() < end: time.sleep(0.05)
os.write(1, ("%s interrupt %d\\n" % (sys.argv[1], count)).encode())
sys.exit(130)
`,
    );
    const run = await drivenInTerminal(["python3", script, "parent"]);
    await run.until("ready");
    run.child.stdin?.write("\x03");
    expect(await run.result()).toMatchObject({ status: "interrupted", exitCode: 130 });
    expect(run.text().match(/parent interrupt \d/g)).toEqual(["parent interrupt 1"]);
    expect(run.text().match(/child interrupt \d/g)).toEqual(["child interrupt 1"]);
  });

  test("a child that dies of Ctrl-C was interrupted", async () => {
    const run = await drivenInTerminal(["sh", "-c", "echo ready; sleep 60"]);
    await run.until("ready");
    run.child.stdin?.write("\x03");
    expect(await run.result()).toMatchObject({ status: "interrupted", signal: "SIGINT", exitCode: null });
  });

  test("a change of size is passed on", async () => {
    const run = await drivenInTerminal([
      "python3",
      "-c",
      `import os, signal
signal.signal(signal.SIGWINCH, lambda *_: (print(*os.get_terminal_size(1), flush=True), os._exit(0)))
print("ready", flush=True)
while True: signal.pause()`,
    ]);
    await run.until("ready");
    run.child.stdin?.write("SIZE 60x20");
    await run.result();
    expect(run.text()).toContain("60 20");
  });
});

describe("a replay, where nobody sits", () => {
  test("has the terminal of the record, and its input ends", async () => {
    const result = await ran(["python3", "-c", `${LOOK}\nprint(repr(sys.stdin.read()), repr(sys.stdin.read()))`], {
      terminal: TTY,
    });
    expect(result).toMatchObject({ status: "completed", warnings: [] });
    expect(result.out).toBe("[True, True, True] 91 17\r\n'' ''\r\n");
    expect(result.err).toBe("problem\r\n");
  });

  test("has terminals only where the record has them", async () => {
    const terminal = { ...TTY, stdin: "pipe", stdout: "file" } as const;
    const look = "import os,sys; os.write(2, repr([os.isatty(fd) for fd in (0, 1, 2)]).encode()); print('out')";
    const result = await ran(["python3", "-c", look], { terminal });
    expect(result).toMatchObject({ err: "[False, False, True]", out: "out\n", status: "completed" });
  });

  test("redacts what a terminal shows before it is written", async () => {
    const filter = () => ({
      write: (chunk: Buffer) => Buffer.from(chunk.toString().replaceAll("hunter2", "‹secret›")),
      end: () => Buffer.alloc(0),
    });
    expect((await ran(["echo", "hunter2"], { terminal: TTY, filter })).out).toBe("‹secret›\r\n");
  });

  test("ends with its group when it is stopped, also below a terminal", async () => {
    const result = await ran(["sh", "-c", "sleep 60 & sleep 60"], { terminal: TTY, timeoutSeconds: 1 });
    expect(result).toMatchObject({ stopped: "timeout", status: "killed", signal: "SIGTERM" });
    expect(result.seconds).toBeLessThan(30);
  });

  test("falls back to pipes, and says so, where there is no python3", async () => {
    const env = { ...environment(), PATH: "/nowhere" };
    const result = await ran(["/bin/echo", "hi"], { terminal: TTY, env });
    expect(result).toMatchObject({ out: "hi\n", warnings: [{ code: "no-terminal" }] });
  });
});
