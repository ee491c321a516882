import { afterEach, describe, expect, test } from "vitest";
import { isUnknown } from "#record";
import { schemaFaults } from "../record/schema.ts";
import { folderProject, type Project, PYTHON } from "./project.ts";

describe("what the program tells by import reprise", () => {
  let project: Project | undefined;
  afterEach(() => project?.remove());

  test("is in the record, with its place, once", async () => {
    project = folderProject({
      "train.py": [
        "import os, reprise",
        "pid = os.fork()",
        'reprise.claim("auc > 0.9")',
        "if pid == 0: os._exit(0)",
        "os.waitpid(pid, 0)",
        'os.mkdir("out"); open("out/model.pt", "w").write("x")',
        'reprise.checkpoint("out/model.pt", step=3)',
        'reprise.reference("held-out", [[1, 2], [3, 4]], [0.1, 0.9])',
        'reprise.reference("odd", object(), [[1], [2, 3]])',
        'reprise.metric("auc", 0.95)',
        'print("auc: 0.9")',
        'print(reprise.seed("split"))',
      ].join("\n"),
    });
    const { store } = project;
    const made = await project.run([PYTHON, "train.py"]);
    const record = store.runs.get(made.id);
    expect(schemaFaults(record)).toEqual([]);
    expect(record.agent.faults).toEqual([]);
    expect(record.claims).toEqual([{ text: "auc > 0.9", file: "train.py", line: 3 }]);
    expect(record.checkpoints).toEqual([{ path: "out/model.pt", step: 3, file: "train.py", line: 7 }]);
    const [held, odd] = record.references ?? [];
    expect(held).toMatchObject({ name: "held-out", file: "train.py", line: 8 });
    expect(held?.inputs).toMatch(/^sha256:/);
    if (held === undefined || isUnknown(held.predictions)) throw new Error("not kept");
    const bytes = Buffer.from(store.objects.read(held.predictions.digest));
    expect(bytes.length).toBe(held.predictions.bytes);
    expect([bytes.readDoubleLE(128), bytes.readDoubleLE(136)]).toEqual([0.1, 0.9]);
    expect(odd).toMatchObject({ inputs: { unknown: /./ }, predictions: { unknown: /no array/ } });
    expect(record.metrics.find(({ source }) => source === "reprise")).toMatchObject({
      name: "auc",
      points: [{ step: null, value: 0.95 }],
    });
    expect(record.seed.named).toEqual([
      {
        name: "split",
        value: Number(project.text(record.stdout).split("\n")[1]),
        declared: false,
        file: "train.py",
        line: 12,
      },
    ]);
  });
});
