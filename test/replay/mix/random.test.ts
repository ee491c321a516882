import { expect, test } from "vitest";
import { guiltyOf, type Recording } from "./recorded-pair.ts";

/** Numbers below `end`, the same ones for the same seed (mulberry32). */
function drawer(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % end;
  };
}

/** Where a program takes its i-th number from. */
const PLACES = ["code", "code", "code", "code", "json", "json", "variable", "argument", "data", "data"] as const;

/** The result is a sum of products of numbers, each of which is 0 in run A and 1 in run B. */
type Terms = readonly (readonly number[])[];

const resultOf = (terms: Terms, values: readonly number[]): number =>
  terms.reduce((sum, term, i) => sum + (i + 1) * term.reduce((product, at) => product * (values[at] ?? 0), 1), 0);

function recording(terms: Terms, value: 0 | 1): Recording {
  const of = (place: string): number[] => PLACES.flatMap((one, i) => (one === place ? [i] : []));
  const lines = [
    "import csv, json, os, sys",
    "config = json.load(open('config.json'))",
    "rows = {row['name']: int(row['value']) for row in csv.DictReader(open('numbers.csv'))}",
    ...of("code").flatMap((i) => [`v${i} = ${value}`, "", `# number ${i} stands above`, "", ""]),
    ...of("json").map((i) => `v${i} = config["v${i}"]`),
    ...of("data").map((i) => `v${i} = rows["v${i}"]`),
    ...of("variable").map((i) => `v${i} = int(os.environ["TORCH_V${i}"])`),
    ...of("argument").map((i) => `v${i} = int(sys.argv[sys.argv.index("--v${i}") + 1])`),
    `result = ${terms.map((term, i) => `${i + 1} * ${term.map((at) => `v${at}`).join(" * ")}`).join(" + ")}`,
    'print("loss=%d" % result)',
    'open("result.txt", "w").write(str(result))',
  ];
  return {
    files: {
      "train.py": `${lines.join("\n")}\n`,
      "config.json": `${JSON.stringify(Object.fromEntries(of("json").map((i) => [`v${i}`, value])), null, 2)}\n`,
      "numbers.csv": `name,value\nother,3\n${of("data")
        .map((i) => `v${i},${value}\nbetween${i},${i}\n`)
        .join("")}`,
    },
    env: Object.fromEntries(of("variable").map((i) => [`TORCH_V${i}`, String(value)])),
    argv: ["python3", "train.py", ...of("argument").flatMap((i) => [`--v${i}`, String(value)])],
  };
}

/** Which number a cause is about, by its place. */
function numberOf(cause: { readonly kind: string; readonly name: string; readonly b: string | null }): number {
  const text = cause.kind === "code" || cause.kind === "data-content" ? (cause.b ?? "") : cause.name;
  return Number(/v(\d+)/i.exec(text)?.[1] ?? Number.NaN);
}

test.each([11, 23, 37, 58])(
  "what is proved of a random program is true of it (seed %i)",
  { timeout: 600_000 },
  async (seed) => {
    const draw = drawer(seed);
    const terms = Array.from({ length: 1 + draw(2) }, () => [
      ...new Set(Array.from({ length: 1 + draw(2) }, () => draw(PLACES.length))),
    ]);
    const found = await guiltyOf(`seed ${seed}: ${JSON.stringify(terms)}`, recording(terms, 0), recording(terms, 1));
    const [a, b] = [PLACES.map(() => 0), PLACES.map(() => 1)];
    const proved = found.causes.filter((cause) => cause.certainty === "proved");
    expect(proved.length).toBeGreaterThan(0);
    expect(found.causes).toEqual(proved);
    const guilty = proved.map(numberOf);
    // Both ways, by arithmetic instead of by replays.
    expect(
      resultOf(
        terms,
        b.map((value, i) => (guilty.includes(i) ? 0 : value)),
      ),
    ).toBe(resultOf(terms, a));
    expect(
      resultOf(
        terms,
        a.map((value, i) => (guilty.includes(i) ? 1 : value)),
      ),
    ).toBe(resultOf(terms, b));
    // None is there that never matters.
    for (const at of guilty) expect(terms.flat()).toContain(at);
    for (const cause of proved) {
      const alone =
        resultOf(
          terms,
          a.map((value, i) => (i === numberOf(cause) ? 1 : value)),
        ) !== resultOf(terms, a);
      expect(cause.alone).toBe(alone ? "independent" : "interaction");
    }
  },
);
