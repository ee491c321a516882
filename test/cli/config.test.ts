import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../../src/cli/config.ts";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "config-")));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const load = (text: string): ReturnType<typeof loadConfig> => {
  writeFileSync(join(root, "reprise.toml"), text);
  return loadConfig(root, root);
};

describe("U reprise.toml", () => {
  test("claims have names of their own, and are told with their lines", async () => {
    expect((await load('[claims]\ngood = "acc > 0.9"\n')).claims).toEqual([
      { text: "acc > 0.9", from: "reprise.toml:2" },
    ]);
    await expect(load("[claims]\ngood = 0.9\n")).rejects.toThrow("reprise.toml:2: good in [claims] is 0.9");
  });

  test("none is as good as an empty one", async () => {
    expect(await loadConfig(root, root)).toEqual({
      file: null,
      store: {},
      verify: {},
      run: {},
      reference: {},
      claims: [],
    });
  });

  test("every setting is read", async () => {
    const text = `store.path = "runs"
[verify]
hold = ["listing-order", "wall-clock"]
vary = "none"
budget = 5
[run]
seed = 42
deterministic = "strict"
require_clean = true
`;
    expect(await load(text)).toMatchObject({
      store: { path: "runs" },
      verify: { hold: ["listing-order", "wall-clock"], vary: "none", budget: 5 },
      run: { seed: "42", requireClean: true, deterministic: "strict" },
    });
  });

  test("the nearest one on the way up to the project's root counts", async () => {
    mkdirSync(join(root, "a/b"), { recursive: true });
    writeFileSync(join(root, "reprise.toml"), "[run]\nseed = 1\n");
    writeFileSync(join(root, "a/reprise.toml"), "[run]\nseed = 2\n");
    expect((await loadConfig(join(root, "a/b"), root)).run.seed).toBe("2");
    expect((await loadConfig(root, root)).run.seed).toBe("1");
  });

  const bad: readonly (readonly [what: string, text: string, message: string, hint: string])[] = [
    ["not TOML", "[run]\nseed = \n", "reprise.toml:2: not TOML", "docs/cli.md"],
    ["a section that is none", "\n[verfy]\n", "reprise.toml:2: there is no section 'verfy'", "did you mean verify?"],
    [
      "a key that is none",
      "[verify]\nbudget = 1\nhodl = []\n",
      "reprise.toml:3: there is no setting in [verify] 'hodl'",
      "did you mean hold?",
    ],
    [
      "a key at the top",
      "seed = 42\n",
      "reprise.toml:1: there is no section 'seed'",
      "store, verify, reference, run, claims",
    ],
    [
      "a value of another type",
      '[verify]\nbudget = "many"\n',
      'reprise.toml:2: budget in [verify] is "many"',
      "budget = 20",
    ],
    ["a kind that is none", '[verify]\nhold = ["listing"]\n', "reprise.toml:2: hold in [verify]", "listing-order"],
    ["a seed that is none", "[run]\nseed = -1\n", "reprise.toml:2: seed in [run] is -1", "seed = 42"],
    [
      "a policy that is none",
      "[run]\ndeterministic = true\n",
      "reprise.toml:2: deterministic in [run] is true",
      '"warn"',
    ],
    ["a section that is a value", "run = 1\n", "reprise.toml:1: 'run' is a section", "[run]"],
    ["names from the prototype", "[__proto__]\nx = 1\n", "reprise.toml:1: there is no section '__proto__'", "store"],
  ];
  test.each(bad)("%s: file, line, key and what to type", async (_, text, message, hint) => {
    const thrown: unknown = await load(text).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: "CONFIG_INVALID", kind: "config" });
    expect((thrown as Error).message).toContain(message);
    expect((thrown as { hint: string }).hint).toContain(hint);
  });
});
