import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sealed, seal } from "./sealed.ts";

const TRAIN = `import random
from scale import SCALE
print(f"loss={SCALE * (1 + 0.01 * random.uniform(-1, 1)):.6f}")
open("model.txt", "w").write(f"scale {SCALE}")
`;

let place: Sealed;
const file = (): string => readFileSync(join(place.project, "reprise-audit/default.toml"), "utf8");
const git = (message: string): void => {
  place.shell(`git add -A && git commit -q -m '${message}'`);
};

beforeAll(() => {
  place = seal({
    "train.py": TRAIN,
    "scale.py": "SCALE = 1.0\n",
    "data.csv": "1\n",
    ".gitignore": ".reprise/\n__pycache__/\nmodel.txt\n",
  });
  place.shell("git init -q -b main");
  git("first");
  expect(place.shell("reprise audit init -q --replays 30 -- python3 train.py")).toMatchObject({ code: 0, err: "" });
  git("golden");
}, 120_000);
afterAll(() => place.remove());

test("what is typed wrong is told with what to type, and nothing is trained", () => {
  const wrong = (line: string): { readonly code: number | null; readonly err: string } =>
    place.shell(`reprise ${line}`);
  expect(wrong("audit init")).toMatchObject({ code: 2, err: expect.stringContaining("-- python train.py") as string });
  expect(wrong("audit init a b -- true").err).toContain("one name");
  expect(wrong("audit init -- python3 train.py").err).toMatch(/there is a golden default already/);
  expect(wrong("audit init x --replays 2 -- true")).toMatchObject({ code: 2 });
  expect(wrong("audit init x --replays 3 -- python3 train.py").err).toMatch(/3 trainings are too few .* are needed/);
  expect(wrong("audit init x --metric auc -- python3 train.py").err).toMatch(/no metric auc: it reports loss/);
  expect(wrong("audit init x -- python3 -c 'raise SystemExit(3)'").err).toMatch(/exit code 3/);
  expect(wrong("audit run nightly")).toMatchObject({
    code: 6,
    err: expect.stringContaining("there is default") as string,
  });
  expect(wrong("audit accept")).toMatchObject({ code: 2, err: expect.stringContaining("needs a reason") as string });
  expect(wrong("audit report --format pdf")).toMatchObject({ code: 2 });
  expect(wrong("audit report --format junit --output no/such/a.xml").code).toBe(6);
  expect(wrong("audit frob")).toMatchObject({ code: 2 });
  expect(place.shell("ls reprise-audit").out).toBe("default.toml\n");
}, 60_000);

test("unchanged code is within, also in a folder that has no store, and the answer is one document", () => {
  const { code, out } = place.shell("reprise audit run -q --json --store ../other");
  const audit = JSON.parse(out) as { readonly format: string; readonly verdict: string; readonly changes: unknown };
  expect({ code, ...audit }).toMatchObject({ code: 0, format: "reprise/audit@1", verdict: "within", changes: [] });
});

test("data that changed is named, and the golden's data is proved to make the difference", () => {
  place.put({ "train.py": TRAIN.replace("from scale import SCALE", 'SCALE = float(open("data.csv").read())') });
  git("scale from data");
  expect(place.shell("reprise audit accept -q --replays 30 --reason 'scale from data'").code).toBe(0);
  git("golden");
  place.put({ "data.csv": "2\n" });
  const { code, out } = place.shell("reprise audit run -q");
  expect(code).toBe(1);
  expect(out).toMatch(/changed +data: data\.csv: [0-9a-f]{12}… → [0-9a-f]{12}…/);
  expect(out).toMatch(/cause +data\.csv.*\(proved/);
  place.put({ "data.csv": "1\n" });
}, 120_000);

test("an accepted change is a new golden with its reason, and the old one stays as it was", () => {
  const before = file();
  place.shell("sed -i s/0.01/0.02/ train.py");
  git("noisier");
  const { code, out } = place.shell("reprise audit accept -q --replays 30 --reason 'noisier on purpose'");
  expect(code).toBe(0);
  expect(out).toContain("measured over 30 trainings");
  expect(file().startsWith(before)).toBe(true);
  expect(file()).toMatch(/reason = "noisier on purpose"/);
  expect(file()).toMatch(/^"loss" = .* {2}# was 0\.\d+ to 1\.\d+$/m);
  git("accepted");
  expect(place.shell("reprise audit run -q").code).toBe(0);
  const report = place.shell("reprise audit report").out;
  expect(report).toContain("noisier on purpose");
  expect(report).toMatch(/audit +\S+Z {2}within/);
}, 60_000);

test("a tolerance that somebody widened is refused until its line says why, and then stays in force", () => {
  const path = join(place.project, "reprise-audit/default.toml");
  const original = file();
  const at = original.lastIndexOf('"loss" = {');
  const widened = original.slice(0, at) + original.slice(at).replace(/high = [\d.]+/, "high = 99");
  writeFileSync(path, widened);
  expect(place.shell("reprise audit run -q")).toMatchObject({
    code: 5,
    err: expect.stringContaining("by_hand") as string,
  });
  const said = widened.slice(0, at) + widened.slice(at).replace(" }", ', by_hand = "because a test says so" }');
  writeFileSync(path, said);
  const { code, out } = place.shell("reprise audit run -q --json");
  expect(code).toBe(0);
  expect(out).toContain("because a test says so");
  writeFileSync(path, original);
});

test("a training that fails is outside at once, with what it said last", () => {
  place.put({ "train.py": "import nowhere\n" });
  const { code, out } = place.shell("reprise audit run -q --no-why");
  expect(code).toBe(1);
  expect(out.replace(/\s+/g, " ")).toContain("it said: ModuleNotFoundError: No module named 'nowhere'");
  expect(out).toMatch(/outside +exit code +1 — 0 in all/);
  expect(out).toMatch(/trained +1 time /);
});

test("where it cannot be trained again one training outside decides nothing", () => {
  place.put({ "train.py": "import os\nprint('loss=5')\nraise SystemExit(0 if 'home' in os.listdir('..') else 7)\n" });
  const { code, out } = place.shell("reprise audit run -q --no-why");
  expect(code).toBe(3);
  expect(out.replace(/\s+/g, " ")).toMatch(
    /inconclusive .* in one training; done again in a fresh folder it ended with exit code 7/,
  );
});

test("of a run with a declared seed everything is held as it is, and three trainings suffice", () => {
  place.put({ "seeded.py": "import random\nprint(f'loss={random.random()}')\n" });
  git("seeded");
  place.shell("reprise run -q --seed 42 --name base -- python3 seeded.py");
  const made = place.shell("reprise audit init seeded -q --run base --replays 3");
  expect(made.code).toBe(0);
  expect(made.out).toMatch(/warning +nothing varied in 3 trainings/);
  expect(readFileSync(join(place.project, "reprise-audit/seeded.toml"), "utf8")).toMatch(/^seed = "42"$/m);
  expect(place.shell("reprise audit run seeded -q").out).toMatch(/^✓ within — seeded/);
  place.put({ "seeded.py": "import random\nprint(f'loss={random.random() + 1e-15}')\n" });
  expect(place.shell("reprise audit run seeded -q")).toMatchObject({
    code: 1,
    out: expect.stringContaining("metric loss") as string,
  });
  place.shell("rm reprise-audit/seeded.toml");
}, 60_000);

test("Ctrl-C ends the training and writes no golden", async () => {
  place.put({ "slow.py": "import time\nprint('up', flush=True)\ntime.sleep(30)\n" });
  const { pid, ended } = place.start("reprise audit init slow -- python3 slow.py");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  process.kill(pid, "SIGINT");
  expect(await ended).toMatchObject({ code: 130, err: expect.stringContaining("no golden was written") as string });
  expect(place.shell("ls reprise-audit").out).toBe("default.toml\n");
}, 30_000);

test("what runs as before but prints nothing more is outside", () => {
  place.put({ "train.py": "print('done')\n" });
  const { code, out } = place.shell("reprise audit run -q --no-why");
  expect(code).toBe(1);
  expect(out).toMatch(/outside +loss +nothing, nothing — allowed/);
  expect(out.replace(/\s+/g, " ")).toContain("the training does not report it");
});
