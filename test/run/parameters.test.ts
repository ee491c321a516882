import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { configurationOf, originWords } from "#compare";
import { settingsIn } from "#content";
import { knownOr, type RunRecord } from "#record";
import { diffRuns } from "#replay";
import { schemaFaults } from "../record/schema.ts";
import { environment, folderProject, type Project, PYTHON } from "./project.ts";

const has = (module: string): boolean => spawnSync(PYTHON, ["-c", `import ${module}`]).status === 0;
const table = (run: RunRecord): string[] =>
  configurationOf(run).map((row) => `${row.name} = ${row.value} | ${originWords(row)}`);

let project: Project;
afterEach(() => project.remove());

const config = async (a: RunRecord, b: RunRecord) => {
  const { sections, aside = [] } = await diffRuns({ a, b, store: project.store, env: environment(), only: ["config"] });
  return { entries: sections.config, aside };
};

const TRAIN = `
import argparse, os, time, json
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.1)
p.add_argument("--momentum", type=float, default=0.9)
p.add_argument("--out", default=os.path.join(os.getcwd(), "runs", time.strftime("%Y-%m-%d_%H-%M-%S")))
p.add_argument("--master_port", type=int, default=20000 + os.getpid() % 9000)
p.add_argument("--warmup_time", type=int, default=3)
args = p.parse_args()
exec(open("conf/extra.py").read())
print("loss=" + str(args.lr * json.load(open("conf/model.json"))["width"]))
`;
const FILES = {
  "train.py": TRAIN,
  "conf/model.json": '{\n  "width": 4,\n  "momentum": 0.9,\n  "api_key": "sk-1234567890abcdefghij"\n}\n',
  "conf/extra.py": 'batch = 12 # rows\nname = "net"\nalso = batch * 2\n',
};

describe("parameters of a run", () => {
  test("come from the command line, from files and from defaults, each once", async () => {
    project = folderProject(FILES);
    const run = await project.run([PYTHON, "train.py", "--lr", "2e-1"]);
    const found = table(run);
    expect(found).toContain("lr = 0.2 | command line · argparse");
    expect(found).toContain("momentum = 0.9 | conf/model.json:3 · argparse");
    expect(found).toContain("warmup_time = 3 | default · argparse");
    expect(found).toContain("conf/model.json: width = 4 | conf/model.json:2");
    expect(found).toContain("conf/extra.py: batch = 12 | conf/extra.py:1");
    expect(found).toContain("conf/extra.py: name = net | conf/extra.py:2");
    expect(found.join("\n")).not.toMatch(/also|train\.py:|sk-1234/);
    expect(schemaFaults(run)).toEqual([]);
    for (const bytes of project.stored().values()) expect(bytes.includes("sk-1234567890abcdefghij")).toBe(false);
  });

  test("differ where somebody changed them, not by the run's own folder, time and port", async () => {
    project = folderProject(FILES);
    const a = await project.run([PYTHON, "train.py"]);
    await new Promise((done) => setTimeout(done, 1100));
    const b = await project.run([PYTHON, "train.py", "--lr", "0.3"]);
    const { entries, aside } = await config(a, b);
    expect(entries).toEqual([
      {
        name: "lr",
        a: "0.1",
        b: "0.3",
        change: "changed",
        detail: { kind: "setting", a: "default · argparse", b: "command line · argparse" },
      },
    ]);
    expect(aside.map(({ name }) => name).toSorted()).toEqual(["master_port", "out"]);
    const c = await project.run([PYTHON, "train.py", "--lr", "0.3", "--warmup_time", "5", "--master_port", "4444"]);
    const later = await config(b, c);
    expect(later.entries.map(({ name, a: x, b: y }) => [name, x === null || y === null ? null : y])).toEqual([
      ["master_port", "4444"],
      ["warmup_time", "5"],
    ]);
  });

  test("that a file set are told by the file alone", async () => {
    project = folderProject(FILES);
    const a = await project.run([PYTHON, "train.py"]);
    project.put({ "conf/model.json": '{\n  "width": 8,\n  "momentum": 0.9\n}\n' });
    const b = await project.run([PYTHON, "train.py"]);
    const { entries } = await config(a, b);
    expect(entries.filter(({ change }) => change === "changed").map(({ name }) => name)).toEqual([
      "conf/model.json: width",
    ]);
  });
});

const HYDRA = `
import hydra
@hydra.main(config_path="conf", config_name="config", version_base=None)
def main(cfg): print("loss=%s" % (cfg.optimizer.lr * cfg.epochs))
main()
`;

describe.skipIf(!has("hydra"))("a configuration that Hydra composed", () => {
  test("is one row for each key, as it is in the file that Hydra writes, and changes are told once", async () => {
    project = folderProject({
      "train.py": HYDRA,
      "conf/config.yaml": "defaults:\n  - optimizer: adam\n  - _self_\nepochs: 5\n",
      "conf/optimizer/adam.yaml": "name: adam\nlr: 0.01\n",
    });
    const a = await project.run([PYTHON, "train.py", "epochs=7"]);
    expect(table(a).slice(0, 3)).toEqual([
      "epochs = 7 | command line · hydra",
      "optimizer.name = adam | conf/optimizer/adam.yaml:1 · hydra",
      "optimizer.lr = 0.01 | conf/optimizer/adam.yaml:2 · hydra",
    ]);
    const written = knownOr(a.outputs, []).find(({ path }) => path.endsWith(".hydra/config.yaml"))?.path ?? "";
    const own = settingsIn(written, Buffer.from(project.read(written)));
    const composed = a.params
      .filter(({ origin }) => origin === "hydra")
      .map(({ name, value }) => [name, value] as const);
    expect(new Map(composed)).toEqual(own);
    project.put({ "conf/optimizer/adam.yaml": "name: adam\nlr: 0.02\n" });
    const b = await project.run([PYTHON, "train.py", "epochs=7"]);
    const { entries } = await config(a, b);
    expect(entries.map(({ name, a: x, b: y }) => [name, x, y])).toEqual([
      ["conf/optimizer/adam.yaml: lr", "0.01", "0.02"],
    ]);
  });
});
