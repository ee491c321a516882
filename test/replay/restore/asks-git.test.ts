import { expect, test } from "vitest";
import type { AgentEvent } from "#record";
import { mayAskGit } from "../../../src/replay/restore/asks-git.ts";

const hello = { e: "hello", proc: "0", lang: "python", exe: "/env/bin/python" } as unknown as AgentEvent;
const spawn = (...argv: string[]): AgentEvent => ({ e: "spawn", argv, f: null, l: null });
const asks = (executable: string, ...events: AgentEvent[]): boolean =>
  mayAskGit({ command: { executable } } as unknown as Parameters<typeof mayAskGit>[0], events);

test("only of a Python whose children are all known to ask nothing it is sure that it asked no git", () => {
  expect(asks("/env/bin/python", hello)).toBe(false);
  expect(asks("/rebuilt/bin/python3.11", hello, spawn("uname", "-p"), spawn("/env/bin/python", "x.py"))).toBe(false);
  expect(asks("/env/bin/python", hello, spawn("git", "rev-parse", "HEAD"))).toBe(true);
  expect(asks("/env/bin/python", hello, spawn("sh", "-c", "echo"))).toBe(true);
  expect(asks("/env/bin/python", hello, spawn("/other/bin/python", "x.py"))).toBe(true);
  expect(asks("/bin/sh", hello)).toBe(true);
  expect(asks("/env/bin/python")).toBe(true);
});
