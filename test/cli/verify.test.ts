import { existsSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { VerifyDocument } from "#record";
import { type Sealed, seal } from "./sealed.ts";

const TRAIN = `import random
value = random.random()
print(f"loss={value:.6f}")
`;

let place: Sealed;
beforeEach(() => {
  place = seal({ "train.py": TRAIN });
});
afterEach(() => place.remove());

const folders = (): string[] => readdirSync(place.temporary).filter((name) => name !== "node-compile-cache");

const verify = (line = ""): { code: number | null; document: VerifyDocument; err: string } => {
  const { code, out, err } = place.shell(`reprise verify --json ${line}`);
  return { code, document: JSON.parse(out) as VerifyDocument, err };
};

describe("E reprise verify", () => {
  test("the exit code is the answer, and the verdict is kept with the run", () => {
    place.shell(
      "reprise run -q --name free -- python3 train.py; reprise run -q --seed 1 --name fixed -- python3 train.py; reprise run -q --name silent -- python3 -c pass",
    );
    const answers = ["free", "fixed", "silent"].map((name) => verify(`-q ${name}`));
    expect(answers.map(({ code, document }) => [code, document.verdict])).toEqual([
      [1, "conditional"],
      [0, "reproduced"],
      [3, "inconclusive"],
    ]);
    expect(answers[0]?.document.holds).toMatchObject([{ kind: "unseeded-rng", file: "train.py", line: 2 }]);
    const listed = place.shell("reprise ls").out;
    expect(listed).toMatch(/free .*✗ conditional/);
    expect(listed).toMatch(/fixed .*✓ reproduced/);
    expect(listed).toMatch(/silent .*\? inconclusive/);
    expect(place.shell("reprise show free").out).toMatch(/✗ conditional — holds on train\.py:2/);
  });

  test("--hold and the configuration make a factor part of the recipe", () => {
    place.shell("reprise run -q -- python3 train.py");
    expect(verify("-q --hold unseeded-rng")).toMatchObject({ code: 0, document: { verdict: "reproduced" } });
    place.put({ "reprise.toml": '[verify]\nhold = ["unseeded-rng"]\n' });
    expect(verify("-q").code).toBe(0);
    place.put({ "reprise.toml": '[verify]\nvary = "none"\n' });
    const repeated = verify("-q --replays 2");
    // Nothing was varied: that proves nothing about draws that nobody seeded.
    expect(repeated).toMatchObject({ code: 1, document: { verdict: "conditional", varied: [], agreeing: 2 } });
    expect(repeated.document.replays).toHaveLength(2);
    expect(place.shell("reprise verify -q").out).not.toContain("proved");
    place.shell("reprise run -q --seed 1 -- python3 train.py");
    expect(verify("-q").code).toBe(0);
  });

  test("progress is plain lines on standard error where nobody watches, and none with --quiet", () => {
    place.shell("reprise run -q --seed 1 -- python3 train.py");
    const loud = verify();
    expect(loud.err).toMatch(/^reprise: replaying under varied conditions\n/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they would move the cursor
    expect(loud.err).not.toMatch(/[\r\u001b]/);
    expect(verify("-q").err).toBe("");
  });

  test("what this version cannot do is wrong use, not a verdict", () => {
    for (const [line, code] of [
      ["--level statistical --vary none", "USAGE"],
      ["--level statistical --confidence 95", "USAGE"],
      ["--level excellent", "LEVEL_UNAVAILABLE"],
      ["--vary all", "VARY_UNAVAILABLE"],
      ["--vary much", "VARY_UNAVAILABLE"],
      ["--hold listing", "KIND_UNKNOWN"],
      ["--budget none", "USAGE"],
    ] as const) {
      const { code: exit, out } = place.shell(`reprise verify --json ${line}`);
      expect({ line, exit, error: (JSON.parse(out) as { error: { code: string } }).error.code }).toEqual({
        line,
        exit: 2,
        error: code,
      });
    }
  });

  test("the folders of replays go away, unless they are kept", () => {
    place.shell("reprise run -q --seed 1 -- python3 train.py");
    verify("-q");
    expect(folders()).toEqual([]);
    verify("-q --keep");
    expect(folders().length).toBeGreaterThan(0);
  });

  test("Ctrl-C stops the replay, cleans up, keeps no verdict, and is 130", async () => {
    // The run itself is quick; its replay, elsewhere, waits to be stopped.
    place.put({
      "slow.py": `import os, time\nprint("x=1", flush=True)\ntime.sleep(60 if os.getcwd() != ${JSON.stringify(place.project)} else 0)\n`,
    });
    place.shell("reprise run -q -- python3 slow.py");
    const child = place.start("reprise verify");
    for (let i = 0; i < 200 && !folders().some((name) => name.startsWith("rep")); i++) await sleep(50);
    await sleep(700);
    process.kill(child.pid, "SIGINT");
    const { code, err } = await child.ended;
    expect({ code, err }).toEqual({ code: 130, err: expect.stringContaining("stopped; no verdict is kept") as string });
    expect(folders()).toEqual([]);
    expect(place.shell("reprise ls").out).not.toMatch(/reproduced|differs|inconclusive|conditional/);
  });
});

describe("E reprise replay", () => {
  test("does it again with the recorded draws, and exits with the command's own code", () => {
    const first = place.shell("reprise run -q -- python3 train.py");
    const again = place.shell("reprise replay");
    expect(again).toMatchObject({ code: 0, out: first.out });
    expect(again.err).toContain("every result is the same");
    place.shell("reprise run -q -- sh -c 'exit 7'");
    expect(place.shell("reprise replay -q").code).toBe(7);
  });

  test("--hold holds only that; --json says what was varied and whether the results are the same", () => {
    place.shell("reprise run -q -- python3 train.py");
    const { out } = place.shell("reprise replay --json --hold hash-order");
    const document = JSON.parse(out) as { format: string; same: boolean; varied: string[]; held: string[] };
    expect(document).toMatchObject({ format: "reprise/replay@1", same: false, held: ["hash-order"] });
    expect(document.varied).toContain("unseeded-rng");
  });

  test("--into leaves the restored project there", () => {
    place.shell("reprise run -q -- python3 train.py");
    const { code, err } = place.shell("reprise replay --into again");
    expect(code).toBe(0);
    expect(err).toContain("the folder stays");
    expect(existsSync(`${place.project}/again/project/train.py`)).toBe(true);
  });

  test("an input that is gone makes it 3, and is named", () => {
    place.put({ "../data.txt": "1", "read.py": "print(open('../data.txt').read())" });
    place.shell("reprise run -q -- python3 read.py; rm ../data.txt");
    const { code, err } = place.shell("reprise replay");
    expect(code).toBe(3);
    expect(err).toMatch(/could not be made: input .*data\.txt is gone/);
  });
});
