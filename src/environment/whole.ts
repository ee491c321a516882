import { existsSync } from "node:fs";
import { readPackages } from "#capture";
import { isUnknown, knownOr, type RunRecord } from "#record";
import { normalName } from "./name.ts";
import { presentEnvironment } from "./present.ts";

/** Why the recorded environment is not what it was, of what the run used; empty: it is whole. */
export async function changesOfRecorded(
  run: RunRecord,
  sysPath: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const python = knownOr(run.environment.python, null);
  if (python === null || isUnknown(python.packages)) return [];
  if (!existsSync(python.executable)) return [`${python.executable} is gone`];
  const changes: string[] = [];
  const { PYTHONPATH: _path, PYTHONHOME: _home, ...rest } = env;
  const present = await presentEnvironment(python.executable, rest);
  if (isUnknown(present)) return [present.unknown];
  if (present.version !== python.version) changes.push(`python is ${present.version} now and was ${python.version}`);
  const now = readPackages([...sysPath, ...present.sysPath], []);
  const versions = new Map(knownOr(now, []).map((item) => [normalName(item.name), item.version]));
  for (const { name, version, imported } of python.packages) {
    if (!imported) continue;
    const found = versions.get(normalName(name));
    if (found === undefined) changes.push(`${name} ${version} is gone`);
    else if (found !== version) changes.push(`${name} is ${found} now and was ${version}`);
  }
  return changes;
}
