import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { verify } from "#replay";
import { freshSeed, parseSeed, run } from "#run";
import { openStore } from "#store";

/** Each script states its truth in its first lines: verdict, what must be held and where, what it needs. */
interface Truth {
  readonly verdict: string;
  readonly holds: readonly string[];
  readonly seed: string;
  readonly exit: number;
  readonly needs: string | null;
  readonly files: readonly string[];
  readonly ignored: readonly string[];
  readonly big: readonly string[];
  readonly remove: readonly string[];
  /** Why two runs can agree by luck: such a case is tried three times. */
  readonly luck: string | null;
}

const CASES = join(import.meta.dirname, "cases");
const PYTHON =
  [".venv-test/bin/python"].map((path) => join(import.meta.dirname, "../..", path)).find(existsSync) ?? "python3";
const work = realpathSync(mkdtempSync(join(tmpdir(), "corpus-")));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function truthOf(source: string): Truth {
  const field = (name: string): string | null => new RegExp(`^# ${name}: (.*)$`, "m").exec(source)?.[1] ?? null;
  const words = (name: string): string[] => field(name)?.split(" ") ?? [];
  return {
    verdict: field("verdict") ?? "",
    holds: field("holds")?.split(", ") ?? [],
    seed: field("seed") ?? "fresh",
    exit: Number(field("exit") ?? 0),
    needs: field("needs"),
    files: words("files"),
    ignored: words("ignored"),
    big: words("big"),
    remove: words("remove"),
    luck: field("luck"),
  };
}

function has(module: string): boolean {
  return (
    spawnSync(PYTHON, ["-c", `import importlib.util, sys; sys.exit(importlib.util.find_spec("${module}") is None)`])
      .status === 0
  );
}

function project(name: string, source: string, truth: Truth): string {
  const root = join(work, basename(name, ".py"));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put("train.py", source);
  for (const path of [...truth.files, ...truth.ignored])
    put(path, `${path}\n`.repeat(truth.big.includes(path) ? 2_000_000 : 1));
  put(".gitignore", [...truth.ignored, ""].join("\n"));
  const git = (...args: string[]): void =>
    void spawnSync("git", ["-C", root, "-c", "user.name=t", "-c", "user.email=t@t", ...args], { stdio: "ignore" });
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "case");
  return root;
}

function environment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", LANG: "C.UTF-8", OMP_NUM_THREADS: "1" };
}

describe("verdicts on small programs whose truth is known", () => {
  const modules = new Map<string, boolean>();
  const here = (module: string): boolean => {
    const known = modules.get(module) ?? has(module);
    modules.set(module, known);
    return known;
  };
  for (const name of readdirSync(CASES).sort()) {
    const source = readFileSync(join(CASES, name), "utf8");
    const truth = truthOf(source);
    const lacking = truth.needs !== null && !here(truth.needs) ? ` (skipped: no ${truth.needs} here)` : "";
    test.skipIf(lacking !== "")(
      `${name}: ${truth.verdict} ${truth.holds.join(", ")}${lacking}`,
      { retry: truth.luck === null ? 0 : 2 },
      async () => {
        const cwd = project(name, source, truth);
        const store = openStore(join(cwd, ".reprise"), { create: true });
        const base = { store, version: "test", env: environment() };
        const terminal = { stdin: "null", stdout: "pipe", stderr: "pipe" } as const;
        const seed = truth.seed === "fresh" ? freshSeed() : parseSeed(truth.seed);
        const baseline = await run({ ...base, argv: [PYTHON, "train.py"], cwd, seed, terminal, tee: {} });
        expect(baseline.exitCode).toBe(truth.exit);
        for (const path of truth.remove) rmSync(join(cwd, path));
        const found = await verify({ ...base, baseline, level: "numerical", vary: "default", hold: [], budget: 60 });
        store.close();
        const holds = found.holds.map((hold) => (hold.line === null ? hold.kind : `${hold.kind} @ ${hold.line}`));
        expect({ verdict: found.verdict, holds: holds.sort() }, JSON.stringify(found, null, 1)).toEqual({
          verdict: truth.verdict,
          holds: [...truth.holds].sort(),
        });
      },
    );
  }
});
