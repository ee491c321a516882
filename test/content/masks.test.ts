import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalNames, compareBytes, compareText, type Origin } from "#content";
import { runs } from "./runs.ts";

/** One mask (docs/masks.md): what it hides in a run, and what looks like it but has no such origin. */
interface Mask {
  readonly name: string;
  /** As this run would write it; `at` is a fraction of the run, `pick` any number. */
  readonly noise: (run: Origin, at: number, pick: number) => string;
  /** As nothing in the run explains it; two `pick`s give two texts. */
  readonly signal: (pick: number) => string;
}

const ms = (run: Origin, at: number): number => Math.floor(run.startMs + at * (run.endMs - run.startMs));
const iso = (time: number): string => new Date(time).toISOString();
const seconds = (run: Origin, at: number): string => (at * run.seconds).toFixed(2);
const long = (pick: number): number => 1000 + (pick % 100_000);
const hex = (pick: number, length: number): string =>
  Array.from({ length }, (_, index) =>
    ((pick * 31 + index * 7919 + ((pick >> (index % 30)) & 15)) % 16).toString(16),
  ).join("");
const letters = (pick: number): string =>
  Array.from({ length: 6 }, (_, index) => "abcdefghjkmnpqrstuvwxyz"[(pick >> (index * 3)) % 23]).join("");

const MASKS: readonly Mask[] = [
  {
    name: "date and time",
    noise: (run, at) => `[${iso(ms(run, at)).replace("T", " ").slice(0, 19)}]`,
    signal: (pick) =>
      `[${iso(Date.UTC(2021, 0, 1) + (pick % 1e8) * 1000)
        .replace("T", " ")
        .slice(0, 19)}]`,
  },
  {
    name: "seconds since 1970",
    noise: (run, at) => `at ${(ms(run, at) / 1000).toFixed(3)}`,
    signal: (pick) => `at ${1_600_000_000 + (pick % 1e7)}.25`,
  },
  { name: "duration", noise: (run, at) => `took ${seconds(run, at)}s`, signal: (pick) => `took ${long(pick)}s` },
  {
    name: "duration by its name",
    noise: (run, at) => `elapsed_time=${seconds(run, at)}`,
    signal: (pick) => `lr_time_scale=${long(pick)}.5`,
  },
  { name: "speed", noise: (_, __, pick) => `${long(pick)}.5 it/s`, signal: (pick) => `${long(pick)}.5 its` },
  {
    name: "progress bar",
    noise: (run, at, pick) =>
      `100%|██████| 10/10 [${iso(at * run.seconds * 1000).slice(14, 19)}<00:00, ${pick % 100}.5it/s]`,
    signal: (pick) => `100%|██████| ${long(pick)}/${long(pick)} [00:01<00:00, 9.5it/s]`,
  },
  { name: "process id", noise: (run) => `worker [${run.pids[0]}]`, signal: (pick) => `worker [${long(pick)}]` },
  {
    name: "id that was drawn",
    noise: (run) => `run ${run.uuids[0]}`,
    signal: (pick) => `run ${hex(pick, 32)}`,
  },
  {
    name: "folder of the run",
    noise: (run) => `saved ${run.roots[0]}/out.pt`,
    signal: (pick) => `saved /srv/other-${letters(pick)}/out.pt`,
  },
  { name: "host", noise: (run) => `on ${run.hostname}`, signal: (pick) => `on ${letters(pick)}.example` },
  {
    name: "temporary name",
    noise: (_, __, pick) => `in tmp${letters(pick)}${pick % 10}x`,
    signal: (pick) => `in tmp_${letters(pick)}`,
  },
  {
    name: "address",
    noise: (_, __, pick) => `<Net object at 0x7f${(pick % 2 ** 30).toString(16).padStart(9, "0")}0>`,
    signal: (pick) => `crc 0x${(pick % 2 ** 30).toString(16).padStart(8, "0")}`,
  },
  {
    name: "memory in use",
    noise: (_, __, pick) => `peak memory: ${long(pick)} MB`,
    signal: (pick) => `peak memory: ${long(pick)} cells`,
  },
];

/** Masks that rest on a fact of one run alone: its clock, its processes, what it drew, where it lay. */
const OWN = /^(?:date|seconds|process|id|folder|host)/;

const fraction = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const pick = fc.nat(2 ** 30 - 1);
const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((number) => number.toFixed(6));
const around = fc.constantFrom(
  (text: string, loss: string) => `${text} loss ${loss}`,
  (text: string, loss: string) => `epoch 3: ${text}, acc ${loss}`,
  (text: string, loss: string) => `score ${loss} | ${text}`,
  (text: string, loss: string) => `${text}\nresult ${loss}\n`,
);

describe.each(MASKS)("the mask of $name", ({ name, noise, signal }) => {
  const compare = (a: string, b: string) => compareText(a.split("\n"), b.split("\n"), runs);

  it("hides that noise wherever it stands, and says so", () => {
    fc.assert(
      fc.property(around, value, fraction, fraction, pick, pick, (put, loss, p, q, x, y) => {
        const found = compare(put(noise(runs.a, p, x), loss), put(noise(runs.b, q, y), loss));
        expect(found.difference).toBeUndefined();
        expect(found.agree).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("hides no result that stands beside it", () => {
    fc.assert(
      fc.property(around, value, value, fraction, fraction, pick, (put, loss, other, p, q, x) => {
        fc.pre(loss !== other);
        expect(compare(put(noise(runs.a, p, x), loss), put(noise(runs.b, q, x), other)).agree).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("hides nothing that only looks like it", () => {
    fc.assert(
      fc.property(around, value, pick, pick, (put, loss, x, y) => {
        const [one, other] = [signal(x), signal(y)];
        fc.pre(one !== other);
        expect(compare(put(one, loss), put(other, loss)).agree).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("has its right from the run: what the one run may have written is no noise of the other", () => {
    fc.assert(
      fc.property(fraction, fraction, pick, (p, q, x) => {
        const [one, other] = [noise(runs.a, p, x), noise(runs.b, q, x)];
        fc.pre(OWN.test(name) && one !== other);
        expect(compareText([one], [other], { a: runs.b, b: runs.a }).agree).toBe(false);
      }),
      { numRuns: OWN.test(name) ? 40 : 0 },
    );
  });
});

describe("names of files", () => {
  const stamp = (run: Origin, at: number): string =>
    iso(ms(run, at)).slice(0, 19).replace(/[-:]/g, "").replace("T", "_");

  it("pair by what is left without their times and ids, and by nothing else", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom("best", "last", "model", "log", "eval"), { minLength: 2 }),
        fraction,
        fraction,
        (stems, p, q) => {
          const names = (run: Origin, at: number): string[] => stems.map((stem) => `out/${stem}_${stamp(run, at)}.pt`);
          const [a, b] = [names(runs.a, p), names(runs.b, q)];
          expect(canonicalNames(a, b.toReversed(), runs).map((pair) => [pair.a, pair.b])).toEqual(
            expect.arrayContaining(a.map((name, index) => [name, b[index]])),
          );
          const others = canonicalNames(["out/model_1.pt"], ["out/model_2.pt"], runs);
          expect(others.every((pair) => pair.a === null || pair.b === null)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
    expect(canonicalNames(["tmp_model_1"], ["tmp_model_2"], runs)).toHaveLength(2);
    expect(canonicalNames(["tmpab12cd34"], ["tmpzz99_y3k"], runs)).toHaveLength(1);
  });
});

describe("locks", () => {
  it("hold the ids of each run's own processes, and other numbers are content", () => {
    const compare = (a: string, b: string) => compareBytes("x.lock", Buffer.from(a), Buffer.from(b), runs);
    expect(compare("4711\n", "5811\n")).toMatchObject({ agree: true, how: "masked" });
    expect(compare("4713\n", "5811\n").agree).toBe(false);
    expect(compare("4711 0.5\n", "5811 0.6\n").agree).toBe(false);
    expect(compareBytes("x.txt", Buffer.from("4711\n"), Buffer.from("5811\n"), runs).agree).toBe(false);
  });
});
