import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { buildSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { digestOf } from "#record";
import { alive, environment, folder, PIPES, ran } from "./driver.ts";

const sh = (script: string): string[] => ["sh", "-c", script];

describe("how it ended", () => {
  test.each([
    [0, "completed"],
    [1, "failed"],
    [3, "failed"],
    [255, "failed"],
  ])("exit code %i is %s", async (code, status) => {
    expect(await ran(sh(`exit ${code}`))).toMatchObject({ status, exitCode: code, signal: null });
  });

  test("a death by signal is named", async () => {
    expect(await ran(sh("kill -SEGV $$"))).toMatchObject({ status: "killed", exitCode: null, signal: "SIGSEGV" });
  });

  test("times are those of the child", async () => {
    const before = Date.now();
    const { startedAt, endedAt, seconds } = await ran(["sleep", "0.3"]);
    expect(startedAt).toBeGreaterThanOrEqual(before);
    expect(endedAt).toBeLessThanOrEqual(Date.now());
    expect(seconds).toBeGreaterThan(0.29);
  });
});

describe("what could not be started", () => {
  test.each([
    ["a name that is nowhere", "reprise-no-such-command", "ENOENT"],
    ["a path that is not there", "./nothing", "ENOENT"],
    ["a file without the right to run", "./plain", "EACCES"],
    ["a folder", "./folder", "EACCES"],
    ["nothing", "", "ENOENT"],
    ["a name that only the current folder has", "here", "ENOENT"],
    ["a script whose interpreter is missing", "./orphan", "ENOENT"],
  ])("%s", async (_, name, errno) => {
    const cwd = folder();
    writeFileSync(join(cwd, "plain"), "#!/bin/sh\n");
    mkdirSync(join(cwd, "folder"));
    for (const [file, first] of [
      ["here", "#!/bin/sh"],
      ["orphan", "#!/no/such/interpreter"],
    ] as const) {
      writeFileSync(join(cwd, file), `${first}\n`);
      chmodSync(join(cwd, file), 0o755);
    }
    const env = environment();
    const result = await ran([name], { cwd, env: { ...env, PATH: `:.:${env.PATH}` } });
    expect(result).toMatchObject({ status: "not-started", exitCode: null, notStarted: { errno } });
    expect(result.notStarted?.message).not.toBe("");
  });

  test("in a folder that is gone", async () => {
    const result = await ran(["true"], { cwd: "/no/such/folder" });
    expect(result.notStarted).toEqual({ errno: "ENOENT", message: "/no/such/folder: no folder to run in" });
  });

  test("a later entry of PATH is taken when an earlier one may not run", async () => {
    const [first, second] = [folder(), folder()];
    writeFileSync(join(first, "tool"), "");
    writeFileSync(join(second, "tool"), "#!/bin/sh\necho second\n");
    chmodSync(join(second, "tool"), 0o755);
    const result = await ran(["tool"], { env: { PATH: `${first}:${second}:/usr/bin:/bin` } });
    expect(result).toMatchObject({ out: "second\n", executable: join(second, "tool") });
  });

  test("a script without a first line runs as the shell would run it", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "bare"), "echo bare $1\n");
    chmodSync(join(cwd, "bare"), 0o755);
    expect(await ran(["./bare", "arg"], { cwd })).toMatchObject({ out: "bare arg\n", exitCode: 0 });
  });
});

describe("streams", () => {
  test("the environment is what was given, and argv[0] as typed", async () => {
    const { out } = await ran(["env"], { env: { PATH: "/usr/bin:/bin", ONLY: "this" } });
    expect(out.split("\n").filter(Boolean).sort()).toEqual(["ONLY=this", "PATH=/usr/bin:/bin"]);
    expect((await ran(sh('echo "$0"; cat /proc/$$/cmdline | tr "\\0" " "'))).out).toContain("sh -c");
  });

  test("both are kept apart, and are real pipes that can be opened by name", async () => {
    const result = await ran(sh("echo out > /dev/stdout; echo err > /dev/stderr; test -p /dev/fd/1 && echo pipe"));
    expect(result).toMatchObject({ out: "out\npipe\n", err: "err\n", exitCode: 0 });
  });

  test("every byte value arrives unchanged, with its digest", async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256));
    const file = join(folder(), "bytes");
    writeFileSync(file, bytes);
    const logs = { stdout: `${file}.out`, stderr: `${file}.err` };
    const { stdout } = await ran(["cat", file], { logs });
    expect(stdout).toEqual({ bytes: 70_000, digest: digestOf(bytes) });
    expect(readFileSync(logs.stdout).equals(bytes)).toBe(true);
    expect(statSync(logs.stdout).mode & 0o777).toBe(0o600);
  });

  test("standard input comes from a file, a stream, or nowhere", async () => {
    const file = join(folder(), "in");
    writeFileSync(file, "from a file");
    expect((await ran(["cat"], { stdin: { file } })).out).toBe("from a file");
    expect((await ran(["cat"], { stdin: Readable.from(["from ", "a stream"]) })).out).toBe("from a stream");
    expect((await ran(["cat"], { stdin: "null" })).out).toBe("");
    expect(await ran(["true"], { stdin: Readable.from(["unread"]) })).toMatchObject({ exitCode: 0 });
  });

  test("200 MB pass whole through a slow reader in little memory", async () => {
    let seen = 0;
    const slow = new Writable({
      highWaterMark: 1 << 16,
      write(chunk: Buffer, _, done) {
        seen += chunk.length;
        setImmediate(done);
      },
    });
    const before = process.memoryUsage().rss;
    const { stdout } = await ran(sh("head -c 200000000 /dev/zero"), { tee: { stdout: slow }, logs: big() });
    expect([stdout.bytes, seen]).toEqual([200_000_000, 200_000_000]);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20);
  });

  test("a tee whose reader went away lets the child know", async () => {
    const tee = new PassThrough();
    const timer = setInterval(() => {
      if (tee.writableLength + tee.readableLength === 0) return;
      clearInterval(timer);
      tee.destroy(new Error("gone"));
    }, 20);
    const result = await ran(["yes"], { tee: { stdout: tee }, logs: big() });
    expect(result.signal).toBe("SIGPIPE");
    expect(result.stdout.truncated).toContain("went away");
  });

  test("a log that cannot be written does not hurt the run", async () => {
    const result = await ran(sh("echo seen; exit 4"), { logs: { stdout: "/dev/full", stderr: "/no/such/folder/err" } });
    expect(result.exitCode).toBe(4);
    expect(result.stdout.bytes).toBe(0);
    expect(result.stdout.truncated).toContain("ENOSPC");
    expect(result.stderr.truncated).toContain("ENOENT");
  });

  test("what is redacted never reaches the disk or the lines, but the tee", async () => {
    const shown: Buffer[] = [];
    const lines: string[] = [];
    const tee = new PassThrough().on("data", (chunk: Buffer) => shown.push(chunk));
    const filter = () => {
      let held = Buffer.alloc(0);
      return {
        write: (chunk: Buffer) => {
          held = Buffer.concat([held, chunk]);
          return Buffer.alloc(0);
        },
        end: () => Buffer.from(held.toString().replaceAll("hunter2", "‹secret›")),
      };
    };
    const result = await ran(sh("printf 'a hun'; sleep 0.1; printf 'ter2 z\\nlast'"), {
      tee: { stdout: tee },
      filter,
      onLine: (stream, line) => lines.push(`${stream}: ${line}`),
    });
    expect(Buffer.concat(shown).toString()).toBe("a hunter2 z\nlast");
    expect(result.out).toBe("a ‹secret› z\nlast");
    expect(lines).toEqual(["stdout: a ‹secret› z", "stdout: last"]);
  });

  test("a redaction that fails lets nothing through", async () => {
    const filter = () => ({
      write: () => {
        throw new Error("broken");
      },
      end: () => Buffer.alloc(0),
    });
    const result = await ran(["echo", "hunter2"], { filter });
    expect(result).toMatchObject({ out: "", exitCode: 0, stdout: { truncated: "redaction failed: broken" } });
  });
});

describe("an end from outside", () => {
  test("a time limit ends the whole group", async () => {
    const result = await ran(sh("sleep 60 & echo $!; sleep 60"), { timeoutSeconds: 0.5 });
    expect(result).toMatchObject({ status: "killed", stopped: "timeout", signal: "SIGTERM" });
    expect(alive(Number(result.out))).toBe(false);
  });

  test("an abort ends also what ignores SIGTERM or left the group", async () => {
    const abort = new AbortController();
    const script = "trap '' TERM; setsid sh -c 'trap \"\" TERM; echo $$; sleep 61' & while :; do sleep 0.1; done";
    const tee = new PassThrough().once("data", () => abort.abort());
    const result = await ran(sh(script), { stopOn: abort.signal, tee: { stdout: tee } });
    expect(result).toMatchObject({ stopped: "aborted", signal: "SIGKILL" });
    expect(alive(Number(result.out))).toBe(false);
  });

  test("an abort before the start ends it at once", async () => {
    expect(await ran(["sleep", "60"], { stopOn: AbortSignal.abort() })).toMatchObject({ stopped: "aborted" });
  });

  test("processes that were left behind are not waited for", async () => {
    const result = await ran(sh("sleep 30 & echo $!"), {});
    expect(result.seconds).toBeLessThan(20);
    expect(result.endedAt - result.startedAt).toBeLessThan(20_000);
    expect(result.warnings).toMatchObject([{ code: "left-behind" }]);
    expect(result.stdout.truncated).toContain("left behind");
    process.kill(Number(result.out));
  });
});

test("mapped files are sampled while the child lives", async () => {
  const { maps, pid } = await ran(["sleep", "2.9"], { terminal: PIPES });
  expect(maps.map((one) => one.pid)).toEqual([pid]);
  expect(maps[0]?.paths.some((path) => /libc[.-]/.test(path))).toBe(true);
});

const big = (): { stdout: string; stderr: string } => ({ stdout: "/dev/null", stderr: "/dev/null" });

test("what this process has for streams is told apart", () => {
  const look = (redirect: string): unknown => {
    const line = `node ${JSON.stringify(probe)} ${redirect}`;
    return JSON.parse(execFileSync("sh", ["-c", line], { encoding: "utf8" }));
  };
  const dir = folder();
  const probe = join(dir, "probe.mjs");
  buildSync({
    stdin: {
      contents:
        'import { detectTerminal } from "#exec"; import { writeSync } from "node:fs"; writeSync(3, JSON.stringify(detectTerminal()));',
      resolveDir: process.cwd(),
    },
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["source"],
    outfile: probe,
  });
  expect(look(`</dev/null 3>&1 1>${dir}/file 2>&1`)).toEqual({ stdin: "null", stdout: "file", stderr: "file" });
  expect(look("<&- 3>&1 1>/dev/null 2>/dev/null | cat")).toEqual({ stdin: "null", stdout: "null", stderr: "null" });
  expect(look("< /etc/passwd 3>&1 2>&1 1>&2 | cat")).toMatchObject({ stdin: "file", stdout: "pipe", stderr: "pipe" });
});
