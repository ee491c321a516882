import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "#record";
import type { Objects, RunBegin, Runs } from "#store";
import { code } from "../store/error-code.ts";
import { recordNaming, sampleRecord } from "../store/sample-record.ts";

export interface MetadataUnderTest {
  readonly runs: Runs;
  readonly objects: Objects;
  readonly close: () => void;
}

const A = "01930000-0000-7000-8000-00000000000a";
const B = "01930000-0001-7000-8000-00000000000b";
const C = "01940000-0001-7000-8000-0000000000bc";
const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const begin = (changes: Partial<RunBegin> = {}): RunBegin => ({
  name: null,
  startedAt: at(0),
  argv: ["python", "train it.py", "--it's"],
  replayOf: null,
  ...changes,
});

/** What every keeper of records must do. */
export function metadataConformance(name: string, make: (folder: string) => MetadataUnderTest): void {
  describe(`metadata: ${name}`, () => {
    let folder: string;
    let made: MetadataUnderTest;
    let runs: Runs;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "reprise-metadata-"));
      made = make(folder);
      runs = made.runs;
    });
    afterEach(() => {
      made.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const three = (): void => {
      runs.commit(sampleRecord(A, { startedAt: at(1), name: "base" }));
      runs.commit(sampleRecord(B, { startedAt: at(2), name: "base", status: "failed", exitCode: 3 }));
      runs.commit(
        sampleRecord(C, { startedAt: at(3), replay: { of: A, varied: [], held: [] }, name: null, seconds: 2.5 }),
      );
    };

    test("a record comes back as it was", () => {
      const record = sampleRecord(A, { tags: { z: "1", a: "zażółć" } });
      runs.commit(record);
      expect(runs.get(A)).toEqual(record);
      expect(runs.find(A)).toEqual({
        id: A,
        name: null,
        startedAt: record.startedAt,
        status: "completed",
        exitCode: 0,
        seconds: 1,
        command: "python train.py",
        replayOf: null,
      });
    });

    test("no second record under an id", () => {
      runs.commit(sampleRecord(A));
      expect(() => runs.commit(sampleRecord(A, { seconds: 2 }))).toThrow(code("RUN_EXISTS"));
      expect(() => runs.begin(A, begin())).toThrow(code("RUN_EXISTS"));
      expect(runs.get(A).seconds).toBe(1);
    });

    test("objects first, record last: a record whose object is missing is refused whole", () => {
      const there = made.objects.put("there");
      runs.begin(A, begin());
      expect(() => runs.commit(recordNaming(A, [there, digestOf("not there")]))).toThrow(code("STORE_MISSING_OBJECT"));
      expect(runs.list()).toEqual([]);
      expect(runs.unfinished()).toHaveLength(1);
      made.objects.put("not there");
      runs.commit(recordNaming(A, [there, digestOf("not there")]));
      expect(runs.unfinished()).toEqual([]);
    });

    test("digests that were only looked at need no object", () => {
      const inputs = [
        { path: "d", scope: "project", bytes: 1, digest: digestOf("x"), stored: false, seen: ["hook"] },
      ] as const;
      runs.commit(sampleRecord(A, { inputs }));
      expect(runs.get(A).inputs).toEqual(inputs);
    });

    test("a run that began is visible, with a folder, until it is committed", () => {
      const place = runs.begin(A, begin({ name: "n", details: { why: "test" } }));
      expect(place).toBe(runs.folder(A));
      expect(readdirSync(place)).toEqual(["begin.json"]);
      expect(JSON.parse(readFileSync(join(place, "begin.json"), "utf8"))).toMatchObject({ id: A, name: "n" });
      expect(runs.unfinished()).toEqual([
        expect.objectContaining({
          id: A,
          name: "n",
          state: "running",
          pid: process.pid,
          folder: place,
          command: `python 'train it.py' '--it'\\''s'`,
        }),
      ]);
      expect(() => runs.find(A)).toThrow(code("RUN_UNFINISHED"));
      expect(() => runs.find("n")).toThrow(code("RUN_UNFINISHED"));
      expect(() => runs.remove(A)).toThrow(code("RUN_RUNNING"));
      runs.commit(sampleRecord(A));
      expect(existsSync(place)).toBe(false);
      expect(runs.unfinished()).toEqual([]);
    });

    test("a run whose process is gone is broken, and can be removed", () => {
      const place = runs.begin(A, begin({ pid: 2 ** 22 + 1 }));
      expect(runs.unfinished()).toMatchObject([{ id: A, state: "broken" }]);
      runs.remove(A);
      expect(runs.unfinished()).toEqual([]);
      expect(existsSync(place)).toBe(false);
    });

    test.each(["../escape", "", ".", "a/b", "a\0b", "x".repeat(300)])("%j is no id for a folder", (id) => {
      expect(() => runs.begin(id, begin())).toThrow(code("INTERNAL"));
    });

    test("lists are newest first, replays only when asked for", () => {
      three();
      expect(runs.list().map(({ id }) => id)).toEqual([B, A]);
      expect(runs.list({ includeReplays: true }).map(({ id }) => id)).toEqual([C, B, A]);
      expect(runs.list({ includeReplays: true, limit: 1 }).map(({ id }) => id)).toEqual([C]);
      expect(runs.list({ replaysOf: A })).toMatchObject([{ id: C, replayOf: A, seconds: 2.5 }]);
      expect(runs.list({ limit: 1 })).toMatchObject([{ status: "failed", exitCode: 3 }]);
    });

    test("RUN: id, name (the latest of that name), unique beginning or ending, @last", () => {
      three();
      const found = (ref: string): string => runs.find(ref).id;
      expect(found(A)).toBe(A);
      expect(found("base")).toBe(B);
      expect(found("0194")).toBe(C);
      expect(found("01930000-0000")).toBe(A);
      expect(found("019300000001")).toBe(B);
      expect(found("0000BC")).toBe(C);
      expect(found("@last")).toBe(B);
      expect(found("@last~0")).toBe(B);
      expect(found("@last~1")).toBe(A);
      expect(runs.get("base").id).toBe(B);
    });

    test("RUN that is unknown or ambiguous", () => {
      expect(() => runs.find("@last")).toThrow("no runs in this store yet");
      three();
      for (const ref of ["@last~2", "019", "0a", "nothing", "", "%", "____", "@last~x", "base'--"]) {
        expect(() => runs.find(ref), ref).toThrow(code("RUN_UNKNOWN"));
      }
      expect(() => runs.find("@last~2")).toThrow("@last~1 is the first");
      expect(() => runs.find("0193")).toThrow(code("RUN_AMBIGUOUS"));
      expect(() => runs.find("0193")).toThrow(A);
      expect(() => runs.find("0193")).toThrow(B);
    });

    test("a removed run is gone with its facts; its replay stays and names it", () => {
      three();
      runs.addFact(A, "note", "x");
      runs.remove(A);
      expect(() => runs.find(A)).toThrow(/was removed on/);
      expect(runs.facts(A)).toEqual([]);
      expect(runs.get(C).replay?.of).toBe(A);
      expect(runs.list({ replaysOf: A })).toHaveLength(1);
      expect(() => runs.remove(A)).toThrow(code("RUN_UNKNOWN"));
    });

    test("facts are added, in order, and only to runs that are there", () => {
      three();
      const first = runs.addFact(A, "tag", { key: "k", value: "v" });
      const second = runs.addFact(A, "note", ["n", null, 1.5]);
      runs.addFact(B, "tag", true);
      expect(runs.facts(A)).toEqual([first, second]);
      expect(runs.facts(A, "note")).toEqual([second]);
      expect(second.seq).toBeGreaterThan(first.seq);
      expect(() => runs.addFact("nobody", "tag", 1)).toThrow(code("RUN_UNKNOWN"));
    });
  });
}
