import { isUnknown, type Known, type PackageFact, type RunRecord } from "#record";

function packageText(item: PackageFact): string {
  const { origin } = item;
  switch (origin.kind) {
    case "vcs":
      return `${item.version} @ ${origin.commit}`;
    case "editable":
      return `${item.version} (editable ${isUnknown(origin.digest) ? "of unknown content" : origin.digest})`;
    case "file":
      return `${item.version} (${isUnknown(origin.digest) ? origin.url : origin.digest})`;
    case "conda":
      return `${item.version} (conda ${origin.channel})`;
    default:
      return item.version;
  }
}

type Facts = Map<string, Known<string | number>>;

/** A list that could not be had is one unknown fact under its own name. */
function each<T>(facts: Facts, name: string, list: Known<readonly T[]>, put: (item: T) => void): void {
  if (isUnknown(list)) facts.set(name, list);
  else for (const item of list) put(item);
}

/** Of a path below a folder what is below it: the same environment or project may lie in two places. */
export const inside = (path: string, prefix: string): string =>
  prefix !== "" && path.startsWith(`${prefix}/`) ? path.slice(prefix.length + 1) : path;

/** What the program ran on, in software. */
export function environmentFacts(run: RunRecord): Facts {
  const facts: Facts = new Map();
  const { python, libraries, lockFiles } = run.environment;
  if (isUnknown(python)) facts.set("python", python);
  else {
    facts.set("python", `${python.version}${python.implementation === "CPython" ? "" : ` (${python.implementation})`}`);
    facts.set("interpreter", inside(python.executable, run.command.project));
    facts.set("environment", `${inside(python.prefix, run.command.project)} (${python.manager})`);
    each(facts, "packages", python.packages, (item) => facts.set(`package ${item.name}`, packageText(item)));
    for (const [name, value] of Object.entries(python.frameworks)) facts.set(`framework ${name}`, value);
  }
  const prefix = isUnknown(python) ? "" : python.prefix;
  each(facts, "libraries", libraries, (library) =>
    facts.set(`library ${inside(library.path, prefix)}`, library.digest),
  );
  for (const file of lockFiles) facts.set(`lock file ${file.path}`, file.digest);
  return facts;
}

export function hardwareFacts(run: RunRecord): Facts {
  const { cpu, gpus, ...rest } = run.hardware;
  const facts: Facts = new Map<string, Known<string | number>>([
    ["cpu", cpu.model],
    ["cpus", cpu.logical],
    ["cpus usable", cpu.usable],
  ]);
  // The one machine has what the other lacks: each flag by itself.
  each(facts, "cpu flags", cpu.flags, (flag) => facts.set(`cpu flag ${flag}`, "yes"));
  for (const [name, value] of Object.entries(rest)) facts.set(name, value);
  if (isUnknown(gpus)) facts.set("gpus", gpus);
  else
    for (const [i, gpu] of gpus.entries())
      facts.set(`gpu ${i}`, `${gpu.name}, driver ${gpu.driver}, ${gpu.memoryMiB} MiB`);
  return facts;
}

/** Names of the packages that a run imported. */
export function importedPackages(run: RunRecord): string[] {
  const { python } = run.environment;
  const packages = isUnknown(python) ? [] : python.packages;
  return isUnknown(packages) ? [] : packages.filter((item) => item.imported).map((item) => item.name);
}
