import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { canonicalJson, isDigest, isUnknown, knownOr, parseRecord, RECORD_FORMAT, RepriseError } from "#record";
import { sampleRecord } from "../store/sample-record.ts";
import { schemaFaults } from "./schema.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/record");
const fixture = (name: string): string => readFileSync(join(FIXTURES, name), "utf8");
const ID = "01930000-0000-7000-8000-00000000000a";

function errorOf(text: string): RepriseError {
  try {
    parseRecord(text);
  } catch (error) {
    if (error instanceof RepriseError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

describe("records of every version", () => {
  test.each(readdirSync(FIXTURES))("%s still loads, as the schema says", (name) => {
    const record = parseRecord(fixture(name));
    expect(schemaFaults(record)).toEqual([]);
    expect(JSON.parse(canonicalJson(record))).toEqual(JSON.parse(fixture(name)));
  });

  test("v1: a run as it was", () => {
    const record = parseRecord(fixture("v1.json"));
    expect(record).toMatchObject({ name: "line", tags: { data: "v2" }, status: "completed", exitCode: 0 });
    expect(record.command.argv.at(-1)).toBe("<redacted:token:1>");
    expect(record.code).toMatchObject({ kind: "git", branch: "main", dirty: true });
    expect(knownOr(record.inputs, []).map((file) => file.path)).toEqual(["data/a.csv", "data/b.csv", "history.log"]);
    expect(knownOr(record.outputs, []).every((file) => !isUnknown(file.digest) && isDigest(file.digest))).toBe(true);
    expect(knownOr(record.entropy, []).map((one) => `${one.kind} ${one.file}:${one.line}`)).toContain(
      "generator train.py:11",
    );
  });

  test("facts that could not be had are no fault", () => {
    expect(schemaFaults(sampleRecord(ID))).toEqual([]);
    expect(parseRecord(canonicalJson(sampleRecord(ID)))).toEqual(sampleRecord(ID));
  });

  test("fields that came later are kept", () => {
    const record = { ...sampleRecord(ID), energy: { joules: 3 } };
    expect(parseRecord(JSON.stringify(record))).toEqual(record);
    expect(schemaFaults(record)).toEqual([]);
  });
});

describe("the schema", () => {
  const faults = (changes: object): string[] => schemaFaults({ ...sampleRecord(ID), ...changes });
  test.each([
    ["a field is missing", { seconds: undefined }],
    ["a status nobody knows", { status: "fine" }],
    ["a digest of another kind", { stdout: { digest: "md5:00", bytes: 1, redacted: 0 } }],
    ["a reason that is empty", { code: { unknown: "" } }],
    ["a time that is not UTC", { startedAt: "2026-01-02T03:04:05+01:00" }],
    ["an id of another kind", { id: "run-1" }],
    [
      "a variable with both its value and its digest",
      { variables: [{ name: "A", value: "1", hmac: "00", reason: "secret" }] },
    ],
    ["a negative time", { seconds: -1 }],
    ["an exit code that no process has", { exitCode: 256 }],
  ])("objects to %s", (_name, changes) => {
    expect(faults(changes)).not.toEqual([]);
  });
});

describe("what is refused", () => {
  test("a record of a newer version, with the way out", () => {
    const error = errorOf(JSON.stringify({ ...sampleRecord(ID), format: "reprise/record@2" }));
    expect(error).toMatchObject({ code: "RECORD_NEWER", kind: "storage", hint: "npm install --global reprise@latest" });
    expect(error.message).toBe(
      `the record of the run ${ID} was written by a newer Reprise (reprise/record@2, this one knows ${RECORD_FORMAT})`,
    );
  });

  test("newer also when it has none of the fields of today", () => {
    expect(errorOf('{"format":"reprise/record@99"}')).toMatchObject({
      code: "RECORD_NEWER",
      message: expect.stringMatching(/^the record was/) as string,
    });
  });

  test.each([
    ["no JSON", "{", /it is not JSON$/],
    ["nothing", "", /it is not JSON$/],
    ["another kind of JSON", "[]", /it is not a JSON object$/],
    ["null", "null", /it is not a JSON object$/],
    ["no format", "{}", /it names no format of a record$/],
    ["another document's format", '{"format":"reprise/verify@1"}', /it names no format of a record$/],
    ["version 0", '{"format":"reprise/record@0"}', /it names no format of a record$/],
    [
      "a field missing",
      JSON.stringify({ ...sampleRecord(ID), inputs: undefined }),
      /its inputs is nothing, not array or object$/,
    ],
    [
      "a field of another kind",
      JSON.stringify({ ...sampleRecord(ID), metrics: {} }),
      /its metrics is object, not array$/,
    ],
  ])("%s", (_name, text, why) => {
    const error = errorOf(text);
    expect(error).toMatchObject({ code: "RECORD_INVALID", kind: "storage" });
    expect(error.message).toMatch(why);
  });
});
