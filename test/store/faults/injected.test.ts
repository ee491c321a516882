import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore } from "#store";
import { bundled, ended } from "../program.ts";
import { Acknowledged } from "./acknowledged.ts";

const STRACE = spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
const WHY = "needs strace, and the right to use it";
/** Of all calls of a kind every so many fails in turn: REPRISE_INJECT_STRIDE=1 fails each. */
const STRIDE = Number(process.env.REPRISE_INJECT_STRIDE ?? 13);

let program: string;
let folder: string;
let before: Acknowledged;
beforeAll(async () => {
  folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "reprise-injected-"));
  program = bundled("faults/deeds-program", folder);
  before = new Acknowledged();
  const root = join(folder, "before");
  openStore(root, { create: true }).close();
  before.add((await ended([process.execPath, program, root, "7", "3"])).lines);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const strace = (log: string, ...rest: string[]): string[] => [
  "strace",
  "-y",
  "-o",
  log,
  ...rest,
  process.execPath,
  program,
];

/** Which calls of a kind touch the store: their numbers among all calls of that kind of the main thread. */
async function callsOf(name: string): Promise<number[]> {
  const [root, log] = [join(folder, "counted"), join(folder, "trace")];
  cpSync(join(folder, "before"), root, { recursive: true });
  const { code } = await ended([...strace(log, "-e", `trace=${name}`), root, "8", "2", "2"]);
  expect(code).toBe(0);
  const calls = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.startsWith(`${name}(`));
  rmSync(root, { recursive: true });
  return calls.flatMap((line, index) => (line.includes(root) ? [index + 1] : []));
}

interface Sum {
  calls: number;
  failed: number;
  told: number;
  unhurt: number;
}

/** Kills it at each of these calls, as a power cut would: what was acknowledged before is there. */
async function killEach(name: string, stride: number): Promise<{ calls: number; killed: number }> {
  const calls = await callsOf(name);
  const [root, log] = [join(folder, "killed"), join(folder, "trace")];
  const sum = { calls: calls.length, killed: 0 };
  for (let at = calls.length % stride; at < calls.length; at += stride) {
    rmSync(root, { recursive: true, force: true });
    cpSync(join(folder, "before"), root, { recursive: true });
    const inject = `inject=${name}:signal=SIGKILL:when=${calls[at]}`;
    const words = [...strace(log, "-e", `trace=${name}`, "-e", inject), root, "8", "2", "2"];
    const { lines, signal } = await ended(words);
    const when = `${name} killed at ${calls[at]}`;
    expect(signal, when).toBe("SIGKILL");
    const acknowledged = new Acknowledged();
    acknowledged.add(lines);
    before.check(root, when);
    acknowledged.check(root, when);
    sum.killed += 1;
  }
  return sum;
}

test.for<[string, number]>([
  ["rename", 2],
  ["unlink", 2],
  ["fsync", 13],
])(
  "killed at each %s, also while gc writes packs anew: nothing acknowledged is lost",
  { timeout: 0 },
  async ([name, stride], { skip }) => {
    if (!STRACE) return skip(WHY);
    const { calls, killed } = await killEach(name, process.env.REPRISE_INJECT_STRIDE === undefined ? stride : STRIDE);
    process.stderr.write(`${name}: killed at ${killed} of ${calls} calls in turn, lost 0\n`);
    expect(killed).toBeGreaterThan(0);
  },
);

async function failEach(name: string, error: string, more = ""): Promise<Sum> {
  const calls = await callsOf(name);
  const sum: Sum = { calls: calls.length, failed: 0, told: 0, unhurt: 0 };
  const [root, log] = [join(folder, "failing"), join(folder, "trace")];
  for (let at = calls.length % STRIDE; at < calls.length; at += STRIDE) {
    rmSync(root, { recursive: true, force: true });
    cpSync(join(folder, "before"), root, { recursive: true });
    const inject = `inject=${name}:error=${error}:when=${calls[at]}${more}`;
    const { lines, code, signal } = await ended([
      ...strace(log, "-e", `trace=${name}`, "-e", inject),
      root,
      "8",
      "2",
      "2",
    ]);
    const when = `${name} ${error} ${calls[at]}`;
    expect(signal, when).toBeNull();
    const said = lines.find((line) => line.startsWith("error "));
    // A failure is an error of the store by its name; or nothing depended on the call.
    if (said !== undefined) expect(said, when).toMatch(/^error STORE_(IO|FULL|READ_ONLY|UNREADABLE)$/);
    else expect(lines.at(-1), when).toBe("closed");
    expect(code, when).toBe(said === undefined ? 0 : 4);
    const acknowledged = new Acknowledged();
    acknowledged.add(lines);
    before.check(root, when);
    acknowledged.check(root, when);
    sum.failed += 1;
    sum[said === undefined ? "unhurt" : "told"] += 1;
  }
  return sum;
}

test.for<[string, string, string]>([
  ["fsync", "EIO", ""],
  ["pwrite64", "ENOSPC", ""],
  ["write", "ENOSPC", ""],
  ["rename", "EIO", ""],
  // From there on: a disk that stays full, or is gone.
  ["pwrite64", "ENOSPC", "+"],
  ["fsync", "EIO", "+"],
])(
  "%s fails with %s%s at each of its calls: said, and nothing acknowledged is lost",
  { timeout: 0 },
  async ([name, error, more], { skip }) => {
    if (!STRACE) return skip(WHY);
    const { calls, failed, told, unhurt } = await failEach(name, error, more);
    process.stderr.write(
      `${name} ${error}${more}: ${failed} of ${calls} calls failed in turn; said ${told}, nothing depended on it ${unhurt}, lost 0\n`,
    );
    expect(failed).toBeGreaterThan(0);
  },
);
