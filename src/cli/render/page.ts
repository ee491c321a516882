import {
  type CodeFacts,
  type EntropySource,
  type InputFile,
  isUnknown,
  type Known,
  knownOr,
  type MetricSeries,
  type OutputFile,
  type RunRecord,
  seriesTitle,
  type VerifyDocument,
} from "#record";
import type { SavedOutputs } from "#replay";
import type { Colors } from "../output.ts";
import { policyRows } from "../policy/text.ts";
import { parameterRows } from "../show/parameters.ts";
import { safe } from "./escape.ts";
import { paintVerdict, verdictWord } from "./list.ts";
import { notebookTexts } from "./notebook.ts";
import { type Row, rowLines } from "./rows.ts";
import { placeText, statusText } from "./run.ts";
import { brief, bytes, duration, plural, shellLine, shortId } from "./words.ts";

export interface Verdict {
  readonly at: string;
  readonly document: VerifyDocument;
}

export interface PageLook {
  readonly colors: Colors;
  readonly columns: number;
}

interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

const MOST_ROWS = 12;

const because = (reason: string): string => `unknown: because ${safe(reason)}`;

function known<T>(value: Known<T>, say: (value: T) => string): string {
  return isUnknown(value) ? because(value.unknown) : say(value);
}

/** At most so many rows; the last says how many more there are and where. */
function capped(rows: readonly Row[], more: string): Row[] {
  if (rows.length <= MOST_ROWS) return [...rows];
  return [...rows.slice(0, MOST_ROWS), ["", `… ${rows.length - MOST_ROWS} more: ${more}`]];
}

function codeRows(code: Known<CodeFacts>): Row[] {
  if (isUnknown(code)) return [["code", because(code.unknown)]];
  if (code.kind === "snapshot") {
    const left = code.left.length === 0 ? "" : `, ${code.left.length} left out`;
    return [["code", `snapshot of ${plural(code.files.length, "file")}${left} (no git repository)`]];
  }
  const dirty = code.dirty ? ", uncommitted changes saved" : ", clean";
  const extra = code.untracked.length === 0 ? "" : `, ${plural(code.untracked.length, "untracked file")}`;
  const branch = isUnknown(code.branch) ? "" : ` on ${safe(code.branch)}`;
  return [
    [
      "code",
      `${code.commit === null ? "no commit yet" : `commit ${code.commit.slice(0, 12)}`}${branch}${dirty}${extra}`,
    ],
    ...(isUnknown(code.remote) ? [] : [["remote", safe(code.remote)] as const]),
    ...code.submodules.map(
      (sub): Row => ["submodule", `${safe(sub.path)} ${sub.commit.slice(0, 12)}${sub.dirty ? ", dirty" : ""}`],
    ),
  ];
}

function seedRows(run: RunRecord): Row[] {
  const { mode, root, seeded, own } = run.seed;
  const what = seeded.length === 0 ? "" : ` → ${seeded.map(safe).join(", ")}`;
  const text =
    mode === "off" ? "off: entropy was left alone" : `${mode === "fresh" ? "fresh " : "declared "}${root ?? ""}${what}`;
  return [
    ["seed", text],
    ...own.map(
      (item): Row => ["own seed", `${safe(item.library)} = ${safe(item.value)} at ${placeText(item.file, item.line)}`],
    ),
  ];
}

/** Where a run comes from that another tool recorded. */
function importedRows({ imported }: RunRecord): Row[] {
  if (imported === undefined) return [];
  return [
    ["imported from", `${imported.from}, ${safe(imported.id)}`],
    ["folder", safe(imported.folder)],
  ];
}

function headRows(run: RunRecord): Row[] {
  const tags = Object.entries(run.tags).map(([key, value]) => `${safe(key)}=${safe(value)}`);
  const lacks = run.imported?.unknown ?? {};
  const said = (name: string, text: string): string => (lacks[name] === undefined ? text : because(lacks[name]));
  return [
    ["command", said("command", safe(shellLine(run.command.argv)))],
    ["in", said("working folder", safe(run.command.cwd))],
    ["status", `${statusText(run)}${lacks.end === undefined ? ` in ${duration(run.seconds)}` : ""}`],
    ["started", `${run.startedAt}${lacks.start === undefined ? "" : ` (${because(lacks.start)})`}`],
    ...importedRows(run),
    ...(run.name === null ? [] : [["name", safe(run.name)] as const]),
    ...(tags.length === 0 ? [] : [["tags", tags.join(", ")] as const]),
    ...(run.replay === null
      ? []
      : [["replay of", `${run.replay.of}; held: ${run.replay.held.map(safe).join(", ") || "nothing"}`] as const]),
    ...codeRows(run.code),
    ...(lacks.seed === undefined ? seedRows(run) : [["seed", because(lacks.seed)] as const]),
  ];
}

function entropyRow(source: EntropySource): Row {
  const place = placeText(source.file, source.line, source.cell) || "place unknown";
  const times = source.count === 1 ? "" : ` ${source.count}×`;
  const note = source.note === undefined ? "" : ` (${safe(source.note)})`;
  return [place, `${safe(source.name)}${times} — ${source.kind}${note}`];
}

function fileRow(file: InputFile | OutputFile): Row {
  const size = known(file.bytes, bytes);
  const digest = known(file.digest, (text) => text.slice(7, 19));
  const change = "change" in file && file.change !== "created" ? `, ${file.change}` : "";
  const role = "role" in file && file.role !== undefined ? `, ${file.role}` : "";
  return [safe(file.path), `${size}, ${digest}${change}${role}${file.stored ? "" : ", content not kept"}`];
}

function filesSection(title: string, files: Known<readonly (InputFile | OutputFile)[]>, id: string): Section {
  if (isUnknown(files)) return { title, rows: [["", because(files.unknown)]] };
  return { title, rows: capped(files.map(fileRow), `reprise show ${id} --files`) };
}

function metricRow(series: MetricSeries): Row {
  const title = safe(seriesTitle(series));
  const first = series.points[0]?.value;
  const last = series.points.at(-1);
  if (first === undefined || last === undefined) return [title, "no points"];
  const path = series.points.length === 1 ? "" : `${brief(first)} → `;
  const count =
    series.points.length === 1
      ? ""
      : ` (${series.points.length + series.dropped} points${last.step === null ? "" : `, last step ${last.step}`})`;
  return [title, `${path}${brief(last.value)}${count}${series.timing ? ", a timing" : ""}`];
}

/** The machine; of an imported run what little is said of it. */
function systemRows({ hardware, imported }: RunRecord): Row[] {
  const { cpu, gpus, os, memoryBytes, libc, container } = hardware;
  if (imported !== undefined)
    return [["system", `${os === "unknown" ? "" : `${safe(os)}; `}${because(imported.unknown.hardware ?? "")}`]];
  return [
    ["system", `${safe(os)}, libc ${known(libc, safe)}, container ${known(container, safe)}`],
    ["processor", `${safe(cpu.model)}, ${cpu.usable} of ${cpu.logical} usable, ${bytes(memoryBytes)} memory`],
    [
      "gpu",
      known(gpus, (list) => list.map((gpu) => `${safe(gpu.name)} (driver ${safe(gpu.driver)})`).join(", ") || "none"),
    ],
  ];
}

function environmentRows(run: RunRecord): Row[] {
  const { python } = run.environment;
  const rows: Row[] = [
    ["python", known(python, (facts) => `${facts.version} (${facts.manager}) ${safe(facts.executable)}`)],
    ...(isUnknown(python)
      ? []
      : [
          [
            "packages",
            known(python.packages, (list) => `${list.length}, ${list.filter((item) => item.imported).length} imported`),
          ] as const,
        ]),
    ["libraries", known(run.environment.libraries, (list) => `${list.length} loaded`)],
    ...systemRows(run),
  ];
  return rows;
}

function verdictRow({ at, document }: Verdict, colors: Colors): Row {
  const places = document.holds.map((hold) => placeText(hold.file, hold.line, hold.cell) || hold.kind);
  const what = places.length === 0 ? safe(document.reason) : `holds on ${places.join(", ")}`;
  return [at.slice(0, 16).replace("T", " "), `${paintVerdict(verdictWord(document.verdict), colors)} — ${what}`];
}

function render(sections: readonly Section[], look: PageLook): string {
  return sections
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, rows }) => `${look.colors.bold(title)}\n${rowLines(rows, look).join("\n")}\n`)
    .join("\n");
}

/** Everything about a run on a page; what is not known says why. */
export function pageText(
  run: RunRecord,
  verdicts: readonly Verdict[],
  notebooks: readonly SavedOutputs[],
  pins: readonly Row[],
  look: PageLook,
): string {
  const id = shortId(run.id);
  const agent =
    run.agent.state === "attached" ? [] : [["agent", `${run.agent.state}: ${safe(run.agent.reason ?? "")}`] as const];
  const sections: Section[] = [
    { title: `run ${run.id}`, rows: headRows(run) },
    { title: "parameters", rows: parameterRows(run, `reprise show ${id} --params`) },
    { title: "verdicts", rows: verdicts.map((verdict) => verdictRow(verdict, look.colors)) },
    { title: "notebooks", rows: notebooks.flatMap(notebookTexts).map((text): Row => ["", text]) },
    { title: "metrics", rows: capped(run.metrics.map(metricRow), `reprise show ${id} --json`) },
    {
      title: "entropy",
      rows: isUnknown(run.entropy)
        ? [["", because(run.entropy.unknown)]]
        : capped(run.entropy.map(entropyRow), `reprise show ${id} --json`),
    },
    filesSection("inputs", run.inputs, id),
    { title: "pins of other tools", rows: pins },
    filesSection("outputs", run.outputs, id),
    { title: run.policy === undefined ? "policy" : `policy ${run.policy.mode}`, rows: policyRows(run.policy) },
    { title: "environment", rows: [...agent, ...environmentRows(run)] },
    { title: "warnings", rows: run.warnings.map(({ code, message }): Row => [code, safe(message)]) },
  ];
  return render(sections, look);
}

/** `show --params`: every parameter with its value, and where it comes from. */
export function paramsText(run: RunRecord, look: PageLook): string {
  const rows = parameterRows(run, null);
  return render([{ title: "parameters", rows: rows.length === 0 ? [["", "none"]] : rows }], look);
}

/** `show --files`: all of them. */
export function filesText(run: RunRecord, look: PageLook): string {
  const whole = (title: string, files: RunRecord["inputs"] | RunRecord["outputs"]): Section => ({
    title,
    rows: isUnknown(files) ? [["", because(files.unknown)]] : files.map(fileRow),
  });
  return render([whole("inputs", run.inputs), whole("outputs", run.outputs)], look);
}

/** `show --env`: interpreter, packages, libraries, variables. */
export function environmentText(run: RunRecord, look: PageLook): string {
  const python = knownOr(run.environment.python, null);
  const packages = python === null ? [] : knownOr(python.packages, []);
  const variables = run.variables.map(
    (fact): Row => [safe(fact.name), "value" in fact ? safe(fact.value) : `not kept (${fact.reason})`],
  );
  return render(
    [
      { title: "environment", rows: environmentRows(run) },
      {
        title: "frameworks",
        rows: Object.entries(python?.frameworks ?? {}).map(([name, value]): Row => [safe(name), safe(value)]),
      },
      {
        title: "packages",
        rows: packages.map(
          (item): Row => [
            safe(item.name),
            `${safe(item.version)}${item.imported ? ", imported" : ""} (${item.origin.kind})`,
          ],
        ),
      },
      {
        title: "libraries",
        rows: knownOr(run.environment.libraries, []).map((item): Row => [item.role ?? "", safe(item.path)]),
      },
      {
        title: "lock files",
        rows: run.environment.lockFiles.map(
          (file): Row => [safe(file.path), known(file.digest, (text) => text.slice(7, 19))],
        ),
      },
      { title: "variables", rows: variables },
    ],
    look,
  );
}
