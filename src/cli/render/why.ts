import type { Cause, Divergence, RunRecord, WhyDocument } from "#record";
import { safe } from "./escape.ts";
import { type Row, rowLines, wrap } from "./rows.ts";
import { placeText } from "./run.ts";
import { causeText, type Look } from "./verdict.ts";
import { cut } from "./width.ts";
import { brief, duration, plural, shellLine, shortId } from "./words.ts";

const SHOWN = 6;

function answer({ causes, parts, reason, b }: WhyDocument, { colors }: Look): string {
  if (parts === false) return `${colors.green("✓ nothing to explain")} — ${safe(reason)}`;
  const [first] = causes;
  if (first === undefined) return `${colors.yellow("? no cause found")} — ${safe(reason)}`;
  const what = b === null ? "does not repeat" : "the runs differ";
  const count = causes.length === 1 ? `because of one cause, ${first.certainty}` : `because of ${causes.length} causes`;
  return `${colors.red(`✗ ${what}`)} — ${count}`;
}

/** A value as people write it; null for what is told by a digest alone. */
function plainValue(side: string | number | null): string | null {
  if (typeof side === "number") return String(side);
  const plain = /^[ifbsc]:(.*)$/s.exec(side ?? "");
  return plain === null ? null : safe(plain[1] ?? "");
}

/** "train.py:12, variable w, operator aten.mm, in step 3 (loss): 0.5 ≠ 0.25". */
function divergenceText(divergence: Divergence): string {
  const { step, phase, channel, variable, operator, distance } = divergence;
  const place = placeText(divergence.file, divergence.line, divergence.cell);
  const when = step === null ? [] : [phase === "train" ? `in step ${step} (${channel})` : `before step 0 (${channel})`];
  const parts = [
    ...(place === "" ? [] : [place]),
    ...(variable === null ? [] : [`variable ${safe(variable)}`]),
    ...(operator === null ? [] : [`operator ${safe(operator)}`]),
    ...when,
  ];
  const [a, b] = [plainValue(divergence.a), plainValue(divergence.b)];
  const sides = a === null || b === null ? "" : `: ${cut(a, 40)} ≠ ${cut(b, 40)}`;
  const apart = distance === null || distance === 0 ? "" : ` (${brief(distance)} apart)`;
  return `${parts.join(", ") || channel}${sides}${apart}`;
}

function causeLines(cause: Cause, look: Look): string[] {
  const { colors, columns } = look;
  const at = placeText(cause.file, cause.line, cause.cell);
  const head = `${at === "" ? "" : `${colors.bold(at)}  `}${causeText(cause)}`;
  const rows: Row[] = cause.proof.map((proof, i) => [i === 0 ? cause.certainty : "", safe(proof.outcome)]);
  if (rows.length === 0) rows.push([cause.certainty, "not shown by any replay"]);
  if (cause.fix !== "") rows.push(["fix", safe(cause.fix)]);
  const title = wrap(head, columns - 4).map((part, i) => `${i === 0 ? "  " : "    "}${part}`);
  return [...title, ...rowLines(rows, { colors, columns: columns - 2 }).map((line) => `  ${line}`)];
}

/** What another tool recorded cannot be done again: it has to be recorded once by us. */
function recordOnce({ command, imported }: RunRecord): string {
  return `reprise run -- ${imported?.unknown.command === undefined ? safe(shellLine(command.argv)) : "COMMAND"}`;
}

function next(document: WhyDocument, run: RunRecord, other: RunRecord | null): string {
  const foreign = [run, other].find((one) => one?.imported !== undefined);
  if (foreign != null) return recordOnce(foreign);
  const seeds = document.causes.some((cause) => cause.kind === "unseeded-rng" || cause.kind === "hash-order");
  if (document.b !== null && document.causes.length > 0)
    return `reprise diff ${shortId(document.a)} ${shortId(document.b)}`;
  const second = document.b === null ? "" : ` ${shortId(document.b)}`;
  if (!document.complete)
    return `reprise why ${shortId(document.a)}${second} --budget ${Math.max(100, 2 * document.replays)}`;
  const typed = document.causes.find((cause) => cause.fix.startsWith("reprise run --seed "));
  if (typed !== undefined && document.causes.length === 1) return safe(typed.fix);
  if (seeds && document.b === null) return `reprise run --seed 42 -- ${safe(shellLine(run.command.argv))}`;
  if (document.causes.length === 0) return `reprise show ${shortId(run.id)}`;
  return "mend it, run it again, then: reprise verify";
}

/** Causes for people (docs/why.md): the answer, each cause with its proof and what to paste, what to type next. */
export function whyText(document: WhyDocument, run: RunRecord, look: Look, other: RunRecord | null = null): string {
  const { colors } = look;
  const shown = document.causes.slice(0, SHOWN);
  const more = document.causes.length - shown.length;
  const rows: Row[] = [];
  if (document.divergence !== null) rows.push(["first apart", divergenceText(document.divergence)]);
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
    `${colors.dim("next:")} ${next(document, run, other)}`,
    "",
  ].join("\n");
}
