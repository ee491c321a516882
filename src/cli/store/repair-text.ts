import type { RepairReport } from "#store";
import type { Colors } from "../output.ts";
import { safe } from "../render/escape.ts";
import { plural, shortId } from "../render/words.ts";
import { findingText, hurtRuns } from "./fsck-text.ts";

const OBJECTS_SHOWN = 5;

function databaseText({ database }: RepairReport): string[] {
  if (database === null) return [];
  const { runs, facts, lost } = database;
  const made = `the database was made anew: ${plural(runs, "run")}, ${plural(facts, "fact")}`;
  return lost.length === 0 ? [made] : [made, `no record is left of ${lost.map(shortId).join(", ")}`];
}

function objectsText({ restored }: RepairReport): string[] {
  const lines = restored.slice(0, OBJECTS_SHOWN).map(({ digest, from }) => `${digest} came back from ${from}`);
  const more = restored.length - lines.length;
  return more > 0 ? [...lines, `and ${plural(more, "object")} more`] : lines;
}

const KEY = {
  whole: [],
  restored: ["the key came back from its copy"],
  new: [
    "the key is lost: a new one was made, and secret variables of new runs cannot be compared with those of old ones",
  ],
};

/** What was mended, where the damaged pieces are, and what stays lost. */
export function repairText(report: RepairReport, colors: Colors): string {
  const { left, quarantine, runs, objects } = report;
  const done = [...databaseText(report), ...KEY[report.key], ...objectsText(report)].map((line) => `  ${safe(line)}\n`);
  const kept =
    quarantine === null
      ? ""
      : `${colors.dim("kept:")} ${plural(quarantine.files, "damaged file")} in ${safe(quarantine.folder)}\n`;
  const checked = `${plural(runs, "run")}, ${plural(objects, "object")} checked`;
  if (left.length === 0) return `${colors.green("✓ whole")} — ${checked}\n${done.join("")}${kept}`;
  const hurt = hurtRuns(left);
  const head = `${colors.red(`✗ ${plural(left.length, "finding")} left`)} — ${checked}, ${plural(hurt.size, "run")} hurt\n`;
  const next =
    hurt.size === 0
      ? ""
      : `${colors.dim("next:")} reprise repair --from STORE, or run these again, then: reprise rm RUN\n`;
  return `${head}${done.join("")}${left.map((finding) => findingText(finding, colors)).join("")}${kept}${next}`;
}
