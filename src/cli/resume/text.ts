import type { ResumeDocument, ResumedState } from "#replay";
import { safe } from "../render/escape.ts";
import { type Row, rowLines } from "../render/rows.ts";
import type { Look } from "../render/verdict.ts";
import { cut } from "../render/width.ts";
import { duration, listed, plural, shellLine, shortId } from "../render/words.ts";

const NOTES = 6;
/** A fingerprint says nothing to people. */
const DIGEST = /^([0-9a-f]{16}|sha256:.*)$/;

function answer(document: ResumeDocument, { colors }: Look): string {
  const { verdict, states } = document;
  const lost = states.filter(({ restored }) => !restored);
  if (verdict === "exact") return `${colors.green("✓ exact")} — killed and resumed, the run is the uninterrupted one`;
  if (verdict === "inconclusive") return `${colors.yellow("? inconclusive")} — ${safe(document.reason)}`;
  if (lost.length === 0) return `${colors.red("✗ differs")} — ${safe(document.reason)}`;
  const drawn = lost.every(({ state }) => state === "recipe");
  return `${colors.red("✗ differs")} — ${drawn ? "what is drawn anew when it is resumed parts it" : "not everything was restored"}`;
}

function lostRow({ words, certainty, state }: ResumedState): Row {
  if (certainty === "consistent") return ["also another", `${safe(words)}; not shown to matter`];
  if (certainty === "seen") return ["not restored", safe(words)];
  const how =
    state === "recipe"
      ? "held as recorded when it is resumed, the run is exact"
      : "its state of the save put back when it is resumed, the run is exact";
  return ["not restored", `${safe(words)} — proved: ${how}`];
}

function parts({ interrupted, resumed, uninterrupted }: ResumeDocument): Row[] {
  const rows: Row[] = [];
  if (uninterrupted !== null && uninterrupted.steps !== null)
    rows.push(["whole run", plural(uninterrupted.steps, "step")]);
  if (interrupted !== null) {
    const { steps, checkpoint, savedAfter, signal } = interrupted;
    const saved = savedAfter === null ? "" : `, saved after step ${savedAfter}`;
    const ended = steps === null ? "before it saved again" : `after ${plural(steps, "step")}`;
    rows.push(["interrupted", `SIG${signal} ${ended}; checkpoint ${safe(checkpoint)}${saved}`]);
  }
  if (resumed !== null) {
    const from = resumed.from === null ? "" : `from step ${resumed.from}, ${plural(resumed.steps ?? 0, "step")}: `;
    rows.push(["resumed", `${from}${safe(cut(shellLine(resumed.argv), 200))}`]);
  }
  return rows;
}

function compared({ evidence, resumed }: ResumeDocument): string {
  const count = (kind: string): number => evidence.filter((item) => item.kind === kind).length;
  return [
    ...(resumed?.steps == null ? [] : [plural(resumed.steps, "step")]),
    ...(count("metric") === 0 ? [] : [plural(count("metric"), "metric")]),
    ...(count("output") === 0 ? [] : [plural(count("output"), "final file")]),
  ].join(", ");
}

function next({ hint, run, verdict }: ResumeDocument): string {
  if (hint !== "") return safe(hint);
  return verdict === "differs"
    ? "restore it, and ask again; reprise.checkpoint saves and restores all of it"
    : `reprise show ${shortId(run)}`;
}

/** A resume check for people (docs/resume.md): the answer, what was not restored and how that is known, what was done. */
export function resumeText(document: ResumeDocument, look: Look): string {
  const { states, divergence, notes, verdict } = document;
  const lost = states.filter(({ restored }) => !restored);
  const kept = states.filter(({ restored }) => restored).map(({ words }) => safe(words));
  const rows: Row[] = lost.map(lostRow);
  if (divergence !== null) {
    const at = divergence.step === null ? "" : ` at step ${divergence.step}`;
    const sides =
      divergence.a === null || divergence.b === null || DIGEST.test(divergence.a)
        ? ""
        : `: ${safe(cut(divergence.a, 40))} ≠ ${safe(cut(divergence.b, 40))}`;
    rows.push(["first apart", `${safe(divergence.what)}${at}${sides}`]);
  }
  if (kept.length > 0) rows.push(["restored", listed(kept)]);
  rows.push(...parts(document));
  if (verdict !== "inconclusive") rows.push(["compared", compared(document)]);
  for (const note of notes.slice(0, NOTES)) rows.push(["note", safe(note)]);
  if (notes.length > NOTES) rows.push(["note", `and ${notes.length - NOTES} more (--json has them)`]);
  for (const text of document.warnings.slice(0, 3)) rows.push(["warning", safe(text)]);
  rows.push(["replays", `${document.replays.length}, ${duration(document.seconds)}`]);
  return [answer(document, look), ...rowLines(rows, look), `${look.colors.dim("next:")} ${next(document)}`, ""].join(
    "\n",
  );
}
