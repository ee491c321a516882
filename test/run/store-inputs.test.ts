import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { restoreInputs } from "#data";
import { type InputFile, isUnknown, knownOr, type RunRecord } from "#record";
import { gitProject, type Project, PYTHON } from "./project.ts";

let project: Project;
let outside: string;
beforeEach(() => {
  outside = mkdtempSync(join(homedir(), "reprise-outside-"));
});
afterEach(() => {
  project.remove();
  rmSync(outside, { recursive: true, force: true });
});

const input = (record: RunRecord, path: string): InputFile | undefined =>
  knownOr(record.inputs, []).find((file) => file.path === path);
const stored = (record: RunRecord): Record<string, boolean> =>
  Object.fromEntries(knownOr(record.inputs, []).map((file) => [file.path.replace(outside, "OUT"), file.stored]));
const table = (rows: number): string => Array.from({ length: rows }, (_, row) => `${row},${row % 97},name\n`).join("");

function make(): void {
  project = gitProject({
    "x.py": "import sys\nfor path in sys.argv[1:]: open(path, 'rb').read()\n",
    ".gitignore": "*.dat\n",
    "tracked.csv": "1\n",
  });
  project.put({ "small.dat": "2\n", "large.dat": table(800_000) });
  writeFileSync(join(outside, "small.csv"), "3\n");
  writeFileSync(join(outside, "large.csv"), table(200_000));
  writeFileSync(join(outside, "key.txt"), "key = sk-1234567890abcdefghijklmnopqrstuvwxyz123456\n");
}
const files = (): string[] => [
  "tracked.csv",
  "small.dat",
  "large.dat",
  ...["small.csv", "large.csv", "key.txt"].map((name) => join(outside, name)),
];

test.each([
  [
    "auto",
    { "small.dat": true, "large.dat": false, "tracked.csv": false, "OUT/small.csv": true, "OUT/large.csv": false },
  ],
  ["all", { "small.dat": true, "large.dat": true, "tracked.csv": true, "OUT/small.csv": true, "OUT/large.csv": true }],
  [
    "none",
    { "small.dat": false, "large.dat": false, "tracked.csv": false, "OUT/small.csv": false, "OUT/large.csv": false },
  ],
] as const)("--store-inputs %s keeps what it says, and never a secret", async (storeInputs, kept) => {
  make();
  const record = await project.run([PYTHON, "x.py", ...files()], { storeInputs });
  expect(stored(record)).toEqual({ ...kept, "OUT/key.txt": false });
  for (const { digest } of knownOr(record.inputs, [])) expect(isUnknown(digest)).toBe(false);
});

test("with all of them kept a run's data comes back to another place when nothing of it is left", async () => {
  make();
  const record = await project.run([PYTHON, "x.py", ...files().slice(0, -1)], { storeInputs: "all" });
  const large = input(record, "large.dat")?.digest;
  expect(typeof large === "string" && large.startsWith("sha256:")).toBe(true);
  const pieces = large === undefined || isUnknown(large) ? null : project.store.objects.piecesOf(large);
  expect(pieces?.length).toBeGreaterThan(20);
  const wanted = readFileSync(join(project.root, "large.dat"), "utf8");
  rmSync(join(project.root, "large.dat"));
  rmSync(outside, { recursive: true });
  const to = join(mkdtempSync(join(tmpdir(), "reprise-again-")), "data");
  const { written, missing } = restoreInputs(project.store, record, { to });
  expect(missing).toEqual([]);
  expect(written).toHaveLength(5);
  expect(readFileSync(join(to, "large.dat"), "utf8")).toBe(wanted);
  expect(readFileSync(join(to, "outside", outside, "small.csv"), "utf8")).toBe("3\n");
  rmSync(to, { recursive: true });
});

test("what was not kept and is gone, or is another file now, is named with its reason", async () => {
  make();
  const record = await project.run([PYTHON, "x.py", ...files()], { storeInputs: "none" });
  rmSync(join(project.root, "large.dat"));
  writeFileSync(join(outside, "small.csv"), "4\n");
  const { written, unchanged, missing } = restoreInputs(project.store, record);
  expect(written).toEqual([]);
  expect(unchanged).toHaveLength(4);
  expect(Object.fromEntries(missing.map(({ path, why }) => [path.replace(outside, "OUT"), why]))).toEqual({
    "large.dat": "not kept, and gone",
    "OUT/small.csv": "not kept, and changed since",
  });
});
