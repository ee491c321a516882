import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RepriseError, type VerifyDocument } from "#record";
import { exportRun, readColleague } from "#replay";
import { shownOn } from "../../../src/replay/level/document.ts";
import { folderProject, PYTHON } from "../../run/project.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures/export");
const v1 = readFileSync(join(FIXTURES, "v1.json"));

test("a file of the first version still loads, packed or not, with what its results hold", () => {
  for (const bytes of [v1, gzipSync(v1)]) {
    const { side, verified } = readColleague("v1.json", bytes);
    // It does not say whether anything varied.
    expect(verified).toBe(false);
    expect(side.run.metrics[0]?.points).toEqual([{ step: 0, value: Number.NaN }]);
    const { stdout } = side.run;
    const digest = "digest" in stdout ? stdout.digest : null;
    const reader = digest === null ? null : side.open(digest);
    expect(Buffer.from(reader?.read(0, reader.length) ?? []).toString()).toBe("loss=nan\n");
  }
});

test("a verdict counts for the run's own machine where its name, or all that may matter of it, is the same", () => {
  const { run } = readColleague("v1.json", v1).side;
  const { hostname } = run.hardware;
  const said = { verdict: "reproduced", level: "numerical", varied: ["seed"], replays: ["x"], agreeing: 1, reason: "" };
  const verified = (where: object): boolean => {
    const document = { ...(JSON.parse(v1.toString()) as object), verdict: { ...said, ...where } };
    return readColleague("x.json", Buffer.from(JSON.stringify(document))).verified;
  };
  const shown = shownOn(run);
  const other = { ...shown, cpu: "another" };
  expect(verified({ hostname: "pod-2", shownOn: shown })).toBe(true);
  expect(verified({ hostname, shownOn: other })).toBe(true);
  expect(verified({ hostname: "pod-2", shownOn: other })).toBe(false);
});

test("that a run parted under equal conditions decides after that it agreed under others; that it agreed does not", async () => {
  const project = folderProject({ "train.py": "print('loss=1')\n" });
  const run = await project.run([PYTHON, "train.py"]);
  const said = (verdict: string, varied: readonly string[]): VerifyDocument =>
    ({
      asked: "numerical",
      level: verdict === "reproduced" ? "numerical" : "none",
      verdict,
      varied,
      replays: ["x"],
    }) as never;
  const [varied, equal, parted] = [said("reproduced", ["seed"]), said("reproduced", []), said("differs", [])];
  const last = (...all: VerifyDocument[]) => exportRun(project.store, run, "0.1.0", all).verdict;
  expect(last(varied, equal)).toMatchObject({ verdict: "reproduced", varied: ["seed"] });
  expect(last(varied, parted)).toMatchObject({ verdict: "differs" });
  expect(last(varied, parted, equal)).toMatchObject({ verdict: "differs" });
  expect(last(parted, varied)).toMatchObject({ verdict: "reproduced", varied: ["seed"] });
  project.remove();
});

test("what unpacks to more than is ever read is refused, in little memory", () => {
  const bomb = gzipSync(Buffer.alloc(300 << 20));
  expect(() => readColleague("bomb.json.gz", bomb)).toThrow(/larger than 256 MiB/);
});

test("a file with anything missing or changed loads or is refused as no export, and never breaks the reader", () => {
  const document = JSON.parse(v1.toString()) as Record<string, Record<string, unknown>>;
  const junk = fc.constantFrom<unknown>(null, 3, "x", [], {}, [null], [{}], { digest: 5 }, { unknown: 1 });
  const top = fc.constantFrom(...Object.keys(document));
  const inner = fc.constantFrom(...Object.keys(document["record"] ?? {}));
  fc.assert(
    fc.property(
      fc.oneof(
        top.map((key) => [key]),
        inner.map((key) => ["record", key]),
      ),
      junk,
      ([first = "", second], value) => {
        const changed = structuredClone(document);
        if (second === undefined) (changed as Record<string, unknown>)[first] = value;
        else (changed[first] ?? {})[second] = value;
        try {
          readColleague("x.json", Buffer.from(JSON.stringify(changed)));
        } catch (error) {
          expect(error).toBeInstanceOf(RepriseError);
          expect((error as RepriseError).code).toBe("EXPORT_INVALID");
        }
      },
    ),
    { numRuns: 300 },
  );
});
