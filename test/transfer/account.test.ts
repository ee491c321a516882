import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sealed, seal } from "../cli/sealed.ts";

const checkout = join(import.meta.dirname, "../..");
const SYSTEM_PYTHON = "/usr/bin/python3";
const NOBODY = 65_534;

const lacks =
  userInfo().uid !== 0
    ? "only root can act as another user"
    : existsSync(SYSTEM_PYTHON)
      ? null
      : `there is no ${SYSTEM_PYTHON}`;

const TRAIN = `import getpass, pathlib, random
words = (pathlib.Path.home() / "words.txt").read_text().split()
rows = open("SHARED/rows.csv").read().split()
random.seed(len(words) + len(rows))
print(f"loss={random.random():.6f} by {getpass.getuser()}")
pathlib.Path("model.txt").write_text(repr(random.random()))
`;

/** The program where everybody may read it, as an installation is. */
function installed(into: string): string {
  for (const name of ["bin", "dist", "agent", "schema", "package.json"])
    cpSync(join(checkout, name), join(into, name), { recursive: true, dereference: true });
  mkdirSync(join(into, "path"));
  cpSync(process.execPath, join(into, "path/node"));
  return into;
}

describe.skipIf(lacks !== null)(`another account${lacks === null ? "" : `: skipped, ${lacks}`}`, () => {
  let here: Sealed;
  let base: string;
  beforeAll(() => {
    here = seal({});
    base = mkdtempSync(join(tmpdir(), "account-"));
    chmodSync(base, 0o755);
    installed(base);
  });
  afterAll(() => {
    here.remove();
    rmSync(base, { recursive: true, force: true });
  });

  test("with an empty home, no git, and nothing of the first account's to be read: reproduced", () => {
    const shared = join(here.base, "shared");
    mkdirSync(shared);
    writeFileSync(join(shared, "rows.csv"), "1\n2\n3\n");
    writeFileSync(join(here.base, "home/words.txt"), "a b c\n");
    here.put({ "train.py": TRAIN.replace("SHARED", shared), ".gitignore": "model.txt\n.reprise\n*.gz\n" });
    here.shell("git init -q . && git add -A && git commit -qm one");
    const named = { USER: "home", LOGNAME: "home" };
    expect(here.shell(`reprise run -q --name mine -- ${SYSTEM_PYTHON} train.py`, named)).toMatchObject({ code: 0 });
    expect(here.shell("reprise pack mine -q --output mine.tar.gz")).toMatchObject({ code: 0, err: "" });
    const home = join(base, "home");
    mkdirSync(home);
    renameSync(join(here.project, "mine.tar.gz"), join(home, "mine.tar.gz"));
    // What was shared is gone; the rest is there, and closed.
    rmSync(shared, { recursive: true });
    chmodSync(here.base, 0o700);
    spawnSync("chown", ["-R", String(NOBODY), home]);
    // A place that anybody may write to, as /data may be on the other machine; else it could not be brought there.
    const there = (line: string) =>
      spawnSync("/bin/sh", ["-c", line], {
        cwd: home,
        env: { PATH: `${join(base, "bin")}:${join(base, "path")}`, HOME: home, TMPDIR: "/tmp", LANG: "C.UTF-8" },
        uid: NOBODY,
        gid: NOBODY,
        encoding: "utf8",
      });
    expect(there("command -v git").status).not.toBe(0);
    const unpacked = there("reprise unpack mine.tar.gz");
    expect(unpacked.stderr).toBe("");
    expect(unpacked.status).toBe(0);
    const closed = there("reprise verify mine --yes --replays 1");
    expect(closed.stdout).toContain("? inconclusive");
    expect(closed.stdout.replace(/\s+/g, " ")).toContain(
      `input ${shared}/rows.csv is not on this machine`.slice(0, 60),
    );
    expect(closed.status).toBe(3);
    chmodSync(here.base, 0o777);
    const open = there("reprise verify mine --replays 1 --json");
    expect(JSON.parse(open.stdout)).toMatchObject({ verdict: "reproduced", level: "numerical" });
    expect(existsSync(dirname(join(shared, "rows.csv")))).toBe(false);
  });
});
