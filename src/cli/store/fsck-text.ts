import type { RunId } from "#record";
import type { FsckFinding, FsckReport } from "#store";
import type { Colors } from "../output.ts";
import { safe } from "../render/escape.ts";
import { plural, shortId } from "../render/words.ts";

const RUNS_SHOWN = 5;

/** A finding, and the runs that it hurts. */
export function findingText({ code, digest, message, runs }: FsckFinding, colors: Colors): string {
  const named =
    runs.slice(0, RUNS_SHOWN).map(shortId).join(", ") +
    (runs.length > RUNS_SHOWN ? ` and ${runs.length - RUNS_SHOWN} more` : "");
  const needed = runs.length > 0 ? `; needed by ${named}` : digest === null ? "" : "; no run needs it";
  return `  ${colors.red(code)}  ${safe(message)}${needed}\n`;
}

export const hurtRuns = (findings: readonly FsckFinding[]): ReadonlySet<RunId> =>
  new Set(findings.flatMap(({ runs }) => runs));

export function fsckText({ objects, runs, findings }: FsckReport, colors: Colors): string {
  const checked = `${plural(runs, "run")}, ${plural(objects, "object")} checked`;
  if (findings.length === 0) return `${colors.green("✓ whole")} — ${checked}\n`;
  const hurt = hurtRuns(findings);
  const head = `${colors.red(`✗ ${plural(findings.length, "finding")}`)} — ${checked}, ${plural(hurt.size, "run")} hurt\n`;
  return `${head}${findings.map((finding) => findingText(finding, colors)).join("")}${colors.dim("next:")} reprise repair\n`;
}
