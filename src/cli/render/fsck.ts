import type { FsckFinding, FsckReport } from "#store";
import type { Colors } from "../output.ts";
import { safe } from "./escape.ts";
import { plural, shortId } from "./words.ts";

const RUNS_SHOWN = 5;

function findingText({ code, message, runs }: FsckFinding, colors: Colors): string {
  const named =
    runs.slice(0, RUNS_SHOWN).map(shortId).join(", ") +
    (runs.length > RUNS_SHOWN ? ` and ${runs.length - RUNS_SHOWN} more` : "");
  const needed = runs.length === 0 ? "no run needs it" : `needed by ${named}`;
  return `  ${colors.red(code)}  ${safe(message)}; ${needed}\n`;
}

export function fsckText({ objects, runs, findings }: FsckReport, colors: Colors): string {
  const checked = `${plural(runs, "run")}, ${plural(objects, "object")} checked`;
  if (findings.length === 0) return `${colors.green("✓ whole")} — ${checked}\n`;
  const hurt = new Set(findings.flatMap((finding) => finding.runs));
  const head = `${colors.red(`✗ ${plural(findings.length, "finding")}`)} — ${checked}, ${plural(hurt.size, "run")} hurt\n`;
  return (
    head +
    findings.map((finding) => findingText(finding, colors)).join("") +
    (hurt.size === 0 ? "" : `${colors.dim("next:")} run these again, then: reprise rm RUN\n`)
  );
}
