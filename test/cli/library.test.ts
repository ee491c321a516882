import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { compare, diff, openStore, RepriseError, replay, run, type Store, verify, why } from "../../src/index.ts";
import { type Sealed, seal } from "./sealed.ts";

let place: Sealed;
let store: Store;
beforeEach(() => {
  place = seal({ "train.py": 'import random\nprint(f"loss={random.random():.6f}")\n' });
  store = openStore(join(place.base, "store"), { create: true });
});
afterEach(() => {
  store.close();
  place.remove();
});

/** How often this very process wrote to its own streams while something was done. */
async function printed(work: () => Promise<unknown>): Promise<number> {
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockReturnValue(true));
  try {
    await work();
    return spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test("E run, verify, replay and diff do what the command line does, without printing", async () => {
  const [cwd, env] = [place.project, { ...process.env, UNSET: undefined }];
  const command = ["python3", "train.py"];
  let seen = "";
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      seen += chunk.toString();
      done();
    },
  });
  const started: string[] = [];
  const words: string[] = [];
  const count = await printed(async () => {
    const free = await run({ command, cwd, env, store, stdout, name: "free", onStart: (id) => started.push(id) });
    expect(free).toMatchObject({ status: "completed", exitCode: 0, name: "free", seed: { mode: "fresh" } });
    expect(started).toEqual([free.id]);
    // Standard input of the tests is a pipe, and the child has ours: without the hold nobody could tell.
    const judged = await verify({
      run: "free",
      env,
      store,
      hold: ["unseeded-rng"],
      onProgress: (text) => words.push(text),
    });
    expect(judged).toMatchObject({ verdict: "reproduced", holds: [] });
    expect(judged.varied).not.toContain("unseeded-rng");
    expect(store.runs.facts(free.id, "verdict")).toHaveLength(1);

    const fixed = await run({ command, cwd, env, store, seed: 42, tags: { a: "b" } });
    expect(fixed).toMatchObject({ seed: { mode: "declared", root: "42" }, tags: { a: "b" } });
    expect((await verify({ run: fixed.id, env, store, replays: 1 })).verdict).toBe("reproduced");
    const again = await replay({ run: fixed.id, env, store });
    expect(again.obstacle).toBeNull();
    expect((await diff(fixed.id, again.run?.id ?? "", { store, env })).same).toBe(true);
    expect((await diff(free.id, fixed.id, { store, env })).same).toBe(false);
    const cause = { kind: "unseeded-rng", certainty: "proved" };
    expect(await why({ run: free.id, env, store })).toMatchObject({ b: null, causes: [cause], complete: true });
    expect(await why({ run: free.id, other: free.id, env, store })).toMatchObject({
      b: free.id,
      causes: [],
      replays: 0,
    });
    const other = await run({ command: [...command, "other"], cwd, env, store });
    const compared = await compare({ a: free.id, b: other.id, env, store, seeds: 3, repeats: 1, base: "7" });
    expect(compared).toMatchObject({ made: 6, metrics: [{ name: "loss", goal: "min", verdict: "not-shown" }] });
    expect(store.runs.facts(free.id, "compare")).toHaveLength(1);
  });
  expect(count).toBe(0);
  expect(seen).toMatch(/^loss=0\.\d+\n$/);
  expect(words.length).toBeGreaterThan(0);
});

test("E what cannot be done is a RepriseError with a code, a kind and a hint", async () => {
  const [cwd, env] = [place.project, process.env];
  await expect(run({ command: ["true"], cwd, env, store, requireClean: true })).rejects.toMatchObject({
    code: "CODE_DIRTY",
    kind: "usage",
  });
  await expect(verify({ run: "nobody", env, store })).rejects.toBeInstanceOf(RepriseError);
  expect(() => openStore(join(place.base, "nothing"), { create: false })).toThrow(RepriseError);
  const failed = await run({ command: ["sh", "-c", "exit 3"], cwd, env, store });
  expect(failed).toMatchObject({ status: "failed", exitCode: 3 });
});
