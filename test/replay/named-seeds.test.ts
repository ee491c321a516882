import { expect, test } from "vitest";
import { verify } from "#replay";
import { parseSeed } from "#run";
import { environment, folderProject, PYTHON } from "../run/project.ts";
import { guiltyOf, recordPair } from "./mix/recorded-pair.ts";

const PROGRAM = `import random, reprise
split = random.Random(reprise.seed("split")).random()
init = random.Random(reprise.seed("init")).random()
print("acc=%.9f" % split)
`;

async function verified(seed: string) {
  const project = folderProject({ "train.py": PROGRAM });
  try {
    const [store, env] = [project.store, environment()];
    const baseline = await project.run([PYTHON, "train.py"], { seed: parseSeed(seed) });
    const found = await verify({
      baseline,
      store,
      version: "test",
      env,
      vary: "default",
      hold: [],
      level: "numerical",
      budget: 60,
      replays: 2,
    });
    return { found, seeds: baseline.seed.named ?? [] };
  } finally {
    project.remove();
  }
}

test("verify varies a seed by its name and names the one that the result hangs on", async () => {
  const { found, seeds } = await verified("fresh");
  expect(seeds.map(({ name, declared }) => [name, declared])).toEqual([
    ["split", false],
    ["init", false],
  ]);
  expect(found.verdict).toBe("conditional");
  expect(found.holds.map(({ kind, line, words }) => [kind, line, words])).toEqual([
    ["unseeded-rng", 2, 'reprise.seed("split"): draws from the root seed, which is fresh'],
  ]);
});

test("a declared one is part of the recipe, while the others vary", async () => {
  const { found, seeds } = await verified("split=7");
  expect(seeds[0]).toMatchObject({ name: "split", value: 7, declared: true });
  expect(found.verdict).toBe("reproduced");
});

const files = { "train.py": PROGRAM };

test("two runs with other seeds by name: the one that matters is the cause", async () => {
  const fresh = await guiltyOf("fresh seeds", { files, seed: "fresh" }, { files, seed: "fresh" });
  expect(fresh.causes).toMatchObject([
    { kind: "unseeded-rng", name: 'reprise.seed("split")', file: "train.py", line: 2, certainty: "proved" },
  ]);
  const declared = await guiltyOf("declared", { files, seed: "5,split=1,init=1" }, { files, seed: "5,split=2,init=2" });
  expect(declared.causes).toMatchObject([{ kind: "seed", name: "--seed split", line: 2, certainty: "proved" }]);
});

test("those that follow a declared root in both runs go with it", async () => {
  const pair = await recordPair({ files, seed: "5" }, { files, seed: "6" });
  try {
    expect(pair.mixture.ingredients.map(({ kind, name }) => [kind, name])).toEqual([["seed", "--seed"]]);
  } finally {
    pair.close();
  }
});
