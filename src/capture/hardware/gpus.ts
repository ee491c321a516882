import { existsSync } from "node:fs";
import { type GpuFact, type Known, unknown } from "#record";
import { findProgram, runProgram } from "../program.ts";

const FIELDS = "name,driver_version,memory.total,uuid";

/** NVIDIA's GPUs, from nvidia-smi. It can take seconds: ask while the child runs. */
export async function queryGpus(
  timeoutMs: number,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Known<readonly GpuFact[]>> {
  const places = ["/usr/bin/nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi"];
  const program = findProgram("nvidia-smi", env["PATH"]) ?? places.find((place) => existsSync(place));
  if (program === undefined) return unknown("nvidia-smi not found");
  const argv = [`--query-gpu=${FIELDS}`, "--format=csv,noheader,nounits"];
  const result = await runProgram(program, argv, { cwd: "/", env, timeoutMs, mostBytes: 1024 * 1024 });
  if (result.failure !== undefined) return unknown(`nvidia-smi: ${result.failure}`);
  const output = result.stdout.toString("utf8");
  if (result.code !== 0) {
    const line = (output + result.stderr).trim().split("\n")[0] ?? "";
    return unknown(`nvidia-smi: ${line.slice(0, 200) || `exit ${result.code}`}`);
  }
  return parseGpus(output);
}

function parseGpus(output: string): GpuFact[] {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [name = "", driver = "", memory = "", uuid] = line.split(",").map((field) => field.trim());
    return { name, driver, memoryMiB: Number(memory) || 0, ...(uuid === undefined ? {} : { uuid }) };
  });
}
