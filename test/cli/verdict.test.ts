import pc from "picocolors";
import { describe, expect, test } from "vitest";
import type { CauseKind, Evidence, Hold, VerifyDocument } from "#record";
import { pinRows } from "../../src/cli/data/pins.ts";
import { fixFor } from "../../src/cli/render/fix.ts";
import { pageText } from "../../src/cli/render/page.ts";
import { startLine, summaryText } from "../../src/cli/render/run.ts";
import { verdictText } from "../../src/cli/render/verdict.ts";
import { sampleRecord } from "../store/sample-record.ts";

const ID = "01a1fcd1-64b8-70e1-98b2-71f6df57036d";
const run = sampleRecord(ID, { inputs: [] });
const plain = { colors: pc.createColors(false), columns: 80 };

const hold = (kind: CauseKind, call: string, words: string, line: number | null = 41): Hold => ({
  kind,
  file: line === null ? null : "train.py",
  line,
  words: call === "" ? words : `${call}: ${words}`,
});

const evidence = (changes: Partial<Evidence>): Evidence => ({
  kind: "output",
  name: "model.pt",
  agree: true,
  how: "bytes",
  aside: [],
  a: "x",
  b: "x",
  distance: 0,
  ...changes,
});

const document = (changes: Partial<VerifyDocument>): VerifyDocument => ({
  format: "reprise/verify@1",
  baseline: ID,
  replays: ["01a1fcd1-64b8-70e1-98b2-000000000001"],
  verdict: "reproduced",
  level: "numerical",
  asked: "numerical",
  holds: [],
  evidence: [
    evidence({ kind: "exit", name: "exit" }),
    evidence({}),
    evidence({ name: "m.json", how: "masked", aside: ["elapsed 1.2 s"] }),
  ],
  firstDivergence: null,
  varied: ["hash-order", "listing-order"],
  shownOn: {
    cpu: "EPYC",
    gpus: ["H100"],
    os: "Linux",
    python: "3.12.1",
    frameworks: { numpy: "2.4", "torch.cuda": "12" },
  },
  missRate: 1,
  agreeing: 1,
  reason: "every result came out the same under varied conditions",
  warnings: [],
  seconds: 2.34,
  ...changes,
});

describe("U a verdict for people", () => {
  test("reproduced", () => {
    expect(verdictText(document({ missRate: 0.375, agreeing: 8 }), run, plain)).toMatchInlineSnapshot(`
      "✓ reproduced — every result is the same from the recipe alone (numerical)
        compared   exit, 2 outputs (1 by bytes, 1 masked)
        set aside  elapsed 1.2 s
        varied     hash-order, listing-order
        replays    8 of 1 agree, 2.3 s; what shows in less than 38 % of runs could
                   still hide
        shown on   Python 3.12.1, numpy 2.4, EPYC, H100
      next: reprise show df57036d
      "
    `);
  });

  test("conditional, for two reasons", () => {
    const holds = [
      hold("unseeded-rng", "numpy.random.default_rng", "draws from a generator that nobody seeded"),
      hold("hash-order", "", "the order of a set or of hashed keys follows the hash seed", null),
    ];
    const parted = evidence({ kind: "metric", name: "loss", agree: false, a: 0.31, b: 0.33, distance: 0.02 });
    const first = {
      step: 3,
      phase: "train",
      channel: "loss",
      file: null,
      line: null,
      variable: null,
      operator: null,
      a: 0.31,
      b: 0.33,
      distance: 0.02,
    } as const;
    const text = verdictText(
      document({ verdict: "conditional", holds, evidence: [parted], firstDivergence: first }),
      run,
      plain,
    );
    expect(text).toMatchInlineSnapshot(`
      "✗ differs on its own — the same only with recorded seeds and hash seed
        train.py:41  default_rng() draws from a generator that nobody seeded
        fix: np.random.default_rng(42)
        or:  reprise run --seed 42 -- python train.py
        the order of a set or of hashed keys follows the hash seed
        fix: sorted(the_set)   or   reprise run --seed 42 -- python train.py
        proved    with these held as recorded and everything else varied, every result
                  is the same
        differs   metric loss, first at step 3: 0.31 ≠ 0.33 (0.02 apart)
        compared  1 metric (differs)
        varied    hash-order, listing-order
        replays   1 of 1 agree, 2.3 s
        shown on  Python 3.12.1, numpy 2.4, EPYC, H100
      next: reprise run --seed 42 -- python train.py
      "
    `);
  });

  test("differs", () => {
    const parted = evidence({ agree: false, how: "content", name: "model.pt (weight[3])", a: 1, b: 2, distance: 1 });
    const changes = {
      verdict: "differs",
      level: "none",
      reason: "not even with every recorded factor held do the results come out the same",
      evidence: [parted],
      agreeing: 0,
      missRate: null,
    } as const;
    expect(verdictText(document(changes), run, plain)).toMatchInlineSnapshot(`
      "✗ differs — not even with every recorded factor held do the results come out the same
        differs   output model.pt (weight[3]): 1 ≠ 2 (1 apart)
        compared  1 output (differs)
        varied    hash-order, listing-order
        replays   0 of 1 agree, 2.3 s
        shown on  Python 3.12.1, numpy 2.4, EPYC, H100
      next: reprise why df57036d   or   reprise diff df57036d 00000001
      "
    `);
  });

  test("inconclusive", () => {
    const changes = {
      verdict: "inconclusive",
      level: "none",
      reason: "input data.csv is gone",
      evidence: [],
      replays: [],
      agreeing: 0,
      missRate: null,
      varied: [],
    } as const;
    expect(verdictText(document(changes), run, plain)).toMatchInlineSnapshot(`
      "? inconclusive — input data.csv is gone
      next: reprise show df57036d
      "
    `);
  });

  test("ten lines of evidence at most, each in the width there is, whatever the document holds", () => {
    const long = Array.from({ length: 30 }, (_, i) =>
      evidence({ name: `file${i}`, aside: [`line ${i}: time ${i}`], how: "masked" }),
    );
    const text = verdictText(
      document({ evidence: long, warnings: Array.from({ length: 9 }, (_, i) => `warning ${i}`) }),
      run,
      plain,
    );
    const lines = text.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(12);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("nothing from a record is obeyed by the terminal", () => {
    const evil = "\u001b]0;owned\u0007\nfake line";
    const holds = [{ ...hold("unseeded-rng", evil, evil), file: evil }];
    const parts = {
      holds,
      reason: evil,
      warnings: [evil],
      evidence: [evidence({ agree: false, name: evil, a: evil, b: evil, aside: [evil] })],
      varied: [evil],
      shownOn: { cpu: evil, gpus: [evil], os: evil, python: evil, frameworks: { [evil]: evil } },
    };
    const record = sampleRecord(ID, {
      name: evil,
      tags: { [evil]: evil },
      command: { ...run.command, argv: [evil], cwd: evil },
      metrics: [
        { name: evil, source: "stdout", points: [{ step: 1, value: 1 }], timing: false, redrawn: false, dropped: 0 },
      ],
      entropy: [{ kind: "generator", name: evil, file: evil, line: 1, count: 1, how: "seen", note: evil }],
      outputs: [
        {
          path: evil,
          scope: "project",
          bytes: { unknown: evil },
          digest: { unknown: evil },
          stored: false,
          seen: ["tree"],
          change: "created",
        },
      ],
      inputs: { unknown: evil },
      warnings: [{ code: "x", message: evil }],
    });
    const texts = [
      ...(["reproduced", "conditional", "differs", "inconclusive"] as const).map((verdict) =>
        verdictText(document({ ...parts, verdict }), record, plain),
      ),
      pageText(
        record,
        [{ at: "2026-01-01T00:00:00Z", document: document({ ...parts, verdict: "conditional" }) }],
        [
          {
            file: evil,
            cells: 1,
            executed: 1,
            same: 0,
            differ: [{ cell: 1, saved: evil, now: evil }],
            order: "otherwise",
            failed: { cell: 1, error: evil },
          },
        ],
        pinRows([{ path: evil, tool: "dvc", identity: evil, by: evil, agrees: false, note: evil }]),
        plain,
      ),
      summaryText(record, plain),
    ];
    for (const text of texts) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(text).not.toMatch(/\u001b|\u0007/);
      expect(text).not.toMatch(/^fake line/m);
    }
  });
});

describe("U what to paste", () => {
  test.each([
    ["unseeded-rng", "numpy.random.default_rng", "np.random.default_rng(42)"],
    ["unseeded-rng", "numpy.random.RandomState", "np.random.RandomState(42)"],
    ["unseeded-rng", "numpy", "np.random.seed(42)"],
    ["unseeded-rng", "random", "random.seed(42)"],
    ["unseeded-rng", "random.Random", "random.Random(42)"],
    ["unseeded-rng", "torch", "torch.manual_seed(42)"],
    ["unseeded-rng", "torch.Generator.seed", "torch.Generator().manual_seed(42)"],
    ["hash-order", "", "sorted(the_set)"],
    ["listing-order", "os.listdir", "sorted(os.listdir(…))"],
    ["listing-order", "glob.glob", "sorted(glob.glob(…))"],
    ["listing-order", "os.scandir", "sorted(os.scandir(folder), key=lambda entry: entry.name)"],
  ] as const)("%s by %s: %s", (kind, call, code) => {
    const fix = fixFor(hold(kind, call, "x"), run);
    expect(fix.code).toEqual([code]);
    expect(fix.command).toBe(kind === "listing-order" ? null : "reprise run --seed 42 -- python train.py");
  });
});

describe("U the lines of run", () => {
  const fresh = {
    id: ID,
    seed: { mode: "fresh", root: "7f3c1a9e00000000000000000000abcd" },
    hashSeeded: true,
  } as const;

  test("the start line says run, seed, what it seeds and what to type, as far as there is room", () => {
    const wide = { ...plain, columns: Number.POSITIVE_INFINITY };
    expect(startLine(fresh, wide)).toBe(
      "reprise: run df57036d · fresh seed 7f3c1a9e… → PYTHONHASHSEED, random, numpy, torch when imported · repeat: reprise replay df57036d\n",
    );
    for (const columns of [80, 100, 120])
      expect(startLine(fresh, { ...plain, columns }).length).toBeLessThanOrEqual(columns + 1);
    expect(startLine({ ...fresh, seed: { mode: "declared", root: "42" }, hashSeeded: false }, plain)).toBe(
      "reprise: run df57036d · seed 42 → random, numpy, torch when imported\n",
    );
    expect(startLine({ ...fresh, seed: { mode: "off", root: null } }, wide)).toContain(
      "seed off: entropy is left alone",
    );
  });
});
