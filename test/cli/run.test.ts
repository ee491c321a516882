import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mountTmpfs } from "../store/mount.ts";
import { type Sealed, seal } from "./sealed.ts";

let place: Sealed;
beforeEach(() => {
  place = seal({ "train.py": 'import sys\nprint("loss=0.5")\nprint("to stderr", file=sys.stderr)\n' });
});
afterEach(() => place.remove());

interface Listing {
  readonly runs: readonly {
    readonly id: string;
    readonly command: string;
    readonly exitCode: number;
    readonly status: string;
  }[];
}
const runs = (options = ""): Listing["runs"] =>
  (JSON.parse(place.shell(`reprise ls --json ${options}`).out) as Listing).runs;

describe("E reprise run", () => {
  test("options before the command are ours, all after it are the command's", () => {
    const show = "import sys; print(sys.argv[1:])";
    for (const line of [
      `reprise run -q python3 -c '${show}' --json -q --seed 1`,
      `reprise run -q -- python3 -c '${show}' --json -q --seed 1`,
    ]) {
      expect(place.shell(line)).toMatchObject({ code: 0, out: "['--json', '-q', '--seed', '1']\n", err: "" });
    }
    expect(place.shell(`reprise run -q -- python3 -c '${show}' -- a`).out).toBe("['--', 'a']\n");
    expect(place.shell("reprise run --seed=7 -q --tag a=1 -t b=2=3 python3 train.py").code).toBe(0);
    expect(place.shell("reprise show --json").out).toContain('"b": "2=3"');
  });

  test("exits with the command's own code, and 128+N for a signal", () => {
    const codes = ["exit 0", "exit 3", "exit 255", "kill -KILL $$", "kill -SEGV $$"].map(
      (script) => place.shell(`reprise run -q -- sh -c '${script}'`).code,
    );
    expect(codes).toEqual([0, 3, 255, 137, 139]);
  });

  test("127 and 126 are told apart as a shell does, with what to type; nothing is recorded", () => {
    place.put({ "folder/x": "", "notes.txt": "" });
    const tried = ["nothing-like-it", "train.py", "./train.py", "./folder", "./notes.txt", "'python3 train.py'"].map(
      (name) => place.shell(`reprise run -- ${name}`),
    );
    expect(tried.map(({ code }) => code)).toEqual([127, 127, 126, 126, 126, 127]);
    expect(tried.map(({ err }) => err.split("\n")[1]?.trim())).toEqual([
      "try: check the spelling, or: command -v nothing-like-it",
      "try: reprise run -- python train.py",
      "try: reprise run -- python ./train.py",
      "try: ls -l ./folder",
      "try: ls -l ./notes.txt",
      "try: words go apart; for a shell's syntax: reprise run -- sh -c '…'",
    ]);
    expect(existsSync(join(place.project, ".reprise"))).toBe(false);
  });

  test("wrong use is 2, with the next command to type, and nothing is run", () => {
    const lines = [
      "",
      "--sed 1 touch x",
      "--seed lucky touch x",
      "--seed",
      "--tag novalue touch x",
      "--name 'a b' touch x",
      "--store '' touch x",
    ];
    for (const line of lines) {
      const { code, out, err } = place.shell(`reprise run ${line}`);
      expect({ line, code, out }).toEqual({ line, code: 2, out: "" });
      expect(err).toMatch(/^reprise: .+\n {2}try: .+\n$/);
    }
    expect(existsSync(join(place.project, "x"))).toBe(false);
  });

  test("--json: one document on standard output, everything else on standard error", () => {
    const { out, err, code } = place.shell("reprise run --json --seed 42 -- python3 train.py");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      format: "reprise/run@1",
      exitCode: 0,
      seed: { mode: "declared", root: "42" },
      metrics: { loss: { last: 0.5, count: 1 } },
    });
    expect(err).toContain("loss=0.5\n");
    expect(err).toContain("to stderr\n");
    const failed = place.shell("reprise run --json -- nothing-like-it");
    expect(JSON.parse(failed.out)).toMatchObject({ error: { code: "COMMAND_NOT_FOUND", kind: "usage" } });
    expect(failed.err).toBe("");
    expect(JSON.parse(place.shell("reprise run --json --sed 1 x").out)).toMatchObject({ error: { code: "USAGE" } });
  });

  test("our own words go to standard error only, and --quiet leaves them out", () => {
    const loud = place.shell("reprise run -- python3 train.py");
    expect(loud.out).toBe("loss=0.5\n");
    expect(loud.err).toMatch(
      /^reprise: run [0-9a-f]{8} · fresh seed [0-9a-f]{8}… → .*\nto stderr\nreprise: completed in .*\n$/,
    );
    expect(place.shell("reprise run -q -- python3 train.py").err).toBe("to stderr\n");
  });

  test("a reader that goes away is nothing to complain about", () => {
    const { err } = place.shell("reprise run -q -- seq 100000 | head -n 1");
    expect(err).toBe("");
    expect(place.shell("reprise ls | true").err).toBe("");
    expect(place.shell("reprise --help | true").err).toBe("");
  });

  test("CI=true wants committed code; --no-require-clean and the configuration overrule it", () => {
    const ci = { CI: "true" };
    expect(place.shell("reprise run -q -- true", ci)).toMatchObject({
      code: 2,
      err: expect.stringContaining("not in a git repository") as string,
    });
    expect(place.shell("reprise run -q --no-require-clean -- true", ci).code).toBe(0);
    expect(place.shell("git init -q && git add -A && git commit -qm first && reprise run -q -- true", ci).code).toBe(0);
    place.put({ "train.py": "changed" });
    expect(place.shell("reprise run -q -- true", ci).code).toBe(2);
    place.put({ "reprise.toml": "[run]\nrequire_clean = false\n" });
    expect(place.shell("reprise run -q -- true", ci).code).toBe(0);
  });

  test("control characters of a program or an argument never reach the terminal by way of us", () => {
    const evil = "$(printf '\\033]0;owned\\007')";
    place.shell(`reprise run -q --name ok -- python3 -c pass "${evil}"`);
    for (const line of [
      "reprise ls",
      "reprise show",
      "reprise ls --json",
      "reprise show --json",
      `reprise show "${evil}"`,
    ]) {
      const { out, err } = place.shell(line);
      expect(out + err).not.toContain("\u001b");
      expect(out + err).toMatch(/owned/);
    }
  });
});

describe("E a store that cannot be written", () => {
  test("a project that is read-only: nothing is run, and --store is named", ({ skip }) => {
    const mounted = mountTmpfs(place.base, "size=4m");
    if (mounted === null) return skip("needs the right to mount a tmpfs");
    try {
      mounted.remount("ro");
      const { code, err } = place.shell(`cd ${mounted.path} && reprise run -- touch ${place.project}/ran`);
      expect(code).toBe(4);
      expect(err).toContain("cannot be written to");
      expect(err).toContain("--store DIR");
      expect(existsSync(join(place.project, "ran"))).toBe(false);
      expect(place.shell(`cd ${mounted.path} && reprise run -q --store ${place.base}/elsewhere -- true`).code).toBe(0);
    } finally {
      mounted.unmount();
    }
  });

  test("a disk that fills up: the command is not disturbed, the loss is said and is in the exit code", ({ skip }) => {
    const mounted = mountTmpfs(place.base, "size=3m");
    if (mounted === null) return skip("needs the right to mount a tmpfs");
    try {
      const script =
        "import sys\nfor _ in range(8): sys.stdout.write(chr(97) * (1 << 20))\nopen('done', 'w').write('x')";
      const { code, out, err } = place.shell(`reprise run -q --store ${mounted.path}/store -- python3 -c "${script}"`);
      expect({ code, bytes: out.length }).toEqual({ code: 4, bytes: 8 << 20 });
      expect(readFileSync(join(place.project, "done"), "utf8")).toBe("x");
      expect(err).toMatch(/NOT recorded|not whole/);
    } finally {
      mounted.unmount();
    }
  });
});

describe("E where the store is", () => {
  const storeOf = (line: string, env = {}): string =>
    (JSON.parse(place.shell(line, env).out) as { store: string }).store;

  test("--store, then REPRISE_HOME, then the configuration, then beside the project", () => {
    mkdirSync(join(place.project, "deep/er"), { recursive: true });
    expect(place.shell("git init -q && cd deep/er && reprise run -q -- true").code).toBe(0);
    expect(storeOf("cd deep && reprise ls --json")).toBe(join(place.project, ".reprise"));
    expect(statSync(join(place.project, ".reprise/.gitignore")).isFile()).toBe(true);
    place.put({ "reprise.toml": '[store]\npath = "kept/runs"\n' });
    place.shell("cd deep && reprise run -q -- true");
    expect(storeOf("cd deep && reprise ls --json")).toBe(join(place.project, "kept/runs"));
    const home = { REPRISE_HOME: join(place.base, "home-store") };
    place.shell("reprise run -q -- true", home);
    expect(storeOf("reprise ls --json", home)).toBe(home.REPRISE_HOME);
    place.shell("reprise run -q --store flag -- true", home);
    expect(storeOf("reprise ls --json --store flag", home)).toBe(join(place.project, "flag"));
  });

  test("a folder inside a project without git finds the store above it for reading", () => {
    place.shell("reprise run -q -- true");
    mkdirSync(join(place.project, "sub"));
    expect(storeOf("cd sub && reprise ls --json")).toBe(join(place.project, ".reprise"));
  });

  test("a project's configuration cannot send the store elsewhere unasked, not by a link either", () => {
    for (const path of ["../stolen", "/tmp/stolen", "link/stolen"]) {
      place.shell("ln -sfn .. link");
      place.put({ "reprise.toml": `[store]\npath = "${path}"\n` });
      const { code, err } = place.shell("reprise run -q -- true");
      expect({ path, code }).toEqual({ path, code: 5 });
      expect(err).toContain("REPRISE_TRUST_CONFIG=1");
    }
    expect(readdirSync(place.base)).not.toContain("stolen");
    expect(place.shell("reprise run -q -- true", { REPRISE_TRUST_CONFIG: "1" }).code).toBe(0);
    expect(readdirSync(place.base)).toContain("stolen");
  });

  test("several runs at once are all recorded", () => {
    place.shell("for i in 1 2 3 4; do reprise run -q -- python3 -c \"print('x=$i')\" & done; wait");
    expect(runs().map(({ status }) => status)).toEqual(["completed", "completed", "completed", "completed"]);
  });
});
