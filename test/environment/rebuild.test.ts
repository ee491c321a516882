import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rebuildEnvironment } from "#environment";
import type { PythonFacts } from "#record";
import { openStore, replay, resumeCheck, verify, why } from "../../src/index.ts";
import { type Sealed, seal } from "../cli/sealed.ts";
import { sampleRecord } from "../store/sample-record.ts";

const root = join(import.meta.dirname, "../..");
/** uv as it is installed by itself; without it pip does the work. */
const UV = join(root, ".venv-tools/bin/uv");
const TRAIN = `import joblib, tqdm
import random
print("hash", joblib.hash([1.5, "a"]), tqdm.__version__, sum(random.random() for _ in range(9)))
`;

/** A Python of another version than python3, if this machine has one. */
const OTHER = ((): string | null => {
  const ask = "import sys; print(*sys.version_info[:2], sep='.')";
  const own = spawnSync(join(root, ".venv-test/bin/python"), ["-c", ask], { encoding: "utf8" }).stdout?.trim();
  const versions = ["3.13", "3.12", "3.11", "3.10"].filter((version) => version !== own);
  const find = `import("${join(root, "scripts/setup/pythons.mjs")}").then((m) => console.log(JSON.stringify(m.findPythons(${JSON.stringify(versions)}))))`;
  const found = JSON.parse(spawnSync(process.execPath, ["-e", find], { encoding: "utf8" }).stdout) as {
    path: string | null;
  }[];
  return found.find(({ path }) => path !== null)?.path ?? null;
})();

let place: Sealed;
beforeEach(() => {
  place = seal({ "train.py": TRAIN });
});
afterEach(() => place.remove());

const withUv = (): string => {
  const bin = join(place.base, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "uv"), `#!/bin/sh\nexec ${UV} "$@"\n`, { mode: 0o755 });
  return `PATH="${bin}:$PATH"; export PATH;`;
};

function makeEnvironment(packages: string): void {
  const pip = "python3 -m pip --python env/bin/python install -q --disable-pip-version-check --no-deps";
  const made = place.shell(`python3 -m venv --without-pip env && ${pip} ${packages}`);
  expect(made.err.split("\n").filter((line) => /error/i.test(line))).toEqual([]);
}

/** A distribution that no index has, as an installer would have left it. */
function plant(name: string, version: string): void {
  const [library = ""] = readdirSync(join(place.project, "env/lib"));
  const site = join(place.project, "env/lib", library, "site-packages");
  const info = join(site, `${name}-${version}.dist-info`);
  mkdirSync(info);
  writeFileSync(join(info, "METADATA"), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`);
  writeFileSync(join(info, "INSTALLER"), "pip\n");
  writeFileSync(join(site, `${name}.py`), "x = 1\n");
}

/** As `pip install -e` leaves it. */
function plantEditable(name: string, folder: string): void {
  const [library = ""] = readdirSync(join(place.project, "env/lib"));
  const site = join(place.project, "env/lib", library, "site-packages");
  const info = join(site, `${name}-0.1.dist-info`);
  mkdirSync(join(folder, name), { recursive: true });
  mkdirSync(info);
  writeFileSync(join(folder, name, "__init__.py"), "value = 7\ndef told(): print('told', value)\n");
  writeFileSync(join(info, "METADATA"), `Metadata-Version: 2.1\nName: ${name.replace("_", "-")}\nVersion: 0.1\n`);
  writeFileSync(join(info, "INSTALLER"), "pip\n");
  const direct = { url: `file://${folder}`, dir_info: { editable: true } };
  writeFileSync(join(info, "direct_url.json"), JSON.stringify(direct));
  writeFileSync(join(site, `${name}.pth`), `${folder}\n`);
}

test("the environment of a launcher that becomes the program is not the run's", () => {
  makeEnvironment("tqdm==4.70.1");
  place.put({
    "launch.py": "import os\nos.execv('env/bin/python', ['env/bin/python', 'train.py'])\n",
    "train.py": "import tqdm\nprint(tqdm.__version__)\n",
  });
  place.shell("reprise run -q --name launched -- python3 launch.py");
  const { record } = JSON.parse(place.shell("reprise show --json launched").out) as {
    record?: { environment: { python: { executable: string; packages: { name: string; imported: boolean }[] } } };
  };
  expect(record?.environment.python.executable).toBe(join(place.project, "env/bin/python"));
  expect(record?.environment.python.packages.find(({ name }) => name === "tqdm")?.imported).toBe(true);
});

describe("E an environment that is gone", () => {
  test("is built again by uv, or by pip, and the run has the same bits in it", () => {
    makeEnvironment("joblib==1.5.2 tqdm==4.70.1");
    place.shell("reprise run -q --name a -- env/bin/python train.py");
    renameSync(join(place.project, "env"), join(place.base, "env-gone"));
    const uv = withUv();
    const [first, again] = [1, 2].map(() => place.shell(`${uv} reprise replay a`));
    expect(first?.err).toContain("env/bin/python is gone; rebuilt with uv in ");
    expect(first?.err).toContain("packages equal)");
    expect(first?.err).toContain("every result is the same");
    expect(first?.out).toMatch(/^hash \w+ 4\.70\.1 /);
    expect(again?.err).toContain("rebuilt before in ");
    rmSync(join(place.base, "home/.cache"), { recursive: true });
    const pip = place.shell("reprise verify --replays 1 a");
    expect(pip.err).toContain("rebuilt with pip in ");
    expect(pip.out).toMatch(/✗ differs on its own|✓ reproduced/);
    expect(pip.out).toContain("environment: ");
    expect(existsSync(join(place.project, "env"))).toBe(false);
  });

  test("is built again for resume-check and for programs too", async () => {
    makeEnvironment("joblib==1.5.2");
    place.put({
      "train.py": `import joblib, os
weights, start = joblib.load("last.joblib") if os.path.exists("last.joblib") else (1.0, 0)
for step in range(start, 6):
    weights = weights * 0.5 + step
    joblib.dump((weights, step + 1), "last.joblib")
    print("step", step, "loss", weights)
`,
    });
    place.shell("reprise run -q --name a -- env/bin/python train.py");
    renameSync(join(place.project, "env"), join(place.base, "env-gone"));
    rmSync(join(place.project, "last.joblib"));
    const insisted = place.shell("reprise resume-check a --environment recorded");
    expect([insisted.code, insisted.err.includes("env/bin/python is gone")]).toEqual([6, true]);
    expect(place.shell("reprise resume-check --environment present -- python3 train.py").code).toBe(2);
    const uv = withUv();
    const resumed = place.shell(`${uv} reprise resume-check a`);
    expect(resumed.err).toContain("env/bin/python is gone; rebuilt with uv in ");
    expect([resumed.code, resumed.out]).toEqual([0, expect.stringMatching(/^✓ exact/)]);
    const store = openStore(join(place.project, ".reprise"), { create: false });
    try {
      const env = { PATH: process.env["PATH"], LANG: "C.UTF-8" };
      const asked = { run: "a", store, env, replays: 1 };
      await expect(verify(asked)).rejects.toMatchObject({
        code: "ENVIRONMENT_UNAVAILABLE",
        message: expect.stringContaining("HOME") as string,
      });
      const environments = join(place.base, "home/.cache/reprise/environments");
      const verdict = await verify({ ...asked, environments });
      expect([verdict.verdict, verdict.warnings[0]]).toEqual([
        "reproduced",
        expect.stringContaining("rebuilt before in "),
      ]);
      const again = await replay({ run: "a", store, env: { ...env, HOME: join(place.base, "home") } });
      expect([again.obstacle, again.warnings[0]]).toEqual([null, expect.stringContaining("rebuilt before in ")]);
      const document = await resumeCheck({ ...asked, environments });
      expect([document.verdict, document.warnings[0]]).toEqual([
        "exact",
        expect.stringContaining("env/bin/python is gone; rebuilt before in "),
      ]);
      await expect(why({ ...asked, environment: "recorded" })).rejects.toMatchObject({ code: "ENVIRONMENT_CHANGED" });
    } finally {
      store.close();
    }
  });

  test("is not used where it was not asked for, nor one guessed where it cannot be had", () => {
    makeEnvironment("joblib==1.5.2 tqdm==4.70.1");
    plant("reprise_nowhere_x", "7.7");
    plant("reprise_nowhere_y", "7.8");
    place.put({ "train.py": `import reprise_nowhere_x\n${TRAIN}` });
    place.shell("reprise run -q --name a --seed 1 -- env/bin/python train.py");
    const same = place.shell("reprise replay a");
    expect(same.err).not.toContain("environment:");
    renameSync(join(place.project, "env"), join(place.base, "env-gone"));
    const refused = place.shell("reprise replay --environment recorded a");
    expect([refused.code, refused.out]).toEqual([6, ""]);
    expect(refused.err).toContain("env/bin/python is gone");
    const cannot = place.shell(`${withUv()} reprise verify --json -q a`);
    expect(cannot.code).toBe(6);
    const { error } = JSON.parse(cannot.out) as { error: { code: string; message: string } };
    expect(error.code).toBe("ENVIRONMENT_UNAVAILABLE");
    expect(error.message).toContain("reprise_nowhere_x: ");
    // Not imported: it stops nothing, and nothing was built.
    expect(error.message).not.toContain("reprise_nowhere_y");
    expect(existsSync(join(place.base, "home/.cache/reprise"))).toBe(false);
  });

  test("env check says what differs and whether the run used it; env build prints where the recorded one is again", () => {
    makeEnvironment("joblib==1.5.2 tqdm==4.70.1");
    plant("reprise_nowhere_y", "7.8");
    place.shell("reprise run -q --name a --seed 1 -- env/bin/python train.py");
    const same = place.shell("reprise env check a");
    expect(same.out).toMatch(/^✓ same — .*env\/bin\/python and this machine are as in run \w{8}: \d+ packages/);
    expect(same.code).toBe(0);
    const uv = withUv();
    makeEnvironment("tqdm==4.67.1 six==1.17.0");
    const differs = place.shell("reprise env check a");
    expect(differs.code).toBe(1);
    const [used, rest] = differs.out.split("not imported by the run");
    expect(used).toContain("~ tqdm  4.70.1 → 4.67.1");
    expect(rest).toContain("+ six  1.17.0, not there then");
    const built = place.shell(`${uv} reprise env build a`);
    expect([built.code, built.err.includes("building the environment")]).toEqual([0, true]);
    const python = join(built.out.trim(), "bin/python");
    const rebuilt = place.shell(`reprise env check a --json --python ${python}`);
    const document = JSON.parse(rebuilt.out) as { environment: { packages: { name: string; state: string }[] } };
    const other = document.environment.packages.filter(({ state }) => state !== "equal");
    expect(other).toMatchObject([{ name: "reprise_nowhere_y", state: "missing", used: false }]);
    // What the run used has changed: a replay takes the one that was built.
    expect(place.shell(`${uv} reprise replay a`).err).toContain(
      "tqdm is 4.67.1 now and was 4.70.1; rebuilt before in ",
    );
  });

  test("sources used in place are linked where they still are what they were; a lock of the run says what a file must be", () => {
    const mine = join(place.base, "mine");
    makeEnvironment("joblib==1.5.2 tqdm==4.70.1");
    plantEditable("mine_x", mine);
    writeFileSync(
      join(mine, "pyproject.toml"),
      '[project]\nname = "mine-x"\nversion = "0.1"\n[project.scripts]\nmine-x = "mine_x:told"\n[project.entry-points."some.plugins"]\nx = "mine_x"\n',
    );
    const wrong = `joblib==1.5.2 --hash=sha256:${"0".repeat(64)}\n`;
    place.put({ "train.py": `import mine_x\n${TRAIN}print(mine_x.value)\n`, "requirements.txt": wrong });
    place.shell("reprise run -q --name wrong --seed 1 -- env/bin/python train.py");
    place.put({ "requirements.txt": "joblib\n" });
    const run = place.shell("reprise run -q --name right --seed 1 -- env/bin/python train.py");
    expect(run.out).toContain("\n7\n");
    renameSync(join(place.project, "env"), join(place.base, "env-gone"));
    const uv = withUv();
    const mismatch = place.shell(`${uv} reprise replay wrong`);
    expect([mismatch.code, mismatch.out]).toEqual([6, ""]);
    expect(mismatch.err).toMatch(/hash/i);
    const again = place.shell(`${uv} reprise replay right`);
    expect([again.code, again.out]).toEqual([0, run.out]);
    expect(again.err).toContain("every result is the same");
    // Its programs and what plugins are found by are there too.
    const cache = join(place.base, "home/.cache/reprise/environments");
    const [built = ""] = readdirSync(cache).filter((name) => existsSync(join(cache, name, "bin/mine-x")));
    expect(place.shell(`${join(cache, built, "bin/mine-x")}`).out).toBe("told 7\n");
    const plugins = "import importlib.metadata as m; print([p.value for p in m.entry_points(group='some.plugins')])";
    expect(place.shell(`${join(cache, built, "bin/python")} -c "${plugins}"`).out).toBe("['mine_x']\n");
    rmSync(join(place.base, "home/.cache/reprise"), { recursive: true });
    writeFileSync(join(mine, "mine_x/__init__.py"), "value = 8\n");
    const changed = place.shell(`${uv} reprise replay right`);
    expect(changed.code).toBe(6);
    expect(changed.err).toContain("mine-x: it was used in place from ");
    expect(changed.err).toContain("and its sources have changed since");
  });

  test.skipIf(OTHER === null)("a verdict names the Python that the replays had, not the recorded one", () => {
    place.put({ "train.py": "print('loss', 0.25)\n", [`other/bin/python3`]: `#!/bin/sh\nexec ${OTHER ?? ""} "$@"\n` });
    place.shell("chmod +x other/bin/python3; reprise run -q --name a --seed 1 -- python3 train.py");
    const { out } = place.shell('PATH="$PWD/other/bin:$PATH" reprise verify a --replays 1 --environment present');
    const own = place.shell("python3 -c 'import platform; print(platform.python_version())'").out.trim();
    const other = place.shell(`${OTHER ?? ""} -c 'import platform; print(platform.python_version())'`).out.trim();
    expect(out).toContain(`Python ${other}, `);
    expect(out).toContain(`python is ${other} now and was ${own}`);
  });

  test("an interpreter of the same minor version is taken and said; where there is none, what there is is named", async () => {
    const [major, minor] = place.shell("python3 -c 'import sys; print(*sys.version_info[:2])'").out.trim().split(" ");
    const built = await rebuildFor(`${major}.${minor}.99`);
    expect(built.report.python).toMatchObject({ recorded: `cpython ${major}.${minor}.99`, state: "other" });
    expect(built.report.usedSame).toBe(false);
    // One that lost its interpreter is built anew, not handed out.
    rmSync(built.python);
    const again = await rebuildFor(`${major}.${minor}.99`);
    expect([again.fresh, existsSync(again.python)]).toEqual([true, true]);
    await expect(rebuildFor("2.1.7")).rejects.toMatchObject({
      code: "ENVIRONMENT_UNAVAILABLE",
      message: expect.stringMatching(/no interpreter cpython 2\.1\.7; there is .*cpython 3\./) as string,
    });
  });
});

/** An environment without packages for an interpreter of this version. */
function rebuildFor(version: string): ReturnType<typeof rebuildEnvironment> {
  const python: PythonFacts = {
    version,
    implementation: "cpython",
    executable: "/nowhere/bin/python",
    prefix: "/nowhere",
    manager: "venv",
    packages: [],
    frameworks: {},
  };
  const environment = { python, libraries: [], lockFiles: [] };
  return rebuildEnvironment({
    run: sampleRecord("01a20035-ce2d-7d3b-b82e-5f98fa1844d6", { environment }),
    cache: { root: join(place.base, "cache") },
    env: { PATH: `${join(root, ".venv-tools/bin")}:/usr/local/bin:/usr/bin:/bin`, HOME: join(place.base, "home") },
    digest: () => new Map(),
    readObject: () => null,
  });
}
