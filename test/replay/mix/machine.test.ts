import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findGuilty, ingredientsOf } from "#replay";
import { guiltyOf, recordPair } from "./recorded-pair.ts";

const venv = join(import.meta.dirname, "../../../.venv-test/bin/python");
const PYTHON = existsSync(venv) ? venv : "python3";

/** Whether this processor offers torch more than the plainest instructions, and torch is there. */
const canEmulate = ((): boolean => {
  const ask = "import torch; print(torch.backends.cpu.get_cpu_capability())";
  const { stdout } = spawnSync(PYTHON, ["-c", ask], { encoding: "utf8" });
  return stdout !== null && stdout.trim() !== "" && stdout.trim() !== "DEFAULT";
})();

const SUMS = `import torch
torch.manual_seed(0)
x = torch.randn(4099)
print("loss=%.9g" % x.exp().sum().item(), x.tanh().sum().item().hex())
`;

test.skipIf(!canEmulate)(
  "another set of instructions of the processor is the cause, among other differences",
  async () => {
    const argv = [PYTHON, "train.py"];
    const found = await guiltyOf(
      "instructions",
      { files: { "train.py": SUMS, "notes.py": "# 1\n" }, argv },
      { files: { "notes.py": "# 2\n" }, argv, env: { ATEN_CPU_CAPABILITY: "default", TORCH_NOTE: "2" } },
    );
    expect(found.causes).toMatchObject([{ kind: "hardware", name: "ATEN_CPU_CAPABILITY", certainty: "proved" }]);
  },
);

test("a processor that differs and cannot be had is named, neither guilty nor innocent", async () => {
  const outside = mkdtempSync(join(tmpdir(), "machine-test-"));
  const path = join(outside, "weight");
  writeFileSync(path, "1");
  // What no record holds decides, as a processor does: the size of a file that nobody opens.
  const script = `import os\nprint("loss=%d" % os.stat(${JSON.stringify(path)}).st_size)\n# first\n`;
  const pair = await recordPair(
    { files: { "train.py": script } },
    { files: { "train.py": script.replace("first", "second") }, before: () => writeFileSync(path, "22") },
  );
  try {
    const { a, b, context } = pair.mixture;
    const cpu = { ...a.hardware.cpu, model: "Another processor of 2011" };
    const mixture = await ingredientsOf({ ...a, hardware: { ...a.hardware, cpu } }, b, context);
    const found = await findGuilty({ mixture });
    expect(found.causes).toEqual([]);
    expect(found.state).toBe("beyond");
    const named = found.unresolved.map(({ ingredient }) => `${ingredient.kind} ${ingredient.name}`);
    expect(named).toContain("hardware CPU");
  } finally {
    pair.close();
    rmSync(outside, { recursive: true, force: true });
  }
});
