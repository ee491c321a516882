import { chmodSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sealed, seal } from "./sealed.ts";

const TRAIN = `import csv, json, sys
rows = list(csv.DictReader(open("data/train.csv")))
scale = json.load(open("conf.json"))["model"]["scale"]
w = 0.0
for step in range(30):
    for row in rows:
        w += 0.1 * scale * (float(row["y"]) - w * float(row["x"]))
    print(f"step {step} loss={sum((float(r['y']) - w * float(r['x'])) ** 2 for r in rows):.9f}")
json.dump({"w": w}, open("model.json", "w"))
`;
const rows = ["id,x,y", ...Array.from({ length: 12 }, (_, i) => `${i},${i / 20},${i / 10}`)];
const CSV = `${rows.join("\n")}\n`;

interface Entry {
  readonly name: string;
  readonly a: unknown;
  readonly b: unknown;
  readonly change: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}
interface Diff {
  readonly same: boolean;
  readonly unknown: readonly { readonly section: string; readonly name: string; readonly a: string | null }[];
  readonly evidence: readonly unknown[];
  readonly sections: Readonly<Record<string, readonly Entry[]>>;
}

let place: Sealed;
beforeEach(() => {
  place = seal({
    "train.py": TRAIN,
    "data/train.csv": CSV,
    "conf.json": '{"model": {"scale": 1.0}}\n',
    ".gitignore": ".reprise/\nmodel.json\n",
  });
});
afterEach(() => place.remove());

const record = (name: string, command = "python3 train.py", options = ""): void => {
  const ended = place.shell(`reprise run -q --name ${name} ${options} -- ${command}`);
  expect([ended.err, ended.code]).toEqual(["", 0]);
};
const git = (line: string): void => {
  const ended = place.shell(`git ${line}`);
  expect([ended.err, ended.code]).toEqual(["", 0]);
};
const commit = (): void => {
  git("add -A");
  git("commit -qm x");
};
function diff(options = "", a = "one", b = "two"): { readonly json: Diff; readonly code: number | null } {
  const ended = place.shell(`reprise diff ${a} ${b} --json ${options}`);
  expect(ended.err).toBe("");
  return { json: JSON.parse(ended.out) as Diff, code: ended.code };
}
const named = (json: Diff, section: string, name: string): Entry | undefined =>
  json.sections[section]?.find((entry) => entry.name === name);

test("E code in hunks, data in rows, settings in keys, metrics with the first step apart", () => {
  record("one");
  place.put({
    "train.py": TRAIN.replace("w = 0.0", "w = 0.5  # warm"),
    "data/train.csv": CSV.replace("3,0.15,0.3", "3,0.15,9.5"),
    "conf.json": '{"model": {"scale": 1.5}}\n',
  });
  record("two", "python3 train.py --note hello");
  const { json, code } = diff();
  expect([json.same, code]).toEqual([false, 1]);
  expect(named(json, "code", "train.py")?.detail).toMatchObject({
    kind: "text",
    added: 1,
    removed: 1,
    hunks: [{ a: 1, b: 1, lines: expect.arrayContaining(["-w = 0.0", "+w = 0.5  # warm"]) as unknown }],
  });
  expect(named(json, "code", "data/train.csv")?.detail).toEqual({ kind: "elsewhere", section: "data" });
  expect(named(json, "data", "data/train.csv")?.detail).toMatchObject({
    kind: "table",
    rows: { a: 12, b: 12, changed: 1, added: 0, removed: 0, moved: 0 },
    first: [{ change: "changed", a: 4, b: 4, cells: [{ column: "y", a: "0.3", b: "9.5" }] }],
  });
  expect(named(json, "config", "conf.json: model.scale")).toMatchObject({ a: "1.0", b: "1.5", change: "changed" });
  expect(named(json, "config", "note")).toMatchObject({ a: null, b: "hello", change: "added" });
  expect(named(json, "outputs", "model.json")?.detail).toMatchObject({ kind: "content", agree: false, where: '["w"]' });
  expect(named(json, "metrics", "loss")?.detail).toMatchObject({ points: { a: 30, b: 30 }, first: { step: 0 } });
  expect(named(json, "data", "model.json")).toMatchObject({ change: "added", detail: { kind: "left-by", run: "a" } });
});

test("E commits, changes on top of them and files beside them are laid side by side", () => {
  git("init -q");
  commit();
  record("one");
  place.put({ "train.py": TRAIN.replace("range(30)", "range(20)"), "old.py": "gone = 1\n" });
  commit();
  place.put({ "train.py": TRAIN.replace("range(30)", "range(10)"), "beside.py": "new = 1\n" });
  rmSync(join(place.project, "old.py"));
  record("two");
  const { json } = diff();
  expect(named(json, "code", "commit")).toMatchObject({ change: "changed" });
  expect(named(json, "code", "uncommitted changes")).toMatchObject({ a: "no", b: "yes" });
  expect(named(json, "code", "train.py")?.detail).toMatchObject({ added: 1, removed: 1 });
  expect(named(json, "code", "beside.py")).toMatchObject({ change: "added", detail: { added: 1, removed: 0 } });
  expect(named(json, "code", "old.py")).toBeUndefined();
  expect(json.unknown.filter(({ section }) => section === "code")).toEqual([]);
  expect(readdirSync(place.temporary).filter((name) => name.startsWith("reprise-diff"))).toEqual([]);
});

test("E code whose commit is gone is unknown with the reason, and never the same", () => {
  git("init -q");
  commit();
  record("one");
  place.put({ "train.py": TRAIN.replace("range(30)", "range(20)") });
  commit();
  record("two");
  rmSync(join(place.project, ".git"), { recursive: true });
  // Still the project, though not a repository any more.
  const { json } = diff("--store .reprise");
  expect(json.unknown).toContainEqual(
    expect.objectContaining({
      section: "code",
      name: "tracked files",
      a: expect.stringContaining("repository is gone") as unknown,
    }),
  );
  expect(place.shell("reprise diff one two --only code --store .reprise").out).toContain(
    "? tracked files  unknown: Commit",
  );
});

test("E a secret in a commit is not shown, nor one in a file of settings", () => {
  const token = `ghp_${"a1B2c3D4e5F6g7H8i9J0".repeat(2).slice(0, 36)}`;
  git("init -q");
  place.put({ "train.py": `TOKEN = "${token}"\n${TRAIN}`, "conf.yaml": "password: hunter2-and-more\nlr: 1\n" });
  commit();
  record("one");
  place.put({
    "train.py": `TOKEN = "${token}"\nimport os\n${TRAIN}`,
    "conf.yaml": "password: hunter3-and-more\nlr: 2\n",
  });
  commit();
  record("two");
  const shown = place.shell("reprise diff one two --all");
  const all = shown.out + JSON.stringify(diff().json);
  expect(shown.out).toContain("+import os");
  expect(shown.out).toContain("conf.yaml: lr");
  for (const secret of [token, "hunter2", "hunter3"]) expect(all).not.toContain(secret);
});

test("E what was not kept and is another one now is said to be so", () => {
  writeFileSync(join(place.base, "far.csv"), CSV);
  place.put({ "read.py": "print(len(open('../far.csv').read()))\n" });
  record("one", "python3 read.py", "--store-inputs none");
  writeFileSync(join(place.base, "far.csv"), `${CSV}12,1,2\n`);
  record("two", "python3 read.py");
  const { json } = diff();
  const far = json.sections.data?.find((entry) => entry.name.endsWith("far.csv"));
  expect(far?.change).toBe("changed");
  expect(far?.detail).toEqual({
    kind: "unread",
    reason: "A: its content was not kept, and it is gone or another one now",
  });
  expect(place.shell("reprise diff one two --only data").out).toContain("not looked into: A: its content was not kept");
});

test("E outputs that differ in bytes alone are the same, and what was set aside is listed", () => {
  const script = `import gzip, sys
with gzip.GzipFile("out.gz", "wb", mtime=int(sys.argv[1])) as file: file.write(b"result")
`;
  place.put({ "pack.py": script });
  record("one", "python3 pack.py 100");
  record("two", "python3 pack.py 200");
  const { json, code } = diff("--only outputs");
  expect([json.same, code, json.sections]).toEqual([true, 0, { outputs: [] }]);
  expect(json.evidence).toContainEqual(expect.objectContaining({ name: "out.gz", agree: true, how: "content" }));
  expect(place.shell("reprise diff one two").out).toContain("= out.gz  the same; set aside: gzip");
});

test("E exit codes and what was printed are results", () => {
  place.put({ "say.py": "import sys\nprint(sys.argv[1])\nsys.exit(int(sys.argv[2]))\n" });
  for (const [name, line] of [
    ["one", "a 0"],
    ["two", "b 0"],
    ["three", "a 3"],
  ] as const)
    place.shell(`reprise run -q --name ${name} -- python3 say.py ${line}`);
  expect(named(diff().json, "outputs", "standard output")?.detail).toMatchObject({ where: "line 1", a: "a", b: "b" });
  const { json, code } = diff("", "one", "three");
  expect([named(json, "outputs", "exit"), code]).toEqual([{ name: "exit", a: 0, b: 3, change: "changed" }, 1]);
});

test("E some sections alone; wrong use and unknown runs have a hint", () => {
  record("one");
  expect(Object.keys(diff("--only data,code", "one", "one").json.sections)).toEqual(["code", "data"]);
  const wrong = place.shell("reprise diff one one --only cod");
  expect([wrong.code, wrong.err]).toEqual([2, "reprise: --only cod: no such section\n  try: --only code\n"]);
  expect(place.shell("reprise diff one one --only ,").code).toBe(2);
  const missing = place.shell("reprise diff one nobody");
  expect([missing.code, missing.err]).toEqual([6, "reprise: no run is called 'nobody'\n  try: reprise ls\n"]);
});

test("E it fits the terminal, does without colours and blocks, and obeys nothing that a file holds", () => {
  const evil = "x = '\u001b[2Jboo\u202e'\n";
  record("one");
  place.put({ "train.py": `${evil}${"# a long line of words ".repeat(20)}\n${TRAIN.replace("w = 0.0", "w = 0.3")}` });
  record("two");
  for (const columns of [80, 200]) {
    const { out } = place.shell("reprise diff one two", { COLUMNS: String(columns) });
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(out).toContain("\\x1b[2Jboo\\u202e");
    expect(out).toMatch(/A [0-9]{20,}/);
  }
  const plain = place.shell("reprise diff one two", { LANG: "C", LC_ALL: "C" }).out;
  expect(plain.split("").filter((char) => char.charCodeAt(0) > 127)).toEqual([]);
});

test("E settings whose content is gone or damaged are unknown, and no result of a run is taken for settings", () => {
  record("one");
  place.put({ "conf.json": '{"model": {"scale": 2.0}}\n' });
  record("two");
  const before = diff().json;
  expect(before.sections.config?.map(({ name }) => name)).toEqual(["conf.json: model.scale"]);
  const digest = String(named(before, "data", "conf.json")?.a).slice(7);
  const object = join(place.project, ".reprise/objects", digest.slice(0, 2), digest.slice(2));
  chmodSync(object, 0o644);
  writeFileSync(object, "broken");
  const { json } = diff();
  expect(json.sections.config).toEqual([]);
  expect(json.unknown).toContainEqual({
    section: "config",
    name: "conf.json",
    a: expect.stringContaining("is damaged") as unknown,
    b: null,
  });
  expect(named(json, "data", "conf.json")?.detail).toMatchObject({ kind: "unread" });
  rmSync(object);
  expect(place.shell("reprise diff one two").out).toContain("? conf.json  unknown: A: its content was not kept");
});

test("E an imported module that git ignores is part of the code", () => {
  git("init -q");
  place.put({
    ".gitignore": ".reprise/\nmodel.json\nlocal.py\n__pycache__/\n",
    "local.py": "rate = 1\n",
    "train.py": `import local\n${TRAIN}`,
  });
  commit();
  record("one");
  place.put({ "local.py": "rate = 22\n" });
  record("two");
  expect(named(diff().json, "code", "local.py")).toMatchObject({ change: "changed", detail: { kind: "unread" } });
});

test("E code that is the same but for secrets that were cut out is not said to be the same", () => {
  const secret = (digit: string): string =>
    `TOKEN = "ghp_${`a1B2c3D4e5F6g7H8i${digit}J0`.repeat(2).slice(0, 36)}"\n${TRAIN}`;
  place.put({ "train.py": secret("1") });
  record("one");
  place.put({ "train.py": secret("2") });
  record("two");
  const { json } = diff();
  expect(named(json, "code", "train.py")).toBeUndefined();
  expect(json.unknown).toContainEqual(
    expect.objectContaining({ section: "code", name: "train.py", a: expect.stringContaining("cut out") as unknown }),
  );
});

test("E a replay in its own folder differs from its run in the folder alone", () => {
  record("one", "python3 train.py --note x");
  const replayed = JSON.parse(place.shell("reprise replay one -q --json").out) as {
    readonly replay: { readonly id: string };
  };
  const { json, code } = diff("", "one", replayed.replay.id);
  expect([json.same, code]).toEqual([true, 0]);
  for (const section of ["code", "data", "config", "seeds", "hardware", "outputs", "metrics"])
    expect([section, json.sections[section]]).toEqual([section, []]);
  expect(json.sections.command?.map(({ name }) => name)).toEqual(["project"]);
});

test("E what was forced on a run is part of its configuration", () => {
  record("one");
  const ended = place.shell("reprise run -q --name two --deterministic warn -- python3 train.py");
  expect([ended.err, ended.code]).toEqual(["", 0]);
  const { json } = diff("--only config");
  expect(named(json, "config", "determinism policy")).toEqual({
    name: "determinism policy",
    a: "off",
    b: "warn",
    change: "changed",
  });
});

test("E an empty file that came is no secret", () => {
  record("one");
  place.put({ "__init__.py": "" });
  record("two");
  expect(named(diff().json, "code", "__init__.py")).toMatchObject({
    change: "added",
    detail: { kind: "text", added: 0 },
  });
});

test("E a file that was renamed, and one that was made executable, are told in a word", () => {
  place.put({ "part.py": "x = 1\n".repeat(40), "go.sh": "echo\n" });
  record("one");
  renameSync(join(place.project, "part.py"), join(place.project, "piece.py"));
  chmodSync(join(place.project, "go.sh"), 0o755);
  record("two");
  const { json } = diff("--only code");
  expect(named(json, "code", "piece.py")?.detail).toEqual({ kind: "renamed", path: "part.py" });
  const go = named(json, "code", "go.sh");
  expect(go).toMatchObject({ change: "changed", b: `${String(go?.a)} executable` });
  const { out } = place.shell("reprise diff one two --only code");
  expect(out).toContain("renamed from part.py");
  expect(out).toContain(" executable\n");
});

test("E of a replay that was stopped where it parted nothing is said of what came after, whichever side it is", () => {
  place.put({ "free.py": `import random\nw = random.random()\n${TRAIN.replace("w = 0.0", "")}print("end=1")\n` });
  record("one", "python3 free.py");
  const verdict = JSON.parse(place.shell("reprise verify one -q --json --replays 1").out) as {
    readonly replays: readonly string[];
  };
  const [first = ""] = verdict.replays;
  for (const [a, b] of [
    ["one", first],
    [first, "one"],
  ] as const) {
    const { json, code } = diff("", a, b);
    expect([json.same, code]).toEqual([false, 1]);
    expect(json.sections.outputs).toEqual([]);
    expect(json.sections.metrics?.map(({ name }) => name)).toEqual(["loss"]);
    expect(json.unknown.map(({ section, name }) => `${section} ${name}`)).toContain("outputs everything after it");
  }
});
