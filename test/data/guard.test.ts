import { afterEach, beforeEach, expect, test } from "vitest";
import { guardData, requireSameData } from "#data";
import { digestOf, type InputFile, type RunRecord, unknown } from "#record";
import { sampleRecord } from "../store/sample-record.ts";
import { type DataFolder, dataFolder } from "./folder.ts";

let at: DataFolder;
beforeEach(() => {
  at = dataFolder();
});
afterEach(() => at.remove());

const ARGV = ["python", "train.py"];

const input = (path: string, digest: InputFile["digest"]): InputFile => ({
  path,
  scope: "project",
  bytes: 1,
  digest,
  stored: false,
  seen: ["hook"],
});

function ran(inputs: RunRecord["inputs"]): void {
  const command = { argv: ARGV, executable: unknown("a test"), cwd: at.data, project: at.data, workdir: "" };
  at.store.runs.commit(sampleRecord("a-run", { command, inputs }));
}

const guard = () => guardData(at.store, { project: at.data, argv: ARGV, env: {} });

test("only what is known to be as it was counts as such", () => {
  at.put({ "a.csv": "1", "b.csv": "2" });
  ran([input("a.csv", digestOf("1")), input("b.csv", unknown("it changed while it was read"))]);
  const report = guard();
  expect(report).toMatchObject({ same: 1, findings: [{ path: "b.csv", change: "unknown" }] });
  requireSameData(report);
});

test("what changed, is gone or may not be read holds the run up; not what the run may have taken away itself", () => {
  at.put({ "a.csv": "other", "d.csv/a-file-in-its-place": "1" });
  const one = digestOf("1");
  ran([input("a.csv", one), input("b.csv", one), input("c.csv", unknown("it does not exist")), input("d.csv", one)]);
  const report = guard();
  expect(report).toMatchObject({ same: 0 });
  expect(report.findings).toEqual([
    { path: "a.csv", change: "changed" },
    { path: "b.csv", change: "gone" },
    { path: "c.csv", change: "unknown" },
    { path: "d.csv", change: "unreadable" },
  ]);
  expect(() => requireSameData(report)).toThrow("a.csv (changed), b.csv (gone), d.csv (unreadable); nothing");
});

test("a run of which nobody knows what it read holds nothing up, and vouches for nothing", () => {
  ran(unknown("it was not watched"));
  expect(guard()).toMatchObject({ same: null, findings: [] });
});
