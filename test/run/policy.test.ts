import { afterEach, describe, expect, test } from "vitest";
import { knownOr, type PolicyFacts, type RunRecord } from "#record";
import { drawConditions, eventsOf, factorsOf, replay, verify } from "#replay";
import { type PolicyChoice, parsePolicy, parseSeed, policyOf, type RunOptions } from "#run";
import { leverCosts } from "../../src/replay/policy-cost.ts";
import { environment, folderProject, type Project, PYTHON } from "./project.ts";

const PUT = "torch.zeros(4).put_(torch.tensor([0, 0]), torch.tensor([1.0, 2.0]))";
const TRAIN = `import torch
model = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(30):
    loss = model(torch.randn(8, 4)).pow(2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    ${PUT}
print(f"loss={loss.item():.9f}")
`;
const ORDER = `import os
print([name for name in os.listdir("d")], list({"one", "two", "three", "four", "five"}))
`;

let project: Project;
afterEach(() => project.remove());

const under = (policy: PolicyChoice["mode"], changes: Partial<RunOptions> = {}): Promise<RunRecord> =>
  project.run([PYTHON, "train.py"], { policy: { mode: policy }, ...changes });
const states = ({ policy }: RunRecord): Record<string, string> =>
  Object.fromEntries((policy?.levers ?? []).map(({ name, state }) => [name, state]));
const places = (policy: PolicyFacts | undefined): string[] =>
  (policy?.violations ?? []).map(({ kind, name, file, line }) => `${kind} ${name} ${file}:${line}`);

describe("a run under a policy", () => {
  test("warn lists the operator with its line and leaves the result as it is", async () => {
    project = folderProject({ "train.py": TRAIN });
    const seed = parseSeed("7");
    const bare = await under("off", { seed });
    const warned = await under("warn", { seed });
    expect(bare.policy).toBeUndefined();
    expect(project.text(warned.stdout)).toBe(project.text(bare.stdout));
    expect(warned.seed).toEqual(bare.seed);
    expect(places(warned.policy)).toEqual(["operator put_ train.py:9"]);
    expect(warned.warnings).toContainEqual({
      code: "policy-violation",
      message: "train.py:9: put_ has no deterministic implementation",
    });
    expect(project.text(warned.stderr)).toContain("put_ does not have a deterministic implementation");
    expect(states(warned)).toMatchObject({
      "torch-algorithms": "set",
      "torch-fill": "set",
      "cublas-workspace": "set",
      threads: "set",
      xla: "left",
      "tensorflow-ops": "left",
      lightgbm: "idle",
      "hash-seed": "kept",
    });
  });

  test("strict fails with the program's own exit code and message", async () => {
    project = folderProject({ "train.py": TRAIN });
    const run = await under("strict");
    expect(run).toMatchObject({ status: "failed", exitCode: 1 });
    expect(project.text(run.stderr)).toContain("RuntimeError: put_ does not have a deterministic implementation");
    expect(places(run.policy)).toEqual(["operator put_ train.py:9"]);
  });

  test("a switch that the program sets back is named with its line", async () => {
    project = folderProject({ "train.py": TRAIN.replace(PUT, "torch.use_deterministic_algorithms(step < 10)") });
    const run = await under("strict");
    expect(run.exitCode).toBe(0);
    expect(places(run.policy)).toEqual(["flipped torch.use_deterministic_algorithms train.py:9"]);
  });

  test("the order of listings and of sets is the same in every run, with any seed", async () => {
    project = folderProject({ "train.py": ORDER, "d/b": "", "d/a": "", "d/c": "" });
    const [first, second] = [await under("warn"), await under("warn")];
    expect(project.text(first.stdout)).toMatch(/^\['a', 'b', 'c'\]/);
    expect(project.text(second.stdout)).toBe(project.text(first.stdout));
    expect(first.seed.root).not.toBe(second.seed.root);
    expect(first.seed).toMatchObject({ hashSeed: "0", seeded: [] });
  });

  test("what the user has set stays", async () => {
    project = folderProject({ "train.py": "import os; print(os.environ['XLA_FLAGS'], os.environ['PYTHONHASHSEED'])" });
    const env = { ...environment(), OMP_NUM_THREADS: "1", CUBLAS_WORKSPACE_CONFIG: ":16:8", PYTHONHASHSEED: "5" };
    const run = await under("strict", { env: { ...env, XLA_FLAGS: "--xla_a=1" } });
    expect(project.text(run.stdout)).toBe("--xla_a=1 --xla_gpu_deterministic_ops=true 5\n");
    expect(states(run)).toMatchObject({
      threads: "kept",
      "cublas-workspace": "kept",
      "hash-seed": "kept",
      xla: "set",
    });
  });

  test("where the agent could not get in, that is said", async () => {
    project = folderProject({ "train.py": "print(1)" });
    const run = await project.run([PYTHON, "-I", "train.py"], { policy: { mode: "strict" } });
    expect(states(run)).toMatchObject({ "torch-algorithms": "failed", threads: "failed" });
    expect(run.warnings.map(({ code }) => code)).toContain("policy-failed");
  });
});

describe("replays", () => {
  test("are under the recorded policy, with the recorded numbers of threads", async () => {
    const text = `${ORDER}import ctypes\nget = ctypes.CDLL(None).getenv\nget.restype = ctypes.c_char_p\nprint(get(b"OMP_NUM_THREADS"))\n`;
    project = folderProject({ "train.py": text, "d/b": "", "d/a": "", "d/c": "" });
    const run = await under("warn", { policy: { mode: "warn", threads: "OMP_NUM_THREADS=7" } });
    expect(project.text(run.stdout)).toContain("b'7'");
    expect(policyOf(run)).toMatchObject({ mode: "warn", threads: "OMP_NUM_THREADS=7" });
    const shared = { baseline: run, store: project.store, version: "test", env: environment() };
    const events = eventsOf(run, project.store);
    const factors = factorsOf(run, events);
    const conditions = drawConditions({ run, events, factors, held: factors });
    const again = await replay({ ...shared, conditions, varied: [], held: [] });
    expect(again.run?.policy).toEqual(run.policy);
    const verdict = await verify({
      ...shared,
      level: "numerical",
      vary: "default",
      hold: [],
      budget: 10,
      keep: false,
      complete: false,
    });
    expect(verdict).toMatchObject({ verdict: "reproduced" });
    expect(factors.map(({ kind }) => kind)).not.toContain("hash-order");
  });

  test("the same program without the policy is conditional", async () => {
    project = folderProject({ "train.py": ORDER, "d/b": "", "d/a": "", "d/c": "" });
    const run = await under("off");
    const verdict = await verify({
      baseline: run,
      store: project.store,
      version: "test",
      env: environment(),
      level: "numerical",
      vary: "default",
      hold: [],
      budget: 20,
      keep: false,
      complete: false,
    });
    expect(verdict.verdict).toBe("conditional");
    expect(knownOr(run.entropy, []).map(({ kind }) => kind)).toContain("listing");
  });
});

describe("the parts", () => {
  test("a policy that is none is refused with those that there are", () => {
    project = folderProject({});
    expect(parsePolicy("warn")).toEqual({ mode: "warn" });
    for (const bad of ["", "on", "Strict", "warn "])
      expect(() => parsePolicy(bad), bad).toThrow(/not a policy; there are off, warn and strict/);
  });

  test("a cost within the noise is told from one beyond it", () => {
    project = folderProject({});
    const times = new Map([
      ["none", [1.0, 1.05, 1.9]],
      ["cheap", [1.02, 3, 1.03]],
      ["dear", [2.0, 2.02, 2.01]],
    ]);
    const costs = leverCosts(times, [
      { name: "cheap", against: "none" },
      { name: "dear", against: "none" },
    ]);
    expect(costs.map(({ ratio, withinNoise }) => [ratio, withinNoise])).toEqual([
      [1.02, true],
      [2, false],
    ]);
    for (const { noise } of costs) expect(noise).toBeCloseTo(0.05);
  });
});
