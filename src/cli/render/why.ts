import type { Cause, Certainty, Divergence, RunRecord, WhyDocument } from "#record";
import { safe } from "./escape.ts";
import { type Row, rowLines, wrap } from "./rows.ts";
import { placeText } from "./run.ts";
import { causeText, type Look } from "./verdict.ts";
import { brief, duration, plural, shellLine, shortId } from "./words.ts";

const SHOWN = 6;

function answer({ causes, complete, reason, b }: WhyDocument, { colors }: Look): string {
  const [first] = causes;
  if (first === undefined) {
    const nothing = complete && /^(nothing parts|no difference)/.test(reason);
    return nothing
      ? `${colors.green("✓ nothing to explain")} — ${safe(reason)}`
      : `${colors.yellow("? no cause found")} — ${safe(reason)}`;
  }
  const what = b === null ? "does not repeat" : "the runs differ";
  const count = causes.length === 1 ? `because of one cause, ${first.certainty}` : `because of ${causes.length} causes`;
  return `${colors.red(`✗ ${what}`)} — ${count}`;
}

/** "loss at step 3, train.py:12, variable w". */
function divergenceText(divergence: Divergence): string {
  const place = placeText(divergence.file, divergence.line);
  const step = divergence.step === null ? [] : [`step ${divergence.step}`];
  const variable = divergence.variable === null ? [] : [`variable ${safe(divergence.variable)}`];
  const operator = divergence.operator === null ? [] : [`operator ${safe(divergence.operator)}`];
  const sides =
    divergence.a === null && divergence.b === null
      ? []
      : [`${safe(String(divergence.a ?? "nothing"))} ≠ ${safe(String(divergence.b ?? "nothing"))}`];
  const apart =
    divergence.distance === null || divergence.distance === 0 ? [] : [`${brief(divergence.distance)} apart`];
  return [
    divergence.channel,
    divergence.phase,
    ...step,
    ...(place === "" ? [] : [place]),
    ...variable,
    ...operator,
    ...sides,
    ...apart,
  ].join(", ");
}

const WORD: Readonly<Record<Certainty, string>> = {
  proved: "proved",
  controlled: "controlled",
  consistent: "consistent",
  unknown: "unknown",
};

function causeLines(cause: Cause, look: Look): string[] {
  const { colors, columns } = look;
  const at = placeText(cause.file, cause.line);
  const cell = cause.cell === undefined ? "" : ` (cell ${cause.cell})`;
  const head = `${at === "" ? "" : `${colors.bold(at)}${cell}  `}${causeText(cause)}`;
  const rows: Row[] = cause.proof.map((proof, i) => [i === 0 ? WORD[cause.certainty] : "", safe(proof.outcome)]);
  if (rows.length === 0) rows.push([WORD[cause.certainty], "not shown by any replay"]);
  if (cause.fix !== "") rows.push(["fix", safe(cause.fix)]);
  const title = wrap(head, columns - 4).map((part, i) => `${i === 0 ? "  " : "    "}${part}`);
  return [...title, ...rowLines(rows, { colors, columns: columns - 2 }).map((line) => `  ${line}`)];
}

function next(document: WhyDocument, run: RunRecord): string {
  const seeds = document.causes.some((cause) => cause.kind === "unseeded-rng" || cause.kind === "hash-order");
  if (!document.complete) return `reprise why ${shortId(run.id)} --budget ${Math.max(100, 2 * document.replays)}`;
  if (seeds && document.b === null) return `reprise run --seed 42 -- ${safe(shellLine(run.command.argv))}`;
  if (document.causes.length === 0) return `reprise show ${shortId(run.id)}`;
  return "mend it, run it again, then: reprise verify";
}

/** Causes for people (docs/why.md): the answer, each cause with its proof and what to paste, what to type next. */
export function whyText(document: WhyDocument, run: RunRecord, look: Look): string {
  const { colors } = look;
  const shown = document.causes.slice(0, SHOWN);
  const more = document.causes.length - shown.length;
  const rows: Row[] = [];
  if (document.divergence !== null) rows.push(["first", divergenceText(document.divergence)]);
  for (const item of document.unresolved) rows.push(["unresolved", `${safe(item.name)}: ${safe(item.reason)}`]);
  if (shown.length > 0 && document.reason !== "")
    rows.push([document.complete ? "note" : "so far", safe(document.reason)]);
  rows.push(["replays", `${document.replays}, ${duration(document.seconds)}`]);
  for (const text of document.warnings.slice(0, 3)) rows.push(["warning", safe(text)]);
  return [
    answer(document, look),
    ...shown.flatMap((cause) => causeLines(cause, look)),
    ...(more > 0 ? [`  and ${plural(more, "more cause")} (--json has them)`] : []),
    ...rowLines(rows, look),
    `${colors.dim("next:")} ${next(document, run)}`,
    "",
  ].join("\n");
}
