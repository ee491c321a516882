import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readScalars, readWandbLog, Unreadable } from "#content";
import { type Imported, importRuns } from "#imports";
import { digestOf, type ForeignTool, isUnknown, knownOr, RepriseError, type RunRecord, writtenMetrics } from "#record";
import { compareRuns, diffRuns, verify } from "#replay";
import { openStore, type Store } from "#store";
import { schemaFaults } from "../record/schema.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/imports");
let work: string;
let store: Store;

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "imports-"));
  cpSync(FIXTURES, join(work, "in"), { recursive: true });
  writeFileSync(join(work, "in/mlflow.db"), gunzipSync(readFileSync(join(FIXTURES, "mlflow.db.gz"))));
  store = openStore(join(work, "store"), { create: true });
});
afterEach(() => {
  store.close();
  rmSync(work, { recursive: true, force: true });
});

const at = (...path: string[]): string => join(work, "in", ...path);
const take = (tool: ForeignTool, path: string, into?: string): Imported[] =>
  importRuns({
    tool,
    path: at(path),
    cwd: work,
    store,
    env: {},
    version: "test",
    ...(into === undefined ? {} : { into }),
  });
const records = (): RunRecord[] => store.runs.list().map(({ id }) => store.runs.get(id));
const record = (name: string): RunRecord => store.runs.get(name);
const values = (run: RunRecord, name: string): (readonly [number | null, number])[] =>
  run.metrics.find((one) => one.name === name)?.points.map(({ step, value }) => [step, value] as const) ?? [];
const params = (run: RunRecord): Record<string, string> =>
  Object.fromEntries(run.params.map(({ name, value }) => [name, value]));
const halves = [0, 1, 2, 3, 4].map((step) => [step, 1 / (step + 1)] as const);

describe("runs of other tools", () => {
  test.each([["mlruns"], ["mlflow.db"]])("MLflow: %s", (path) => {
    expect(
      take("mlflow", path)
        .map(({ name, state }) => `${name} ${state}`)
        .toSorted(),
    ).toEqual(["broken new", "net-1 new", "net-2 new"]);
    const run = record("net-1");
    expect(values(run, "loss")).toEqual(halves);
    expect(values(run, "nan")).toEqual([[1, Number.NaN]]);
    expect(values(run, "val/acc")).toEqual([[0, 0.5]]);
    expect(params(run)).toEqual({ lr: "0.1", depth: "3", note: "a: b" });
    expect(run.tags).toMatchObject({ team: "blue", experiment: "wine" });
    expect(run.code).toMatchObject({ kind: "git", commit: "0123456789abcdef0123456789abcdef01234567" });
    expect(run.status).toBe("completed");
    expect(record("broken").status).toBe("failed");
    expect(run.seconds).toBeGreaterThan(0);
    expect(run.imported?.unknown.command).toMatch(/MLflow does not record the command line/);
  });

  test("W&B, from the log that it keeps offline", () => {
    take("wandb", "wandb", "sweep");
    const run = record("net-1");
    expect(values(run, "loss")).toEqual(halves);
    expect(values(run, "val.acc")).toEqual([0, 1, 2, 3, 4].map((step) => [step, step * 0.25]));
    expect(values(run, "late")).toEqual([[9, Number.POSITIVE_INFINITY]]);
    expect(run.metrics.map(({ name }) => name)).not.toContain("text");
    expect(params(run)).toEqual({ lr: "0.1", "net.depth": "3" });
    expect(run.tags).toMatchObject({ blue: "true", notes: "a note", experiment: "sweep" });
    expect(run.command.argv.slice(1)).toEqual(["/tmp/example/wandb/../make.py", "wandb", "."]);
    expect([run.status, run.exitCode]).toEqual(["completed", 0]);
    expect(isUnknown(run.stdout) ? "" : Buffer.from(store.objects.read(run.stdout.digest)).toString()).toBe(
      "epoch done\n",
    );
  });

  test("TensorBoard, with hyperparameters", () => {
    take("tensorboard", "tensorboard");
    expect(values(record("net-1"), "loss").map(([step, value]) => [step, Math.fround(value)])).toEqual(
      halves.map(([step, value]) => [step, Math.fround(value)]),
    );
    expect(values(record("net-1"), "acc")).toEqual([[3, Number.NaN]]);
    expect(params(record("net-2/hp"))).toEqual({ lr: "0.2", opt: "sgd", fast: "true" });
    expect(record("net-1").status).toBe("unknown");
  });

  test("Sacred, with the sources that it kept", () => {
    take("sacred", "sacred");
    const run = record("wine-1");
    expect(values(run, "loss")).toEqual([0.1, 0.05, 0.1 / 3, 0.025, 0.02].map((value, step) => [step, value]));
    expect(params(run)).toMatchObject({ lr: "0.1", "net.depth": "4" });
    expect(run.command.argv).toEqual(["python", "train.py", "main", "with", "net.depth=4"]);
    const code = knownOr(run.code, null);
    const file = code?.kind === "snapshot" ? code.files[0] : undefined;
    expect([file?.path, file?.stored]).toEqual(["train.py", true]);
  });

  test("DVC: DVCLive's series, and a pipeline's lock", () => {
    take("dvc", "dvclive");
    expect(values(record("dvclive"), "train/loss")).toEqual(halves);
    expect(values(record("dvclive"), "acc").at(-1)).toEqual([4, 1]);
    expect(params(record("dvclive"))).toEqual({ lr: "0.1", "net.depth": "3" });
    mkdirSync(at("pipe"));
    const put = (name: string, text: string): void => writeFileSync(at("pipe", name), text);
    put("data.csv", "1,2\n");
    put("gone.csv", "other now\n");
    put("model.txt", "w");
    put("scores.json", '{"auc": 0.5, "by": {"class": 1}}');
    put("dvc.yaml", "stages:\n  train:\n    cmd: python train.py\n    metrics: [scores.json]\n");
    put(
      "dvc.lock",
      "schema: '2.0'\nstages:\n  train:\n    cmd: python train.py\n    deps:\n    - {path: data.csv, md5: 8a6a5ad0c3e50e06fdf0b2a5f0a4b7a1}\n    - {path: gone.csv, md5: 0}\n    params:\n      params.yaml:\n        lr: 0.5\n        net.depth: 2\n    outs:\n    - {path: model.txt, md5: x}\n",
    );
    take("dvc", "pipe");
    const run = record("pipe");
    expect(values(run, "auc")).toEqual([[null, 0.5]]);
    expect(values(run, "by.class")).toEqual([[null, 1]]);
    expect(params(run)).toEqual({ lr: "0.5", "net.depth": "2" });
    expect(run.command.argv).toEqual(["dvc", "repro"]);
    expect(knownOr(run.outputs, []).map(({ path, digest }) => [path, digest])).toEqual([["model.txt", digestOf("w")]]);
    expect(knownOr(run.inputs, []).map(({ digest }) => isUnknown(digest))).toEqual([true, true]);
  });

  test("are whole records, with artifacts by digest and without secrets", () => {
    for (const [tool, path] of [
      ["mlflow", "mlruns"],
      ["wandb", "wandb"],
      ["tensorboard", "tensorboard"],
      ["sacred", "sacred"],
      ["dvc", "dvclive"],
    ] as const)
      take(tool, path);
    for (const run of records()) expect(schemaFaults({ ...run, metrics: writtenMetrics(run.metrics) })).toEqual([]);
    const weights = knownOr(record("net-1").outputs, []);
    expect(weights.every(({ stored, digest }) => stored && !isUnknown(digest) && store.objects.has(digest))).toBe(true);
    expect(store.fsck().findings).toEqual([]);
    const text = records()
      .map((run) => JSON.stringify(run))
      .join("\n");
    expect(text).not.toContain("sk-abcdefghijklmnop123456");
    for (const digest of store.objects.digests())
      expect(Buffer.from(store.objects.read(digest)).includes("sk-abcdefghijklmnop123456")).toBe(false);
  });

  test("are taken once, and told as changed when there is more of them", () => {
    const first = take("mlflow", "mlruns");
    expect(take("mlflow", "mlruns").map(({ state }) => state)).toEqual(["known", "known", "known"]);
    cpSync(at("mlruns"), at("elsewhere"), { recursive: true });
    expect(take("mlflow", "elsewhere").every(({ state }) => state === "known")).toBe(true);
    const metric = readdirSync(at("mlruns"), { recursive: true, encoding: "utf8" }).find((file) =>
      file.endsWith("metrics/loss"),
    );
    appendFileSync(at("mlruns", metric ?? ""), "1795288784968 9.5 7\n");
    expect(
      take("mlflow", "mlruns")
        .map(({ state }) => state)
        .toSorted(),
    ).toEqual(["changed", "known", "known"]);
    expect(records()).toHaveLength(first.length);
  });
});

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof RepriseError) return error.code;
    throw error;
  }
  return "taken";
};

describe("what cannot be imported", () => {
  const firstFile = (folder: string, name: RegExp): string =>
    at(
      folder,
      readdirSync(at(folder), { recursive: true, encoding: "utf8" })
        .toSorted()
        .find((file) => name.test(file)) ?? "",
    );
  const damaged: [ForeignTool, string, RegExp, (bytes: Buffer) => Buffer | string][] = [
    ["mlflow", "mlruns", /metrics\/loss$/, () => "1 one 1\n"],
    ["mlflow", "mlruns", /[0-9a-f]{32}\/meta\.yaml$/, (bytes) => `${bytes.toString()}\n\t: [`],
    ["mlflow", "mlflow.db", /$/, (bytes) => bytes.subarray(0, 5000)],
    [
      "wandb",
      "wandb",
      /\.wandb$/,
      (bytes) => Buffer.concat([bytes.subarray(0, 60), Buffer.from("X"), bytes.subarray(61)]),
    ],
    ["wandb", "wandb", /\.wandb$/, () => "no log"],
    [
      "tensorboard",
      "tensorboard",
      /tfevents/,
      (bytes) => Buffer.concat([bytes.subarray(0, 50), Buffer.from("X"), bytes.subarray(51)]),
    ],
    ["sacred", "sacred", /run\.json$/, (bytes) => bytes.subarray(0, 40)],
    ["sacred", "sacred", /metrics\.json$/, () => '{"loss": {"steps": [0], "values": ["x"]}}'],
    ["dvc", "dvclive", /loss\.tsv$/, () => "step\tloss\n0\tnone\n"],
  ];
  test.each(damaged)("%s in %s with a damaged %s: told, and nothing is kept", (tool, folder, name, damage) => {
    const file = folder === "mlflow.db" ? at(folder) : firstFile(folder, name);
    writeFileSync(file, damage(readFileSync(file)));
    expect(codeOf(() => take(tool, folder))).toBe("IMPORT_MALFORMED");
    expect(records()).toEqual([]);
  });

  test.each(["mlflow", "wandb", "tensorboard", "sacred", "dvc"] as const)(
    "%s: a folder without a run, and none",
    (tool) => {
      mkdirSync(at("empty"));
      expect(codeOf(() => take(tool, "empty"))).toBe("IMPORT_EMPTY");
      expect(codeOf(() => take(tool, "nowhere"))).toBe("IMPORT_NO_FOLDER");
    },
  );

  test("no link is followed, no tag of YAML is obeyed, and no artifact is taken from elsewhere", () => {
    writeFileSync(join(work, "private.txt"), "private");
    const runs = readdirSync(at("mlruns"), { recursive: true, encoding: "utf8" });
    const folder = runs.find((file) => file.endsWith("artifacts/model")) ?? "";
    symlinkSync(join(work, "private.txt"), at("mlruns", folder, "link.txt"));
    const meta = runs.find((file) => /[0-9a-f]{32}\/meta\.yaml$/.test(file)) ?? "";
    appendFileSync(at("mlruns", meta), `evil: !!python/object/apply:os.system ["touch ${join(work, "ran")}"]\n`);
    take("mlflow", "mlruns");
    take("mlflow", "mlflow.db");
    expect(records().flatMap((run) => knownOr(run.outputs, []).map(({ path }) => path))).not.toContain(
      "artifacts/model/link.txt",
    );
    expect(store.objects.has(digestOf("private"))).toBe(false);
    expect(readdirSync(work)).not.toContain("ran");
  });

  test("a log that was cut off is taken as far as it goes, and that is said", () => {
    const file = firstFile("wandb", /\.wandb$/);
    writeFileSync(file, readFileSync(file).subarray(0, -30));
    take("wandb", "wandb");
    expect(
      records()
        .flatMap(({ warnings }) => warnings.map(({ message }) => message))
        .join(),
    ).toMatch(/cut off/);
  });

  test("bytes of any kind are read or refused, never more", () => {
    const logs = [firstFile("wandb", /\.wandb$/), firstFile("tensorboard", /tfevents/)].map((file) =>
      readFileSync(file),
    );
    fc.assert(
      fc.property(fc.nat(1), fc.nat(), fc.nat(255), fc.boolean(), (which, place, byte, cut) => {
        const bytes = Buffer.from(logs[which] ?? "");
        bytes[place % bytes.length] = byte;
        const some = cut ? bytes.subarray(0, place % bytes.length) : bytes;
        try {
          (which === 0 ? readWandbLog : readScalars)(some);
        } catch (error) {
          expect(error).toBeInstanceOf(Unreadable);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe("imported runs", () => {
  test("are compared; what nobody recorded is unknown, and no difference", async () => {
    take("mlflow", "mlruns");
    const diff = await diffRuns({ a: record("net-1"), b: record("net-2"), store, env: {} });
    expect(diff.sections.config.map(({ name, a, b }) => [name, a, b])).toEqual([["lr", "0.1", "0.2"]]);
    expect(diff.sections.metrics.map(({ name }) => name)).toEqual(["loss (mlflow)", "val/acc (mlflow)"]);
    expect(diff.sections.outputs.map(({ name }) => name)).toEqual(["artifacts/model/weights.txt"]);
    for (const name of ["hardware", "seeds", "variables", "command", "environment"] as const) {
      expect(diff.sections[name]).toEqual([]);
      expect(diff.unknown.some(({ section }) => section === name)).toBe(true);
    }
  });

  test("cannot be done again: what would be needed is said", async () => {
    take("mlflow", "mlruns");
    const baseline = record("net-1");
    const found = await verify({
      baseline,
      store,
      version: "test",
      env: {},
      level: "numerical",
      vary: "default",
      hold: [],
      budget: 5,
      keep: false,
      complete: false,
    });
    expect(found.verdict).toBe("inconclusive");
    expect(found.reason).toMatch(/imported from MLflow.*command line.*code \(commit 0123456789ab.*environment.*data/);
    expect(found.replays).toEqual([]);
  });

  test("are samples of one another where only their seeds differ", async () => {
    const line = (value: number): string => `1795288784968 ${value} 0\n`;
    for (const [lr, from] of [
      ["0.1", 0.7],
      ["0.5", 0.8],
    ] as const)
      for (const [index, seed] of [0, 1, 2, 3, 4, 5, 5].entries()) {
        const id = `${lr.slice(2)}${seed}${readdirSync(work).length}`.padEnd(31, "0") + (seed === 5 ? index : "a");
        const folder = at("many", "1", id);
        for (const kind of ["metrics", "params", "tags"]) mkdirSync(join(folder, kind), { recursive: true });
        writeFileSync(
          join(folder, "meta.yaml"),
          `run_id: ${id}\nrun_name: lr${lr}-${seed}\nstatus: 3\nstart_time: ${1795288784968 + seed}\nend_time: 1795288785968\nlifecycle_stage: active\nartifact_uri: ''\n`,
        );
        writeFileSync(join(folder, "metrics/acc"), line(from + seed / 100));
        writeFileSync(join(folder, "params/lr"), lr);
        writeFileSync(join(folder, "params/seed"), String(seed));
      }
    take("mlflow", "many");
    const { COMPARE_DEFAULTS } = await import("#record");
    const found = await compareRuns({
      ...COMPARE_DEFAULTS,
      a: record("lr0.1-2"),
      b: record("lr0.5-3"),
      store,
      version: "test",
      env: {},
      metrics: ["acc"],
    });
    expect(found.metrics[0]).toMatchObject({ name: "acc", verdict: "better" });
    expect([found.made, found.replays.a.length, found.replays.b.length]).toEqual([0, 6, 6]);
    expect(found.notes[0]).toMatch(/cannot be done again/);
  });
});
