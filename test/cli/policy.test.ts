import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openStore, run } from "../../src/index.ts";
import { type Sealed, seal } from "./sealed.ts";

interface RunDocument {
  readonly exitCode: number;
  readonly policy: {
    readonly mode: string;
    readonly levers: readonly { readonly name: string; readonly state: string }[];
    readonly violations: readonly object[];
    readonly cost?: {
      readonly per: string;
      readonly seconds: number;
      readonly rounds: number;
      readonly levers: readonly { readonly lever: string; readonly ratio: number; readonly noise: number }[];
      readonly left: readonly { readonly lever: string; readonly why: string }[];
      readonly unknown?: string;
    };
  };
}

let place: Sealed;
afterEach(() => place.remove());
const documentOf = (line: string): RunDocument => JSON.parse(place.shell(line).out) as RunDocument;

describe("E reprise run --deterministic", () => {
  test("wrong use is 2, before anything is run", () => {
    place = seal({ "train.py": "open('ran', 'w')\n" });
    for (const options of ["--deterministic yes", "--deterministic", "--measure-seconds 0 --deterministic warn"]) {
      const { code, err } = place.shell(`reprise run ${options} -- python3 train.py`);
      expect(code, err).toBe(2);
    }
    expect(place.shell("reprise run --measure -- python3 train.py").code).toBe(2);
    place.put({ "reprise.toml": '[run]\ndeterministic = "sometimes"\n' });
    expect(place.shell("reprise run -- python3 train.py").code).toBe(5);
    expect(place.shell("ls").out).not.toContain("ran");
  });

  test("the configuration says it, the command line wins, and the page of the run lists the levers", () => {
    place = seal({ "train.py": "print(1)\n", "reprise.toml": '[run]\ndeterministic = "strict"\n' });
    expect(documentOf("reprise run --json -q -- python3 train.py").policy.mode).toBe("strict");
    expect(documentOf("reprise run --json -q --deterministic off -- python3 train.py").policy).toEqual({
      mode: "off",
      levers: [],
      violations: [],
    });
    place.shell("reprise run -q --deterministic warn -- python3 train.py");
    const page = place.shell("reprise show").out;
    expect(page).toContain("policy warn\n");
    expect(page).toMatch(/listing-order +os\.listdir/);
    expect(page).toMatch(/xla +left \(it can end a program: strict only\)/);
  });

  test("--measure prints what each lever costs, keeps it as a fact, and leaves no replays behind", () => {
    place = seal({ "train.py": "import os\nfor _ in range(200): os.listdir('.')\nprint('loss=0.5')\n" });
    const { code, out, err } = place.shell(
      "COLUMNS=80 reprise run --json --deterministic warn --measure -- python3 train.py",
    );
    expect(code, err).toBe(0);
    const { cost } = (JSON.parse(out) as RunDocument).policy;
    expect(cost).toMatchObject({ per: "run", rounds: 3 });
    expect(cost?.seconds).toBeGreaterThan(0);
    expect(cost?.levers.map(({ lever }) => lever)).toEqual(["inductor", "threads", "listing-order", "all"]);
    for (const { ratio, noise } of cost?.levers ?? []) {
      expect(ratio).toBeGreaterThan(0);
      expect(noise).toBeGreaterThanOrEqual(0);
    }
    expect(cost?.left.map(({ lever }) => lever)).toEqual(["cublas-workspace", "flash-attention", "hash-seed"]);
    expect(err).toMatch(/cost of each lever: 3 replays each, the run takes/);
    expect(err).toMatch(/listing-order +\d+\.\d\d× +± /);
    expect(JSON.parse(place.shell("reprise show --json").out)).toMatchObject({
      facts: [{ kind: "policy-cost", value: cost }],
    });
    expect(JSON.parse(place.shell("reprise ls --json").out)).toMatchObject({ runs: [{}] });
    expect(place.shell("ls -a $TMPDIR").out).not.toContain("repris");
  });

  test("a run that cannot be measured says why, and exits as it did", () => {
    place = seal({ "train.py": "import time\ntime.sleep(1.2)\n", "fails.py": "raise SystemExit(3)\n" });
    const slow = place.shell("reprise run --deterministic warn --measure --measure-seconds 0.5 -- python3 train.py");
    expect(slow.code).toBe(0);
    expect(slow.err).toContain("no optimizer steps were seen, and the whole run takes longer than 0.5 s");
    const failed = place.shell("reprise run --json -q --deterministic strict --measure -- python3 fails.py");
    expect(failed.code).toBe(3);
    expect((JSON.parse(failed.out) as RunDocument).policy.cost).toEqual({ unknown: "the run did not complete" });
  });
});

test("the library takes the same words", async () => {
  place = seal({ "train.py": "print(1)\n" });
  const store = openStore(join(place.base, "store"), { create: true });
  const request = { command: ["python3", "train.py"], cwd: place.project, env: process.env, store } as const;
  try {
    expect((await run({ ...request, deterministic: "strict" })).policy).toMatchObject({ mode: "strict" });
    expect((await run(request)).policy).toBeUndefined();
    const bad = "maybe" as "warn";
    await expect(run({ ...request, deterministic: bad })).rejects.toThrow(/not a policy/);
  } finally {
    store.close();
  }
});
