import { describe, expect, test } from "vitest";
import { captureVariables, createRedactor, parseParams, restoreVariables } from "#capture";

const key = Buffer.from("a key of the store");
const capture = (env: Record<string, string>) => captureVariables(env, key, createRedactor({ env }));

describe("variables", () => {
  test("what decides results is kept by value, all else by keyed digest", () => {
    const facts = capture({ OMP_NUM_THREADS: "2", LANG: "C.UTF-8", MY_EDITOR_THEME: "dark", PATH: "/usr/bin" });
    expect(facts).toEqual([
      { name: "LANG", value: "C.UTF-8" },
      { name: "MY_EDITOR_THEME", hmac: expect.stringMatching(/^[0-9a-f]{64}$/) as string, reason: "not on the list" },
      { name: "OMP_NUM_THREADS", value: "2" },
      { name: "PATH", value: "/usr/bin" },
    ]);
  });

  test("a secret is never kept, whatever the name or the value", () => {
    const env = {
      HF_TOKEN: "hf_abc",
      WANDB_API_KEY: "x".repeat(40),
      PIP_INDEX_URL: "https://bob:hunter22@pypi.example.org/simple",
      TORCH_NOTE: `ghp_${"a1B2".repeat(9)}`,
      HF_HOME: "/data/hf",
      TOKENIZERS_PARALLELISM: "false",
    };
    const facts = capture(env);
    expect(JSON.stringify(facts)).not.toMatch(/hf_abc|hunter22|a1B2/);
    expect(facts.flatMap((fact) => ("hmac" in fact ? [`${fact.name} ${fact.reason}`] : []))).toEqual([
      "HF_TOKEN secret",
      "PIP_INDEX_URL secret",
      "TORCH_NOTE secret",
      "WANDB_API_KEY secret",
    ]);
    expect(facts).toContainEqual({ name: "TOKENIZERS_PARALLELISM", value: "false" });
  });

  test("what Terraform is told is not taken for TensorFlow's", () => {
    const facts = capture({ TF_VAR_db: "swordfish", TF_CLI_ARGS: "-var pin=swordfish", TF_ENABLE_ONEDNN_OPTS: "0" });
    expect(JSON.stringify(facts)).not.toContain("swordfish");
    expect(facts).toContainEqual({ name: "TF_ENABLE_ONEDNN_OPTS", value: "0" });
  });

  test("the digest shows equality and depends on name and key", () => {
    const hmacOf = (env: Record<string, string>, k = key) =>
      captureVariables(env, k, createRedactor({ env: {} })).map((fact) => ("hmac" in fact ? fact.hmac : ""));
    expect(hmacOf({ A: "1" })).toEqual(hmacOf({ A: "1" }));
    expect(hmacOf({ A: "1" })).not.toEqual(hmacOf({ A: "2" }));
    expect(hmacOf({ A: "1" })).not.toEqual(hmacOf({ B: "1" }));
    expect(hmacOf({ A: "1" })).not.toEqual(hmacOf({ A: "1" }, Buffer.from("other")));
  });

  test("a replay gets what was recorded, and hears what it cannot have", () => {
    const then = {
      OMP_NUM_THREADS: "2",
      THEME: "dark",
      GONE: "1",
      OTHER: "1",
      SSH_TTY: "/dev/pts/1",
      DB_PASSWORD: "pw-123456",
    };
    const now = {
      OMP_NUM_THREADS: "8",
      THEME: "dark",
      OTHER: "2",
      NEW: "1",
      SSH_TTY: "/dev/pts/7",
      DB_PASSWORD: "pw-123456",
      MKL_NUM_THREADS: "1",
    };
    expect(restoreVariables(capture(then), now, key)).toEqual({
      env: { OMP_NUM_THREADS: "2", THEME: "dark", OTHER: "2", SSH_TTY: "/dev/pts/7", DB_PASSWORD: "pw-123456" },
      unknown: [],
      missing: ["GONE"],
      changed: ["OTHER"],
    });
  });
});

describe("parameters", () => {
  test.each([
    [
      "python train.py --lr 0.1 --epochs=3 -b 32 --amp --no-cuda data/",
      { lr: "0.1", epochs: "3", b: "32", amp: "true", "no-cuda": "data/" },
    ],
    ["python train.py model=resnet +opt.lr=0.1 ++seed=3", { model: "resnet", "opt.lr": "0.1", seed: "3" }],
    ["python train.py --multirun lr=0.1,0.2", { multirun: "true", lr: "0.1,0.2" }],
    ["python train.py --shift -0.5 --layers 64 32", { shift: "-0.5", layers: "64 32" }],
    ["python -u -W ignore train.py --lr 1", { lr: "1" }],
    ["python -m package.train --lr 1", { lr: "1" }],
    ["python -c 'x' --lr 1", { lr: "1" }],
    ["torchrun --nproc-per-node 2 train.py --lr 1", { lr: "1" }],
    ["python -m torch.distributed.run --nnodes=1 train.py --lr 1", { lr: "1" }],
    ["accelerate launch --mixed_precision fp16 train.py --lr 1", { lr: "1" }],
    ["my-train --lr 1 out.py", { lr: "1 out.py" }],
    ["./train", {}],
  ])("%s", (command, expected) => {
    expect(Object.fromEntries(parseParams(command.split(" ")).map(({ name, value }) => [name, value]))).toEqual(
      expected,
    );
  });
});
