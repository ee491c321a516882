import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore, replay, resumeCheck, verify, why } from "../../src/index.ts";
import { type Sealed, seal } from "../cli/sealed.ts";

const TRAIN = `import os, pathlib, random
rows = open("data/rows.csv").read().split()
home = pathlib.Path("~/cache/words.txt").expanduser().read_text()
far = open(os.environ["DATA_ROOT"] + "/far.txt").read()
random.seed(len(rows))
value = random.gauss(1, 0.1)
print(f"loss={value:.6f} {home.strip()} {far.strip()}")
open("model.txt", "w").write(repr(value))
`;

let here: Sealed;
let there: Sealed;
beforeEach(() => {
  here = seal({ "train.py": TRAIN, ".gitignore": "data\n", "data/rows.csv": "1,2\n3,4\n" });
  there = seal();
});
afterEach(() => {
  here.remove();
  there.remove();
});

const far = (): string => join(here.base, "far");

/** A commit, a change on top, data that git ignores, at home, and elsewhere: recorded, packed, and all of it gone. */
function packed(options = ""): string {
  mkdirSync(join(here.base, "home/cache"));
  mkdirSync(far());
  writeFileSync(join(here.base, "home/cache/words.txt"), "words\n");
  writeFileSync(join(far(), "far.txt"), "far\n");
  here.shell("git init -q . && git add -A && git commit -qm one");
  here.put({ "train.py": `${TRAIN}# changed\n` });
  const run = here.shell(`reprise run -q --name mine ${options} -- python3 train.py`, { DATA_ROOT: far() });
  expect(run).toMatchObject({ code: 0 });
  const pack = here.shell("reprise pack mine");
  expect(pack).toMatchObject({ code: 0, err: "" });
  expect(pack.out).toMatch(/^run \w{8} is in mine\.tar\.gz \(.*\)\nthere: reprise unpack mine\.tar\.gz\n$/);
  const file = join(there.project, "mine.tar.gz");
  renameSync(join(here.project, "mine.tar.gz"), file);
  return file;
}

describe("a run as one file", () => {
  test("is verified where nothing of it is: no project, no git, another home, data that lay elsewhere", () => {
    packed();
    const reprise = there.shell("command -v reprise").out.trim();
    const folder = join(there.base, "bin");
    mkdirSync(folder);
    symlinkSync(there.shell("command -v python3").out.trim(), join(folder, "python3"));
    symlinkSync(process.execPath, join(folder, "node"));
    symlinkSync("/bin/sh", join(folder, "sh"));
    for (const name of ["readlink", "dirname", "uname"]) symlinkSync(`/usr/bin/${name}`, join(folder, name));
    here.remove();
    const shell = (line: string) => there.shell(line, { PATH: `${dirname(reprise)}:${folder}` });
    expect(shell("command -v git").code).not.toBe(0);
    const unpack = shell("reprise unpack mine.tar.gz");
    expect(unpack).toMatchObject({ code: 0, err: "" });
    expect(unpack.out).toContain("signed   no");
    const asked = shell("reprise verify mine < /dev/null");
    expect(asked.code).toBe(2);
    expect(asked.err).toContain('["python3","train.py"]');
    expect(shell("reprise replay mine < /dev/null").code).toBe(2);
    expect(shell("reprise why mine < /dev/null").code).toBe(2);
    const verdict = shell("reprise verify mine --yes --replays 1 --json");
    expect(verdict.out).toContain('"verdict": "reproduced"');
    expect(verdict.code).toBe(0);
    // What was brought to its old place is gone again, with its folders.
    expect(existsSync(here.base)).toBe(false);
    // It was asked once.
    expect(shell("reprise replay mine -q").code).toBe(0);
  });

  test("says inconclusive, and names the file, where an input can be had nowhere", () => {
    packed("--store-inputs none");
    writeFileSync(join(far(), "far.txt"), "changed\n");
    renameSync(join(here.project, ".reprise"), join(here.base, "store"));
    const pack = here.shell("reprise pack mine --store ../store --output bare.tar --inputs all --json");
    expect(JSON.parse(pack.out)).toMatchObject({ left: [{ path: join(far(), "far.txt"), why: "changed since" }] });
    expect(there.shell(`reprise unpack -q ${join(here.project, "bare.tar")}`)).toMatchObject({ code: 0 });
    const verdict = there.shell("reprise verify mine --yes");
    expect(verdict.code).toBe(3);
    expect(verdict.out).toContain(`input ${join(far(), "far.txt")} is another file on this machine`);
  });

  test("is readable without Reprise: the README's lines lay code, inputs and output out", () => {
    const file = packed();
    execFileSync("tar", ["xzf", file, "-C", there.project]);
    const lines = /```python\n([\s\S]*?)```/.exec(readFileSync(join(there.project, "README.md"), "utf8"))?.[1] ?? "";
    there.put({ "lay.py": lines });
    expect(there.shell("python3 lay.py")).toMatchObject({ code: 0, err: "" });
    expect(readFileSync(join(there.project, "code/train.py"), "utf8")).toBe(`${TRAIN}# changed\n`);
    expect(readFileSync(join(there.project, "inputs/data/rows.csv"), "utf8")).toBe("1,2\n3,4\n");
    expect(readFileSync(join(there.project, "stdout.txt"), "utf8")).toMatch(/^loss=\d\.\d{6} words far\n$/);
    expect(readFileSync(join(there.project, "requirements.txt"), "utf8")).toMatch(/^# cpython 3\.\d+\.\d+/);
  });

  test("a program that asks git finds its commit, its branch and what was changed", () => {
    const ask = `import subprocess
for words in ["rev-parse HEAD", "status --short --branch", "log --format=%s", "diff --stat"]:
    print(subprocess.run(["git", *words.split()], capture_output=True, text=True, check=True).stdout)
`;
    here.put({ "ask.py": ask, "b.txt": "b\n" });
    here.shell("git init -q -b side . && git add -A && git commit -qm one && echo c >> b.txt && git commit -qam two");
    here.put({ "ask.py": `${ask}# changed\n`, ".gitignore": ".reprise\n*.tar\n" });
    here.shell("reprise run -q --name ask -- python3 ask.py && reprise pack ask -q --output ask.tar");
    renameSync(join(here.project, "ask.tar"), join(there.project, "ask.tar"));
    here.remove();
    expect(there.shell("reprise unpack -q ask.tar")).toMatchObject({ code: 0, err: "" });
    expect(there.shell("reprise verify ask --yes --replays 1").out).toContain("✓ reproduced");
    const said = there.shell("reprise replay ask -q").out;
    expect(said).toContain("## side\n");
    expect(said).toMatch(/^[0-9a-f]{40}\n/);
    expect(said).toContain("M ask.py");
    expect(said).toContain("2 files changed, 3 insertions(+), 1 deletion(-)");
  });

  test("--no-repository: the code goes along without its commits; who asks git finds none, which is said", () => {
    here.put({
      "ask.py": "import subprocess\nprint(subprocess.run(['git', 'rev-parse', 'HEAD'], capture_output=True).stdout)\n",
      "plain.py": "print('loss=1')\n",
      ".gitignore": ".reprise\n*.tar\n",
    });
    here.shell("git init -q . && git add -A && git commit -qm one");
    for (const name of ["ask", "plain"]) {
      here.shell(`reprise run -q --name ${name} -- python3 ${name}.py`);
      expect(here.shell(`reprise pack ${name} --no-repository --output ${name}.tar`).out).toContain("--no-repository");
      renameSync(join(here.project, `${name}.tar`), join(there.project, `${name}.tar`));
      there.shell(`reprise unpack -q ${name}.tar`);
    }
    here.remove();
    const plain = there.shell("reprise verify plain --yes --replays 1");
    expect(plain.out).toContain("✓ reproduced");
    const asked = there.shell("reprise verify ask --yes --replays 1");
    expect(asked.code).toBe(3);
    expect(asked.out.replace(/\s+/g, " ")).toContain("the git repository did not come along (it was left out");
  });

  test("--no-repository leaves the commits out of a run that came from elsewhere with them, too", () => {
    here.put({ "plain.py": "print('loss=1')\n", "old.txt": "an old word\n", ".gitignore": ".reprise\n*.tar\n" });
    here.shell("git init -q . && git add -A && git commit -qm one");
    here.shell("reprise run -q --name plain -- python3 plain.py && reprise pack plain -q --output plain.tar");
    renameSync(join(here.project, "plain.tar"), join(there.project, "plain.tar"));
    here.remove();
    const packed = (
      options: string,
    ): { code: { repository: unknown }; objects: { digest: string }[]; left: unknown[] } => {
      expect(there.shell(`reprise pack plain -q --force ${options} --output again.tar`)).toMatchObject({
        code: 0,
        err: "",
      });
      const { out } = there.shell("tar xOf again.tar --wildcards '*manifest.json'");
      return JSON.parse(out) as ReturnType<typeof packed>;
    };
    there.shell("reprise unpack -q plain.tar");
    const [all, without] = [packed(""), packed("--no-repository")];
    // An empty file of it may be a result, too.
    const commits = (all.code.repository as { path: string; digest: string }[]).filter(({ path }) =>
      /\.(?:pack|idx)$/.test(path),
    );
    expect(commits).toHaveLength(2);
    expect(without.code.repository).toEqual({ unknown: "it was left out (--no-repository)" });
    expect(without.left).toContainEqual({ path: ".git", why: "it was left out (--no-repository)" });
    const digests = new Set(without.objects.map(({ digest }) => digest));
    expect(commits.filter(({ digest }) => digests.has(digest))).toEqual([]);
    there.shell("mkdir ../third && mv again.tar ../third && cd ../third && reprise unpack -q again.tar");
    expect(there.shell("cd ../third && reprise verify plain --yes --replays 1").out).toContain("✓ reproduced");
  });

  test("where a program asks git and there is none, results that differ are inconclusive, not another verdict", () => {
    const tools = (base: string, names: readonly string[]): string => {
      const folder = join(base, "tools");
      if (existsSync(folder)) return `${dirname(here.shell("command -v reprise").out.trim())}:${folder}`;
      mkdirSync(folder);
      symlinkSync(here.shell("command -v python3").out.trim(), join(folder, "python3"));
      symlinkSync(process.execPath, join(folder, "node"));
      for (const name of ["sh", "readlink", "dirname", "uname", ...names])
        symlinkSync(here.shell(`command -v ${name}`).out.trim(), join(folder, name));
      return `${dirname(here.shell("command -v reprise").out.trim())}:${folder}`;
    };
    const ask = `import shutil, subprocess
print("loss=1", "commit", subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True).stdout if shutil.which("git") else None)
`;
    const draw = "import platform, random\nplatform.processor()\nprint(f'loss={random.random()}')\n";
    here.put({ "ask.py": ask, "draw.py": draw, ".gitignore": ".reprise\n*.tar\n" });
    here.shell("git init -q . && git add -A && git commit -qm one");
    const run = here.shell("reprise run -q --name ask -- python3 ask.py", { PATH: tools(here.base, ["git"]) });
    expect(run.out).toMatch(/commit b'[0-9a-f]{40}/);
    here.shell("reprise run -q --name draw -- python3 draw.py", { PATH: tools(here.base, ["git"]) });
    for (const name of ["ask", "draw"]) {
      here.shell(`reprise pack ${name} -q --output ${name}.tar`);
      renameSync(join(here.project, `${name}.tar`), join(there.project, `${name}.tar`));
    }
    const env = { PATH: tools(there.base, []) };
    here.remove();
    expect(there.shell("reprise unpack -q ask.tar", env)).toMatchObject({ code: 0, err: "" });
    const verdict = there.shell("reprise verify ask --yes --replays 1 --environment present", env);
    expect(verdict.out.replace(/\s+/g, " ")).toContain("git is not on this machine: a program that asks it finds none");
    expect(verdict.code).toBe(3);
    // One that was seen to start no git differs for another reason.
    expect(there.shell("reprise unpack -q draw.tar", env)).toMatchObject({ code: 0, err: "" });
    const drawn = there.shell("reprise verify draw --yes --replays 1 --environment present", env);
    expect(drawn.code).toBe(1);
    expect(drawn.out).toMatch(/differs on its own — the same only with recorded seeds/);
  });

  test("starts nothing, not even the Python that its record names, before somebody allowed it", async () => {
    here.put({ "train.py": "print('loss', 0.5)\n" });
    here.shell("python3 -m venv --without-pip env && reprise run -q --name theirs -- env/bin/python train.py");
    here.shell("reprise pack theirs -q --output theirs.tar");
    renameSync(join(here.project, "theirs.tar"), join(there.project, "theirs.tar"));
    expect(there.shell("reprise unpack -q theirs.tar")).toMatchObject({ code: 0, err: "" });
    const marker = join(there.base, "started");
    const python = join(here.project, "env/bin/python");
    rmSync(python);
    writeFileSync(python, `#!/bin/sh\ntouch '${marker}'\nexec python3 "$@"\n`, { mode: 0o755 });
    const store = openStore(join(there.project, ".reprise"), { create: false });
    try {
      const asked = { run: "theirs", store, env: { PATH: process.env["PATH"], HOME: there.base } };
      for (const ask of [verify, replay, why, resumeCheck])
        await expect(ask(asked)).rejects.toMatchObject({ code: "RUN_FOREIGN" });
    } finally {
      store.close();
    }
    expect(existsSync(marker)).toBe(false);
  });

  test("goes on from where it was unpacked, with all that came along", () => {
    packed();
    here.remove();
    there.shell("reprise unpack -q mine.tar.gz && reprise pack mine -q --output second.tar.zst");
    expect(there.shell("reprise unpack -q second.tar.zst --store again")).toMatchObject({ code: 0, err: "" });
    expect(there.shell("reprise verify mine -q --store again --yes --replays 1")).toMatchObject({ code: 0 });
  });

  test("holds no secret: neither of a file that the commit has nor of one that was read", () => {
    const token = `ghp_${"a1B2c3D4".repeat(5)}`.slice(0, 40);
    here.put({ "train.py": "print(len(open('key.txt').read()), open('data.txt').read()[:0])\n" });
    here.put({ "key.txt": `token = "${token}"\n`, "data.txt": `x ${token} y\n`, ".gitignore": "data.txt\n" });
    here.shell("git init -q . && git add -A && git commit -qm one && reprise run -q -- python3 train.py");
    const pack = here.shell("reprise pack --output p.tar.gz");
    expect(pack.out).toContain("data.txt: it holds a secret");
    expect(pack.out).toContain("key.txt: 1 secret(s) cut out of it");
    expect(pack.out).toContain(".git: the commit holds a secret, in key.txt");
    expect(gunzipSync(readFileSync(join(here.project, "p.tar.gz"))).includes(token)).toBe(false);
  });
});

describe("a signature", () => {
  const pem = (): { secret: string; open: string } => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    return {
      secret: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
      open: publicKey.export({ format: "pem", type: "spki" }).toString(),
    };
  };

  test("is checked with the key that is given, and without one it is said not to be", () => {
    const [mine, other] = [pem(), pem()];
    here.put({ "train.py": "print(1)\n", "mine.pem": mine.secret, "mine.pub": mine.open, "other.pub": other.open });
    here.shell("reprise run -q -- python3 train.py && reprise pack -q --output plain.tar.gz");
    expect(here.shell("reprise pack --sign mine.pem --output p.tar.gz").out).toMatch(/signed by [0-9A-F]{16}/);
    const unpack = (line: string) => here.shell(`reprise unpack ${line} --store other`);
    expect(unpack("p.tar.gz --verify-key other.pub")).toMatchObject({ code: 4 });
    expect(unpack("plain.tar.gz --verify-key mine.pub").err).toContain("it is not signed");
    expect(unpack("p.tar.gz --verify-key missing.pub")).toMatchObject({ code: 2 });
    const good = unpack("p.tar.gz --verify-key mine.pub");
    expect(good.out).toMatch(/signed {3}by [0-9A-F]{16}, checked/);
    expect(here.shell("reprise unpack p.tar.gz --store third").out).toContain("not checked: --verify-key KEY");
  });
});

describe("packs of every version", () => {
  test("version 1 loads, and its run is verified", () => {
    const file = join(import.meta.dirname, "../fixtures/pack/v1.tar.gz");
    expect(there.shell(`reprise unpack ${file}`)).toMatchObject({ code: 0, err: "" });
    const { out } = there.shell("reprise verify line --yes --replays 1 --json");
    const document = JSON.parse(out) as { verdict: string };
    // The interpreter of its machine may not be on this one.
    expect(existsSync("/usr/bin/python3") ? document.verdict : "reproduced").toBe("reproduced");
  });
});
