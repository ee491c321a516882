import { expect, test } from "vitest";
import type { Factor } from "../../src/replay/factor.ts";
import { findHolds } from "../../src/replay/holds.ts";
import type { Trial, Trials } from "../../src/replay/trial.ts";
import { recordedCauses } from "../../src/replay/why/recorded.ts";

const KINDS = ["unseeded-rng", "hash-order", "wall-clock", "listing-order", "os-entropy", "pid"] as const;
const ALL = KINDS.map(
  (kind) => ({ kind, file: "train.py", line: 1, name: kind, site: `train.py:${kind}` }) as unknown as Factor,
);

/** The same numbers each time (mulberry32). */
function drawn(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Replays of a run of so many seconds that agree by these odds, given what is held. */
function trialsOf(seconds: number, agrees: (held: ReadonlySet<string>) => number, random: () => number): Trials {
  const made: Trial[] = [];
  const one = async (_all: readonly Factor[], held: readonly Factor[]): Promise<Trial> => {
    const names = new Set(held.map(({ kind }): string => kind));
    const likeness = random() < agrees(names) ? "same" : "parted";
    const trial = { held, likeness, replayed: { run: null }, evidence: [] } as unknown as Trial;
    made.push(trial);
    return trial;
  };
  return { made, options: { baseline: { seconds } }, try: one } as unknown as Trials;
}

interface Ended {
  readonly proved: readonly string[];
  readonly told: readonly string[];
  readonly broken: boolean;
}

/** As `why` asks: something parted, and everything held agreed once. null: it did not. */
async function ask(v: Trials): Promise<Ended | null> {
  const held = await v.try(ALL, ALL, "");
  if (held.likeness === "parted") return null;
  const told: { readonly kind: string; readonly certainty: string }[] = [];
  const { broken } = await recordedCauses(v, ALL, held, (cause) => told.push(cause));
  const proved = told.filter(({ certainty }) => certainty === "proved");
  return { proved: proved.map(({ kind }) => kind), told: told.map(({ kind }) => kind), broken: broken !== null };
}

async function many(count: number, agrees: Parameters<typeof trialsOf>[1], seconds = 0.3): Promise<Ended[]> {
  const found: Ended[] = [];
  for (let seed = 0; seed < count; seed++) {
    const one = await ask(trialsOf(seconds, agrees, drawn(seed * 7919 + 1)));
    if (one !== null) found.push(one);
  }
  return found;
}

test.each([0.5, 0.8, 0.9])(
  "what parts by itself is hardly ever proved to come from what was held (agrees in %s)",
  async (rate) => {
    const found = await many(1000, () => rate);
    expect(found.filter(({ proved }) => proved.length > 0).length / 1000).toBeLessThan(0.02);
    expect(found.filter(({ broken }) => broken).length / found.length).toBeGreaterThan(rate < 0.9 ? 0.75 : 0.2);
  },
);

test("neither is what is held besides", async () => {
  const found = await many(1000, (held) => (held.has("wall-clock") ? 0.8 : 0));
  expect(found.filter(({ proved }) => proved.length > 0).length / 1000).toBeLessThan(0.02);
});

test.each([0.3, 3, 30])("one cause, and two, are proved, and no other (a run of %s s)", async (seconds) => {
  for (const guilty of [["wall-clock"], ["unseeded-rng", "hash-order"]]) {
    const found = await many(50, (held) => (guilty.every((one) => held.has(one)) ? 1 : 0), seconds);
    expect(new Set(found.map(({ proved }) => [...proved].sort().join()))).toEqual(new Set([[...guilty].sort().join()]));
  }
});

test("a flip between two values is proved; where it shows in one replay of three nearly always, and nothing false", async () => {
  const flips = await many(300, (held) => (held.has("unseeded-rng") ? 1 : 0.5));
  const seldom = await many(300, (held) => (held.has("unseeded-rng") ? 1 : 0.67));
  expect(flips.filter(({ proved }) => proved.join() === "unseeded-rng").length).toBeGreaterThan(290);
  expect(seldom.filter(({ proved }) => proved.join() === "unseeded-rng").length).toBeGreaterThan(280);
  const others = [...flips, ...seldom].filter(({ proved }) => proved.some((one) => one !== "unseeded-rng"));
  expect(others.length).toBeLessThan(15);
});

test("verify holds little of what parts by itself for held", async () => {
  let wrong = 0;
  for (let seed = 0; seed < 1000; seed++) {
    const found = await findHolds(
      trialsOf(0.3, () => 0.8, drawn(seed * 104_729 + 3)),
      ALL,
      [],
      40,
    );
    if (found.complete && found.holds.length > 0) wrong += 1;
  }
  expect(wrong).toBeLessThan(30);
});

test("to hold everything again takes nothing from the budget of the search", async () => {
  const pairs = KINDS.flatMap((one, index) => KINDS.slice(index + 1).map((other) => [one, other] as const));
  let complete = 0;
  for (const guilty of pairs) {
    const agrees = (held: ReadonlySet<string>): number => (guilty.every((one) => held.has(one)) ? 1 : 0);
    const found = await findHolds(trialsOf(0.3, agrees, drawn(1)), ALL, [], 20);
    if (!found.complete) continue;
    complete += 1;
    expect(found.holds.map(({ kind }) => kind).sort()).toEqual([...guilty].sort());
  }
  expect(complete).toBeGreaterThanOrEqual(11);
});
