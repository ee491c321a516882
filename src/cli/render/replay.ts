import type { DiffDocument } from "#compare";
import type { RunRecord } from "#record";
import type { Colors } from "../output.ts";
import { safe } from "./escape.ts";
import { statusText } from "./run.ts";
import { duration, plural, shortId } from "./words.ts";

export interface ReplayView {
  readonly baseline: RunRecord;
  readonly run: RunRecord | null;
  readonly diff: DiffDocument | null;
  /** Where it stays; null: it was removed. */
  readonly folder: string | null;
  readonly obstacle: string | null;
  readonly warnings: readonly string[];
}

function resultText({ baseline, diff, run }: ReplayView): string {
  if (diff === null || run === null) return "";
  if (diff.same) return `every result is the same as of ${shortId(baseline.id)}, by bytes`;
  const count = diff.sections.outputs.length + diff.sections.metrics.length;
  const what =
    count === 0 ? "the exit code differs" : `${plural(count, "result differs", "results differ")} in their bytes`;
  return `${what}: reprise diff ${shortId(baseline.id)} ${shortId(run.id)}`;
}

/** After a replay, on standard error. */
export function replayText(view: ReplayView, colors: Colors): string {
  const head = colors.cyan("reprise:");
  const lines = view.warnings.map((text) => `${colors.yellow("reprise: warning:")} ${safe(text)}`);
  if (view.obstacle !== null)
    lines.push(`${colors.red("reprise:")} the replay could not be made: ${safe(view.obstacle)}`);
  else if (view.run !== null) {
    lines.push(
      `${head} replay ${colors.bold(shortId(view.run.id))} ${statusText(view.run)} in ${duration(view.run.seconds)} · ${resultText(view)}`,
    );
  }
  if (view.folder !== null) lines.push(`${head} the folder stays: ${safe(view.folder)}`);
  return `${lines.join("\n")}\n`;
}
