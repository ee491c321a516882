import { isUnknown, knownOr, type RunRecord } from "#record";

function versions(run: RunRecord): Map<string, string> {
  const python = knownOr(run.environment.python, null);
  if (python === null) return new Map();
  const packages = knownOr(python.packages, []).filter((item) => item.imported);
  return new Map([["python", python.version], ...packages.map((item) => [item.name, item.version] as const)]);
}

/** The interpreter and the imported packages that a replay had and its baseline had not, or had otherwise. */
export function environmentChanges(baseline: RunRecord, replayed: RunRecord): string[] {
  if (isUnknown(baseline.environment.python) || isUnknown(replayed.environment.python)) return [];
  const [before, after] = [versions(baseline), versions(replayed)];
  return [...before].flatMap(([name, version]) => {
    const now = after.get(name);
    // Not imported this time says something of the run, not of what is installed.
    return now === undefined || now === version ? [] : [`${name} is ${now} now and was ${version}`];
  });
}
