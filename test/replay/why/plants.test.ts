import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { why } from "#replay";
import { environment, gitProject, PYTHON } from "../../run/project.ts";

/** A line that makes results differ from run to run, what it is called, and the same line without its sting. */
interface Plant {
  readonly kind: string;
  readonly line: string;
  readonly tame: string;
  /** A cause of the whole process: one however often it is planted. */
  readonly whole?: true;
  /** Bare runs one after the other in one folder do not show it. */
  readonly still?: true;
}

const HASHED = "list({'ab', 'cd', 'ef', 'gh', 'ij', 'kl', 'mn'})";
const NEWEST = "max(('data/p', 'data/q', 'data/r', 'data/t'), key=os.path.getmtime)";

const PLANTS: readonly Plant[] = [
  { kind: "unseeded-rng", line: "random.Random().random()", tame: "random.Random(1).random()" },
  {
    kind: "unseeded-rng",
    line: "random.Random().sample(range(1000), 3)",
    tame: "random.Random(2).sample(range(1000), 3)",
  },
  { kind: "hash-order", line: HASHED, tame: "sorted({1, 2})", whole: true },
  { kind: "hash-order", line: "hash('loss') % 1000003", tame: "11", whole: true },
  { kind: "listing-order", line: "os.listdir('data')", tame: "sorted(os.listdir('data'))", still: true },
  { kind: "listing-order", line: "[p.name for p in pathlib.Path('data').iterdir()]", tame: "['p']", still: true },
  { kind: "wall-clock", line: "time.time_ns() % 1000003", tame: "7" },
  { kind: "wall-clock", line: "datetime.datetime.now().microsecond", tame: "8" },
  { kind: "os-entropy", line: "random.Random(os.urandom(4)).random()", tame: "random.Random(b'4').random()" },
  { kind: "os-entropy", line: "random.Random(uuid.uuid4().int).random()", tame: "9" },
  { kind: "other", line: "random.Random(os.getpid()).random()", tame: "10" },
  { kind: "data-order", line: NEWEST, tame: "'p'", whole: true, still: true },
];

/** Draws, lists and reads that come to nothing in the result. */
const BYSTANDERS: readonly string[] = [
  "random.Random().random() > 2",
  "sorted({'ab', 'cd', 'ef'})",
  "sorted(os.listdir('data'))",
  "len(os.urandom(4))",
  "time.time() > 0",
  "os.getpid() > 0",
  "str(uuid.uuid4())[14]",
  "{path.suffix for path in pathlib.Path('data').iterdir()}",
  "os.path.getmtime('data/p') > 0",
  "random.Random(5).random()",
  "len({str(i) for i in range(9)})",
];

const HEAD = "import datetime\nimport os\nimport pathlib\nimport random\nimport time\nimport uuid\n\n";
const FIRST_LINE = HEAD.split("\n").length;

const block = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...PLANTS) },
  { weight: 3, arbitrary: fc.constantFrom(...BYSTANDERS).map((line): Plant => ({ kind: "", line, tame: line })) },
);

function programOf(blocks: readonly Plant[], tamed: (index: number) => boolean): string {
  const lines = blocks.map(({ line, tame }, i) => `v${i} = ${tamed(i) ? tame : line}`);
  return `${HEAD}${lines.join("\n")}\nprint("result", ${blocks.map((_, i) => `v${i}`).join(", ")})\n`;
}

/** Whether bare runs of it, without us, all print the same. */
function repeats(root: string, program: string): boolean {
  writeFileSync(join(root, "bare.py"), program);
  const outputs = Array.from(
    { length: 4 },
    () => spawnSync(PYTHON, ["bare.py"], { cwd: root, encoding: "utf8" }).stdout,
  );
  return new Set(outputs).size === 1;
}

const ROUNDS = 8;

/** Some thirty replays for each program. */
const TIME_MS = 900_000;

test(
  "of random programs with random plants exactly what was planted is proved, and bare runs confirm it",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(block, { minLength: 2, maxLength: 7 }), async (blocks) => {
        const files = Object.fromEntries(["p", "q", "r", "s", "t", "u"].map((name) => [`data/${name}`, name]));
        const project = gitProject({ "train.py": programOf(blocks, () => false), ...files });
        try {
          const baseline = await project.run([PYTHON, "train.py"]);
          const found = await why({
            baseline,
            store: project.store,
            version: "test",
            env: environment(),
            budget: { replays: 200 },
          });
          const planted = new Set(
            blocks.flatMap(({ kind, whole }, i) => {
              // Of a cause of the whole process the first line that it reaches is named.
              const isLater = whole === true && blocks.findIndex((other) => other.kind === kind) < i;
              return kind === "" || isLater ? [] : [`${kind} @ ${i + FIRST_LINE}`];
            }),
          );
          const proved = found.causes.map(({ kind, line, certainty }) =>
            [kind, ...(line === null ? [] : ["@", line]), ...(certainty === "proved" ? [] : [certainty])].join(" "),
          );
          expect(new Set(proved), JSON.stringify(found, null, 1)).toEqual(planted);
          // By hand: with the planted lines mended bare runs agree; with one of them left as it is they do not.
          expect(
            repeats(
              project.root,
              programOf(blocks, () => true),
            ),
          ).toBe(true);
          for (const [i, { kind, still }] of blocks.entries()) {
            if (kind === "" || still === true) continue;
            expect(
              repeats(
                project.root,
                programOf(blocks, (index) => index !== i),
              ),
              `${kind} alone`,
            ).toBe(false);
          }
        } finally {
          project.remove();
        }
      }),
      { numRuns: ROUNDS },
    );
  },
  TIME_MS,
);
