import {
  type InputFile,
  isUnknown,
  type Known,
  type MetricSeries,
  type OutputFile,
  type RunRecord,
  seriesTitle,
  type VariableFact,
} from "#record";
import { compareMetrics, sharedMetrics } from "../metrics.ts";
import { settingEntries } from "./config.ts";
import {
  DIFF_SECTIONS,
  type DiffAside,
  type DiffDocument,
  type DiffEntry,
  type DiffSection,
  type DiffUnknown,
} from "./document.ts";
import { environmentFacts, hardwareFacts, importedPackages, inside } from "./machine.ts";
import { metricDetail, metricValue } from "./metric-detail.ts";

/** Names with their values; a fact that could not be had stands there as unknown. */
export type Facts = ReadonlyMap<string, Known<string | number>>;

/** One section: what differs, and what cannot be told. */
export interface DiffPart {
  readonly entries: readonly DiffEntry[];
  readonly unknown: readonly DiffUnknown[];
  readonly aside?: readonly DiffAside[];
}

/** Two lists of facts side by side. An unknown is equal to nothing, not even to another unknown. */
export function diffFacts(section: DiffSection, a: Facts, b: Facts): DiffPart {
  const entries: DiffEntry[] = [];
  const unknown: DiffUnknown[] = [];
  for (const name of [...new Set([...a.keys(), ...b.keys()])].sort()) {
    const [x, y] = [a.get(name), b.get(name)];
    if (isUnknown(x) || isUnknown(y)) {
      unknown.push({ section, name, a: isUnknown(x) ? x.unknown : null, b: isUnknown(y) ? y.unknown : null });
    } else if (x === undefined) entries.push({ name, a: null, b: y ?? null, change: "added" });
    else if (y === undefined) entries.push({ name, a: x, b: null, change: "removed" });
    else if (x !== y) entries.push({ name, a: x, b: y, change: "changed" });
  }
  return { entries, unknown };
}

function codeFacts(run: RunRecord): Facts {
  const facts = new Map<string, Known<string>>();
  const code = run.code;
  if (isUnknown(code)) return facts.set("code", code);
  if (code.kind === "git") {
    facts.set("commit", code.commit ?? "none");
    facts.set("branch", code.branch);
    const unsure = run.imported?.unknown["uncommitted changes"];
    facts.set("uncommitted changes", unsure === undefined ? (code.dirty ? "yes" : "no") : { unknown: unsure });
    if (code.diff !== undefined) facts.set("uncommitted diff", code.diff.digest);
    for (const sub of code.submodules)
      facts.set(`submodule ${sub.path}`, `${sub.commit}${sub.dirty ? " (dirty)" : ""}`);
  }
  for (const file of code.kind === "git" ? code.untracked : code.files) facts.set(file.path, file.digest);
  return facts;
}

function variableValue(fact: VariableFact): string {
  return "value" in fact ? fact.value : `not kept (${fact.hmac.slice(0, 12)})`;
}

function fileFacts(files: Known<readonly (InputFile | OutputFile)[]>, name: string): Facts {
  if (isUnknown(files)) return new Map([[name, files]]);
  return new Map(
    files.map((file) => [file.path, "change" in file && file.change === "removed" ? "removed" : file.digest]),
  );
}

function seedFacts(run: RunRecord): Facts {
  const facts = new Map([
    ["mode", run.seed.mode],
    ["root", run.seed.root ?? "none"],
    ["hash seed", run.seed.hashSeed ?? "none"],
    ["seeded", run.seed.seeded.join(", ") || "nothing"],
  ]);
  for (const { name, value } of run.seed.named ?? []) facts.set(`seed ${name}`, String(value));
  for (const own of run.seed.own) facts.set(`${own.library} at ${own.file}:${own.line}`, own.value);
  return facts;
}

function commandFacts(run: RunRecord): Facts {
  const { argv, executable, project, workdir } = run.command;
  return new Map<string, Known<string>>([
    ["command", argv.join(" ")],
    ["project", project],
    ["working folder in the project", workdir],
    ["program", isUnknown(executable) ? executable : inside(executable, project)],
  ]);
}

/** What was forced on the program from outside. */
function policyFacts(run: RunRecord): Facts {
  const facts = new Map([["determinism policy", run.policy?.mode ?? "off"]]);
  for (const { name, what, state } of run.policy?.levers ?? []) facts.set(`policy ${name}`, `${what} (${state})`);
  return facts;
}

/** Metrics that differ anywhere, with where, and those that could not be compared to their ends; timings are none. */
function diffMetrics(a: readonly MetricSeries[], b: readonly MetricSeries[]): DiffPart {
  const unknown: DiffUnknown[] = [];
  const keys = new Map(
    [...a, ...b].filter((series) => !series.timing).map((series) => [`${series.source}\0${series.name}`, series]),
  );
  const own = (list: readonly MetricSeries[], { name, source }: MetricSeries): MetricSeries | undefined =>
    list.find((series) => !series.timing && series.name === name && series.source === source);
  const entries = [...keys.values()].flatMap((series): DiffEntry[] => {
    const [x, y] = [own(a, series), own(b, series)];
    const apart = compareMetrics(x === undefined ? [] : [x], y === undefined ? [] : [y]).filter((item) => !item.agree);
    const unseen = apart.flatMap((item) => item.unseen ?? []);
    for (const why of unseen) unknown.push({ section: "metrics", name: seriesTitle(series), a: why, b: why });
    if (apart.length === unseen.length) return [];
    return [
      {
        name: seriesTitle(series),
        a: metricValue(x?.points.at(-1)),
        b: metricValue(y?.points.at(-1)),
        change: x === undefined ? "added" : y === undefined ? "removed" : "changed",
        detail: metricDetail(x, y),
      },
    ];
  });
  return { entries, unknown };
}

const FACTS: Readonly<Record<Exclude<DiffSection, "metrics">, (run: RunRecord) => Facts>> = {
  code: codeFacts,
  environment: environmentFacts,
  variables: (run) => new Map(run.variables.map((fact) => [fact.name, variableValue(fact)])),
  data: (run) => fileFacts(run.inputs, "inputs"),
  config: policyFacts,
  seeds: seedFacts,
  hardware: hardwareFacts,
  command: commandFacts,
  outputs: (run) => fileFacts(run.outputs, "outputs"),
};

export type DiffParts = Readonly<Record<DiffSection, DiffPart>>;

/** Packages that a run imported can have made a difference; the others are told apart from them. */
function markPackages({ entries, unknown }: DiffPart, a: RunRecord, b: RunRecord): DiffPart {
  const imported = new Set([...importedPackages(a), ...importedPackages(b)]);
  const marked = entries.map((entry): DiffEntry => {
    if (!entry.name.startsWith("package ")) return entry;
    return { ...entry, detail: { kind: "package", imported: imported.has(entry.name.slice(8)) } };
  });
  return { entries: marked, unknown };
}

/** Sections that rest on facts which an imported run may lack without room for a reason in the record itself. */
const RESTS_ON: Readonly<Partial<Record<DiffSection, readonly string[]>>> = {
  variables: ["variables"],
  seeds: ["seed"],
  hardware: ["hardware"],
  command: ["command", "working folder"],
};

/** A section of which one of the tools that recorded the runs does not say enough: unknown, and neither equal nor not. */
function unsaid(section: DiffSection, part: DiffPart, a: RunRecord, b: RunRecord): DiffPart {
  const why = (run: RunRecord, name: string): string | null => run.imported?.unknown[name] ?? null;
  const lacking = (RESTS_ON[section] ?? []).filter((name) => why(a, name) !== null || why(b, name) !== null);
  if (lacking.length === 0) return part;
  const unknown = lacking.map((name): DiffUnknown => ({ section, name, a: why(a, name), b: why(b, name) }));
  return { entries: [], unknown: [...part.unknown, ...unknown] };
}

/** What two records say, section by section. Facts only: no content is looked at. */
export function diffParts(a: RunRecord, b: RunRecord): DiffParts {
  const of = (name: keyof typeof FACTS): DiffPart =>
    unsaid(name, diffFacts(name, FACTS[name](a), FACTS[name](b)), a, b);
  const shared = sharedMetrics(a, b);
  return {
    code: of("code"),
    environment: markPackages(of("environment"), a, b),
    variables: of("variables"),
    data: of("data"),
    config: { entries: [...settingEntries(a, b), ...of("config").entries], unknown: [] },
    seeds: of("seeds"),
    hardware: of("hardware"),
    command: of("command"),
    outputs: of("outputs"),
    metrics: diffMetrics(shared.a, shared.b),
  };
}

/** The parts as a document has them. */
export function joined(parts: DiffParts): Pick<DiffDocument, "unknown" | "sections" | "aside"> {
  const sections = Object.fromEntries(DIFF_SECTIONS.map((name) => [name, parts[name].entries]));
  const aside = DIFF_SECTIONS.flatMap((name) => parts[name].aside ?? []);
  return {
    unknown: DIFF_SECTIONS.flatMap((name) => parts[name].unknown),
    ...(aside.length === 0 ? {} : { aside }),
    // All sections are there, which fromEntries cannot say.
    sections: sections as DiffDocument["sections"],
  };
}
