import {
  type InputFile,
  isUnknown,
  type Known,
  knownOr,
  type MetricSeries,
  type OutputFile,
  type RunId,
  type RunRecord,
  type VariableFact,
} from "#record";
import { compareMetrics } from "./metrics.ts";

export interface DiffEntry {
  readonly name: string;
  readonly a: string | number | null;
  readonly b: string | number | null;
  readonly change: "added" | "removed" | "changed";
}

export const DIFF_SECTIONS = [
  "code",
  "environment",
  "variables",
  "data",
  "config",
  "seeds",
  "hardware",
  "command",
  "outputs",
  "metrics",
] as const;
export type DiffSection = (typeof DIFF_SECTIONS)[number];

export interface DiffDocument {
  readonly format: "reprise/diff@1";
  readonly a: RunId;
  readonly b: RunId;
  /** The results agree: exit, outputs by digest, metrics. */
  readonly same: boolean;
  readonly sections: Readonly<Record<DiffSection, readonly DiffEntry[]>>;
}

type Table = ReadonlyMap<string, string | number>;

function diffTables(a: Table, b: Table): DiffEntry[] {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  return names.flatMap((name): DiffEntry[] => {
    const [x, y] = [a.get(name), b.get(name)];
    if (x === y) return [];
    if (x === undefined) return [{ name, a: null, b: y ?? null, change: "added" }];
    if (y === undefined) return [{ name, a: x, b: null, change: "removed" }];
    return [{ name, a: x, b: y, change: "changed" }];
  });
}

function say(value: Known<string | number | boolean | null>): string {
  return isUnknown(value) ? `unknown: ${value.unknown}` : String(value);
}

function codeTable(run: RunRecord): Table {
  const table = new Map<string, string>();
  const code = run.code;
  if (isUnknown(code)) return table.set("code", say(code));
  if (code.kind === "git") {
    table.set("commit", code.commit ?? "none");
    table.set("branch", say(code.branch));
    if (code.diff !== undefined) table.set("uncommitted diff", code.diff.digest);
    for (const sub of code.submodules)
      table.set(`submodule ${sub.path}`, `${sub.commit}${sub.dirty ? " (dirty)" : ""}`);
  }
  for (const file of code.kind === "git" ? code.untracked : code.files)
    table.set(file.path, `${file.mode} ${say(file.digest)}`);
  return table;
}

function environmentTable(run: RunRecord): Table {
  const table = new Map<string, string>();
  const python = run.environment.python;
  if (isUnknown(python)) table.set("python", say(python));
  else {
    table.set("python", python.version);
    for (const item of knownOr(python.packages, [])) {
      const origin =
        item.origin.kind === "vcs"
          ? ` @ ${item.origin.commit}`
          : item.origin.kind === "editable"
            ? ` (editable ${say(item.origin.digest)})`
            : "";
      table.set(`package ${item.name}`, item.version + origin);
    }
    for (const [name, value] of Object.entries(python.frameworks)) table.set(`framework ${name}`, value);
  }
  for (const library of knownOr(run.environment.libraries, []))
    if (library.role !== undefined) table.set(`library ${library.path}`, say(library.digest));
  return table;
}

function variableValue(fact: VariableFact): string {
  return "value" in fact ? fact.value : `not kept (${fact.hmac.slice(0, 12)})`;
}

function hardwareTable(run: RunRecord): Table {
  const { cpu, gpus, ...rest } = run.hardware;
  const table = new Map<string, string>([
    ["cpu", cpu.model],
    ["cpus usable", String(cpu.usable)],
  ]);
  for (const [name, value] of Object.entries(rest))
    table.set(name, typeof value === "object" ? say(value) : String(value));
  for (const [i, gpu] of knownOr(gpus, []).entries()) table.set(`gpu ${i}`, `${gpu.name}, driver ${gpu.driver}`);
  return table;
}

function fileTable(files: Known<readonly (InputFile | OutputFile)[]>): Table {
  return new Map(knownOr(files, []).map((file) => [file.path, say(file.digest)]));
}

function metricTable(metrics: readonly MetricSeries[]): Table {
  return new Map(metrics.filter((m) => !m.timing).map((m) => [m.name, String(m.points.at(-1)?.value ?? "none")]));
}

function seedTable(run: RunRecord): Table {
  const table = new Map<string, string>([
    ["mode", run.seed.mode],
    ["root", run.seed.root ?? "none"],
  ]);
  for (const own of run.seed.own) table.set(`${own.library} at ${own.file}:${own.line}`, own.value);
  return table;
}

function commandTable(run: RunRecord): Table {
  return new Map([
    ["command", run.command.argv.join(" ")],
    ["working folder in the project", run.command.workdir],
    ["program", say(run.command.executable)],
  ]);
}

/** Two records side by side, section by section. Facts only: nothing is read from disk. */
export function diffRecords(a: RunRecord, b: RunRecord): DiffDocument {
  const tables: Record<DiffSection, (run: RunRecord) => Table> = {
    code: codeTable,
    environment: environmentTable,
    variables: (run) => new Map(run.variables.map((fact) => [fact.name, variableValue(fact)])),
    data: (run) => fileTable(run.inputs),
    config: (run) => new Map(run.params.map((param) => [param.name, param.value])),
    seeds: seedTable,
    hardware: hardwareTable,
    command: commandTable,
    outputs: (run) => fileTable(run.outputs),
    metrics: (run) => metricTable(run.metrics),
  };
  const sections = Object.fromEntries(
    DIFF_SECTIONS.map((name) => [name, diffTables(tables[name](a), tables[name](b))]),
  ) as Record<DiffSection, DiffEntry[]>;
  const same =
    a.exitCode === b.exitCode &&
    a.signal === b.signal &&
    sections.outputs.length === 0 &&
    !isUnknown(a.outputs) &&
    !isUnknown(b.outputs) &&
    compareMetrics(a.metrics, b.metrics).every((item) => item.agree);
  return { format: "reprise/diff@1", a: a.id, b: b.id, same, sections };
}
