import type { RunRecord } from "#record";
import type { Again } from "#replay";
import type { Colors } from "../output.ts";
import { safe } from "./escape.ts";
import { statusText } from "./run.ts";
import { duration, plural, shortId } from "./words.ts";

function resultText({ evidence, likeness }: Again, baseline: RunRecord, replay: RunRecord): string {
  const apart = (evidence ?? []).filter((item) => !item.agree);
  const more = `reprise diff ${shortId(baseline.id)} ${shortId(replay.id)}`;
  if (likeness === "same") return `every result is the same as of ${shortId(baseline.id)}`;
  if (likeness === "parted") return `${plural(apart.length, "result differs", "results differ")}: ${more}`;
  const blind = apart.map((item) => `${item.name}: ${item.unseen}`).join("; ");
  return `whether results are the same cannot be told: ${safe(blind === "" ? "there is nothing to compare" : blind)}`;
}

/** After a replay, on standard error. `folder` is where it stays; null: it was removed. */
export function replayText(again: Again, baseline: RunRecord, folder: string | null, colors: Colors): string {
  const { run, obstacle, warnings } = again.replayed;
  const head = colors.cyan("reprise:");
  const lines = warnings.map((text) => `${colors.yellow("reprise: warning:")} ${safe(text)}`);
  if (obstacle !== null) lines.push(`${colors.red("reprise:")} the replay could not be made: ${safe(obstacle)}`);
  else if (run !== null) {
    lines.push(
      `${head} replay ${colors.bold(shortId(run.id))} ${statusText(run)} in ${duration(run.seconds)} · ${resultText(again, baseline, run)}`,
    );
  }
  if (folder !== null) lines.push(`${head} the folder stays: ${safe(folder)}`);
  return `${lines.join("\n")}\n`;
}
