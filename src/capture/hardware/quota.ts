import { readFileSync } from "node:fs";

/** Processors that the control group allows, as a fraction; null without a limit. */
export function cpuQuota(): number | null {
  const v2 = smallest(groupFolders("", "/sys/fs/cgroup").map((folder) => quotaOf(read(`${folder}/cpu.max`))));
  if (v2 !== null) return v2;
  return smallest(
    groupFolders("cpu", "/sys/fs/cgroup/cpu").map((folder) =>
      quotaOf(`${read(`${folder}/cpu.cfs_quota_us`).trim()} ${read(`${folder}/cpu.cfs_period_us`).trim()}`),
    ),
  );
}

/** The own group and those above it: each may set a limit. */
function groupFolders(controller: string, root: string): string[] {
  const line = read("/proc/self/cgroup")
    .split("\n")
    .find((entry) => (entry.split(":")[1] ?? "-").split(",").includes(controller));
  const parts = (line?.split(":")[2] ?? "/").split("/").filter((part) => part !== "" && part !== "..");
  return [root, ...parts.map((_, index) => `${root}/${parts.slice(0, index + 1).join("/")}`)];
}

function quotaOf(text: string): number | null {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  if (quota === undefined || period === undefined || !(quota > 0) || !(period > 0)) return null;
  return quota / period;
}

function smallest(values: readonly (number | null)[]): number | null {
  const limits = values.filter((value) => value !== null);
  return limits.length === 0 ? null : Math.min(...limits);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
