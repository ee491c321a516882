import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agentEnvironment, agentRoot, deriveHashSeed } from "#exec";

const BASE = { eventsDir: "/e", project: "/p", root: "abc", env: {} };

test("the agents are found from the sources and from a bundle", () => {
  const root = agentRoot();
  expect(existsSync(join(root, "node", "preload.cjs"))).toBe(true);
  expect(agentRoot(join(root, "..", "dist", "chunk", "x.js"))).toBe(root);
  expect(() => agentRoot("/nowhere/x.js")).toThrow("no agent/");
});

test("what the user set is kept, behind ours", () => {
  const env = { PYTHONPATH: "/mine", NODE_OPTIONS: "--max-old-space-size=100", PYTHONHASHSEED: "7" };
  const added = agentEnvironment({ ...BASE, env });
  expect(added.PYTHONPATH).toBe(`${agentRoot()}/python/src/site:/mine`);
  expect(added.NODE_OPTIONS).toMatch(/^--require .*preload\.cjs"? --max-old-space-size=100$/);
  expect(added.PYTHONHASHSEED).toBeUndefined();
});

test("an empty PYTHONPATH does not become the current folder", () => {
  expect(agentEnvironment({ ...BASE, env: { PYTHONPATH: "" } }).PYTHONPATH).toMatch(/\/site$/);
});

test("settings that are not given are not set", () => {
  const added = agentEnvironment({ ...BASE, root: null });
  expect(Object.keys(added).sort()).toEqual(["NODE_OPTIONS", "PYTHONPATH", "REPRISE_EVENTS", "REPRISE_PROJECT"]);
});

test("settings that are given are passed as text", () => {
  const given = {
    start: 12.5,
    keep: "/k",
    keepMax: 10,
    streams: "/s",
    listing: "salt",
    hold: "/h",
    remap: "/r",
    locate: 30,
    mallocPerturb: 165,
  };
  expect(agentEnvironment({ ...BASE, ...given, hashSeed: "5" })).toMatchObject({
    PYTHONHASHSEED: "5",
    REPRISE_ROOT: "abc",
    REPRISE_START: "12.500",
    REPRISE_KEEP_MAX: "10",
    REPRISE_LOCATE: "1",
    REPRISE_LOCATE_SECONDS: "30",
    MALLOC_PERTURB_: "165",
  });
});

test("the hash seed follows from the root, never 0", () => {
  expect(deriveHashSeed("abc")).toBe(deriveHashSeed("abc"));
  expect(deriveHashSeed("abc")).not.toBe(deriveHashSeed("abd"));
  for (let n = 0; n < 2000; n += 1) {
    const seed = Number(deriveHashSeed(String(n)));
    expect(seed).toBeGreaterThanOrEqual(1);
    expect(seed).toBeLessThanOrEqual(4294967295);
  }
});
