import { expect, test } from "vitest";
import { verify } from "#replay";
import { HashSeeds } from "../../../src/replay/vary/hash-seeds.ts";
import { environment, gitProject, PYTHON } from "../../run/project.ts";

const PAIR = `params = {"metric": {"l2", "l1"}, "leaves": 31}
for name in params["metric"]:
    print(name, end=" ")
print()
`;

test("a set of two comes in another order in the very first replay, whatever seed the run had", async () => {
  const project = gitProject({ "train.py": PAIR });
  for (let round = 0; round < 4; round += 1) {
    const baseline = await project.run([PYTHON, "train.py"]);
    const found = await verify({
      baseline,
      store: project.store,
      version: "test",
      env: environment(),
      level: "numerical",
      vary: "default",
      hold: [],
      replays: 1,
      budget: 40,
    });
    expect(found.verdict).toBe("conditional");
    expect(found.holds).toMatchObject([{ kind: "hash-order" }]);
  }
  project.remove();
}, 120_000);

test("three sets, and texts that meet in one only while the program runs, come in another order within four replays", async () => {
  const project = gitProject({
    "train.py": `${PAIR}names = set(["train", "valid"])\nkinds = frozenset(("a", "b", "c"))\nlate = [x for x in ("mse", "auc")]\n`,
  });
  const baseline = await project.run([PYTHON, "train.py"]);
  const seeds = new HashSeeds(baseline);
  const drawn = [await seeds.draw(), await seeds.draw(), await seeds.draw(), await seeds.draw()];
  expect(new Set(drawn).size).toBe(4);
  const orders = async (seed: string): Promise<string[]> => {
    const ask = `print([list(s) for s in ({"l2", "l1"}, {"train", "valid"}, {"a", "b", "c"}, {"mse", "auc"})])`;
    const run = await project.run([PYTHON, "-c", ask], { env: { ...environment(), PYTHONHASHSEED: seed } });
    return project.text(run.stdout).split("], ");
  };
  const base = await orders(baseline.seed.hashSeed ?? "");
  const others = await Promise.all(drawn.map(orders));
  for (const [index, order] of base.entries()) expect(others.some((other) => other[index] !== order)).toBe(true);
  // Sets that are written out come first: of 32 seeds all three turn under one or another but for 7 cases of 10,000.
  const turned = others[0]?.slice(0, 3).filter((order, index) => order !== base[index]) ?? [];
  expect(turned.length).toBeGreaterThanOrEqual(2);
  project.remove();
}, 60_000);

test("a run without Python, or whose sources are gone, draws seeds at random", async () => {
  const project = gitProject({ "train.js": "console.log(1);\n" });
  const baseline = await project.run([process.execPath, "train.js"]);
  const seeds = new HashSeeds(baseline);
  expect(new Set([await seeds.draw(), await seeds.draw()]).size).toBe(2);
  project.remove();
});
