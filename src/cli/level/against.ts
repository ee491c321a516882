import type { AgainstDocument, MachineRow, ShownOn } from "#record";
import type { Colors } from "../output.ts";
import { safe } from "../render/escape.ts";
import { type Row, rowLines } from "../render/rows.ts";
import { duration, plural, shortId } from "../render/words.ts";

interface Look {
  readonly colors: Colors;
  readonly columns: number;
}

const SIGN = { agrees: "✓", differs: "✗", unknown: "?" } as const;

function machineText({ cpu, gpus, os, python, frameworks }: ShownOn): string {
  const versions = Object.entries(frameworks).filter(([name]) => !name.includes("."));
  return [
    ...(python === null ? [] : [`Python ${python}`]),
    ...versions.slice(0, 3).map(([name, version]) => `${name} ${version}`),
    cpu,
    ...gpus.slice(0, 1),
    os,
  ]
    .map(safe)
    .join(", ");
}

/** A table with a header, columns as wide as what they hold. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? "").length)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd());
}

function cells(row: MachineRow, asked: AgainstDocument["asked"]): string[] {
  return [
    safe(row.file),
    safe(row.hostname),
    row.group ?? "?",
    `${SIGN[row.numerical.word]} ${row.numerical.word}`,
    ...(asked === "numerical"
      ? []
      : [row.statistical === null ? "·" : `${SIGN[row.statistical.word]} ${row.statistical.word}`]),
  ];
}

function reasons(row: MachineRow): Row[] {
  const { file, numerical, statistical, recipe } = row;
  const rows: Row[] = [[safe(file), machineText(row.shownOn)]];
  rows.push(["", `numerical: ${safe(numerical.reason)}`]);
  if (statistical !== null) rows.push(["", `statistical: ${safe(statistical.reason)}`]);
  const differing = recipe.map(({ section, count }) => `${section} (${count})`).join(", ");
  rows.push([
    "",
    recipe.length === 0 ? "the same recipe: command, code, configuration, data" : `the recipe differs: ${differing}`,
  ]);
  return rows;
}

function answer({ verdict, level, reason }: AgainstDocument, colors: Colors): string {
  if (verdict === "reproduced") return `${colors.green("✓ reproduced")} — ${safe(reason)} (${level})`;
  if (verdict === "inconclusive") return `${colors.yellow("? inconclusive")} — ${safe(reason)}`;
  return `${colors.red("✗ differs")} — ${safe(reason)}`;
}

function next(document: AgainstDocument): string {
  const id = shortId(document.run);
  const { verdict, machines, asked } = document;
  if (verdict === "inconclusive" && machines.some(({ numerical }) => numerical.reason.includes("repeat on its own")))
    return `reprise verify ${id}   (and the same where the file comes from, then export it again)`;
  if (verdict === "differs" && asked === "numerical") return `reprise verify ${id} --level statistical --against FILE`;
  return `reprise show ${id}`;
}

/** Which machines agree with this one at which level, as a table, and why for each. */
export function againstText(document: AgainstDocument, look: Look): string {
  const { machines, asked, replays, warnings } = document;
  const head = ["run", "host", "results", "numerical", ...(asked === "numerical" ? [] : ["statistical"])];
  const mine = [shortId(document.run), safe(document.hostname), "A", "this run"];
  const rows: Row[] = [[shortId(document.run), machineText(document.shownOn)], ...machines.flatMap(reasons)];
  if (replays.length > 0)
    rows.push(["measured", `${plural(replays.length, "replay")} here, ${duration(document.seconds)}`]);
  for (const warning of warnings) rows.push(["note", safe(warning)]);
  return [
    answer(document, look.colors),
    ...table([head, mine, ...machines.map((row) => cells(row, asked))]),
    ...rowLines(rows, look),
    `${look.colors.dim("next:")} ${next(document)}`,
    "",
  ].join("\n");
}
