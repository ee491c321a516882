import { type Evidence, type Hold, isUnknown, type RunRecord, type VerifyDocument } from "#record";
import { claimRows } from "../level/claims.ts";
import { referenceRows } from "../level/references.ts";
import { moreReplays, statisticsRows } from "../level/statistics.ts";
import type { Colors } from "../output.ts";
import { safe } from "./escape.ts";
import { callOf, fixFor } from "./fix.ts";
import { type Row, rowLines, wrap } from "./rows.ts";
import { callText, isLibrary, placeText } from "./run.ts";
import { cut, displayWidth } from "./width.ts";
import { brief, duration, listed, plural, shortId } from "./words.ts";

export interface Look {
  readonly colors: Colors;
  readonly columns: number;
}

const RECORDED: Readonly<Record<string, string>> = {
  "unseeded-rng": "seeds",
  "hash-order": "hash seed",
  "listing-order": "listing order",
  "wall-clock": "clock readings",
  "os-entropy": "random bytes",
  "uninitialised-memory": "fill of fresh memory",
  "data-order": "file times",
};

/** The answer in one sentence. */
function answer(document: VerifyDocument, { colors }: Pick<Look, "colors">): string {
  const { verdict, holds, varied, level } = document;
  if (verdict === "reproduced") {
    const failure = failureIn(document.evidence);
    const same =
      failure === null ? "every result is the same" : `it fails each time with ${failure}, and all before is the same,`;
    const how =
      varied.length === 0
        ? `${same} when repeated as recorded`
        : level === "numerical"
          ? `${same} from the recipe alone`
          : safe(document.reason);
    return `${colors.green("✓ reproduced")} — ${how} (${level})`;
  }
  if (verdict === "conditional" && varied.length === 0) {
    return `${colors.red("✗ conditional")} — the same when repeated as recorded, but it draws what nobody seeded`;
  }
  if (verdict === "conditional") {
    const kinds = [...new Set(holds.map((hold) => RECORDED[hold.kind] ?? safe(hold.kind)))];
    return `${colors.red("✗ differs on its own")} — the same only with recorded ${listed(kinds) || "conditions"}`;
  }
  if (verdict === "differs") return `${colors.red("✗ differs")} — ${safe(document.reason)}`;
  return `${colors.yellow("? inconclusive")} — ${safe(document.reason)}`;
}

/** How a run ended that failed; null: it did not. */
function failureIn(evidence: readonly Evidence[]): string | null {
  const end = evidence.find(({ kind }) => kind === "exit")?.a ?? 0;
  if (typeof end === "number") return end === 0 ? null : `exit code ${end}`;
  return /^SIG[A-Z\d]+$/.test(end) ? end : null;
}

const NOUN: Readonly<Record<Evidence["kind"], string>> = {
  exit: "exit",
  metric: "metric",
  output: "output",
  fingerprint: "step fingerprint",
  stdout: "standard output",
  claim: "claim",
  reference: "reference",
};
const HOW: Readonly<Record<Evidence["how"], string>> = {
  bytes: "by bytes",
  content: "by content",
  masked: "masked",
  tolerance: "within tolerance",
};

/** Of two failed runs the last line of standard error counts, too. */
function streams(items: readonly Evidence[]): string {
  const errors = items.filter(({ name }) => name.startsWith("stderr")).length;
  const said = "last line of standard error";
  return errors === 0 ? NOUN.stdout : errors === items.length ? said : `${NOUN.stdout} and ${said}`;
}

/** "exit, 3 metrics, 2 outputs (1 by bytes, 1 by content)". */
function compared(evidence: readonly Evidence[]): string {
  return (Object.keys(NOUN) as Evidence["kind"][])
    .flatMap((kind) => {
      const items = evidence.filter((item) => item.kind === kind);
      if (items.length === 0) return [];
      const noun = kind === "stdout" ? streams(items) : kind === "exit" ? NOUN[kind] : plural(items.length, NOUN[kind]);
      const agreeing = items.filter((item) => item.agree);
      if (agreeing.length < items.length)
        return [`${noun} (${items.length === 1 ? "differs" : `${items.length - agreeing.length} differ`})`];
      const ways = (Object.keys(HOW) as Evidence["how"][]).flatMap((how) => {
        const count = agreeing.filter((item) => item.how === how).length;
        return count === 0 ? [] : [items.length === 1 ? HOW[how] : `${count} ${HOW[how]}`];
      });
      return kind === "exit" || kind === "metric" ? [noun] : [`${noun} (${ways.join(", ")})`];
    })
    .join(", ");
}

/** What was set aside, each kind once, with how often. */
function asides(evidence: readonly Evidence[]): string[] {
  const counts = new Map<string, number>();
  for (const item of evidence) for (const aside of item.aside) counts.set(aside, (counts.get(aside) ?? 0) + 1);
  return [...counts].map(([aside, count]) => (count === 1 ? safe(aside) : `${safe(aside)} (${count}×)`));
}

function value(side: string | number | null): string {
  if (side === null) return "nothing";
  if (typeof side === "number") return String(side);
  const text = /^sha256:[0-9a-f]{64}$/.test(side) ? `${side.slice(7, 19)}…` : safe(side);
  return cut(text, 60);
}

function firstDifference(document: VerifyDocument): string[] {
  const parted = document.evidence.find((item) => !item.agree);
  if (parted === undefined) return [];
  const name = safe(parted.name);
  const stream = name.replace(/^stdout/, "standard output").replace(/^stderr/, "standard error");
  const what = parted.kind === "stdout" ? stream : parted.kind === "exit" ? "exit" : `${NOUN[parted.kind]} ${name}`;
  const step = document.firstDivergence?.step ?? null;
  const at = step === null ? "" : `, first at step ${step}`;
  const apart = parted.distance === null || parted.distance === 0 ? "" : ` (${brief(parted.distance)} apart)`;
  return [`${what}${at}: ${value(parted.a)} ≠ ${value(parted.b)}${apart}`];
}

function shownOn({ shownOn: on }: VerifyDocument): string {
  const frameworks = Object.entries(on.frameworks).filter(([name]) => !name.includes("."));
  const python = on.python === null ? [] : [`Python ${on.python}`];
  return [
    ...python,
    ...frameworks.slice(0, 3).map(([name, version]) => `${name} ${version}`),
    on.cpu,
    ...on.gpus.slice(0, 1),
  ]
    .map(safe)
    .join(", ");
}

/** "default_rng() draws from a generator that nobody seeded". */
export function causeText(hold: Pick<Hold, "kind" | "words">): string {
  const call = callOf(hold);
  if (hold.kind === "unseeded-rng" && isLibrary(call))
    return `draws from the global generator of ${safe(call)}, which nobody seeded`;
  const what = call === "" ? hold.words : hold.words.slice(call.length + 2);
  return call === "" ? safe(what) : `${callText(call)} ${what.startsWith("draws") ? "" : "— "}${safe(what)}`;
}

/** A recorded condition that the results hang on: where it comes in, and how to mend it. */
function guiltyLines(hold: Hold, run: RunRecord, look: Look): string[] {
  const place = placeText(hold.file, hold.line, hold.cell);
  const fix = fixFor(hold, run);
  const ways = [...fix.code, ...(fix.command === null ? [] : [fix.command])];
  const cause = `${place === "" ? "" : `${look.colors.bold(place)}  `}${causeText(hold)}`;
  const together = `fix: ${ways.join("   or   ")}`;
  const fits = displayWidth(together) + 4 <= look.columns;
  const fixes =
    ways.length === 0 ? [] : fits ? [together] : ways.map((way, i) => (i === 0 ? `fix: ${way}` : `or:  ${way}`));
  const lines = [cause, ...fixes];
  return lines.flatMap((line) => wrap(line, look.columns - 4).map((part, i) => `${i === 0 ? "  " : "    "}${part}`));
}

const HOLDS_SHOWN = 3;
const ASIDES_SHOWN = 4;
const WARNINGS_SHOWN = 3;

function evidenceRows(document: VerifyDocument): Row[] {
  const { evidence, replays, agreeing, varied } = document;
  const aside = asides(evidence);
  const more = aside.length > ASIDES_SHOWN ? `, and ${aside.length - ASIDES_SHOWN} more (--json has them)` : "";
  const rare = document.missRate !== null && document.missRate < 1 && document.verdict !== "differs";
  const miss = rare
    ? `; what shows in less than ${Math.round((document.missRate ?? 0) * 100)} % of runs could still hide`
    : "";
  const measured =
    document.statistics !== undefined || document.claims !== undefined || document.references !== undefined;
  const list: Row[] = measured ? [] : firstDifference(document).map((text) => ["differs", text]);
  list.push(...statisticsRows(document), ...claimRows(document), ...referenceRows(document));
  if (evidence.length > 0 && !measured) list.push(["compared", compared(evidence)]);
  if (aside.length > 0) list.push(["set aside", aside.slice(0, ASIDES_SHOWN).join(", ") + more]);
  if (varied.length > 0) list.push(["varied", varied.map(safe).join(", ")]);
  if (replays.length > 0)
    list.push(
      measured
        ? ["replays", `${replays.length}, ${duration(document.seconds)}${document.level === "functional" ? miss : ""}`]
        : ["replays", `${agreeing} of ${replays.length} agree, ${duration(document.seconds)}${miss}`],
    );
  if (evidence.length > 0) list.push(["shown on", shownOn(document)]);
  return list;
}

function next(document: VerifyDocument, run: RunRecord): string {
  const id = shortId(run.id);
  const [replayed] = document.replays;
  const more = moreReplays(document, id);
  if (more !== null) return more;
  if (document.verdict === "reproduced" || document.verdict === "inconclusive") return `reprise show ${id}`;
  if (document.verdict === "conditional") {
    const command = document.holds.map((hold) => fixFor(hold, run).command).find((found) => found !== null);
    const kinds = [...new Set(document.holds.map((hold) => hold.kind))];
    return (
      command ??
      `mend it, run it again, then: reprise verify   (or make it part of the recipe: ${kinds.map((kind) => `--hold ${safe(kind)}`).join(" ")})`
    );
  }
  return replayed === undefined
    ? `reprise show ${id}`
    : `reprise why ${id}   or   reprise diff ${id} ${shortId(replayed)}`;
}

function provedRows(document: VerifyDocument): Row[] {
  if (document.verdict !== "conditional" || document.holds.length === 0 || document.varied.length === 0) return [];
  const what = document.holds.length === 1 ? "this" : "these";
  return [["proved", `with ${what} held as recorded and everything else varied, every result is the same`]];
}

/** A verdict for people (docs/verdict.md): the answer, the evidence, what to type next. */
export function verdictText(document: VerifyDocument, run: RunRecord, look: Look): string {
  const { colors } = look;
  const causes = document.holds.slice(0, HOLDS_SHOWN).flatMap((hold) => guiltyLines(hold, run, look));
  const more = document.holds.length - HOLDS_SHOWN;
  if (more > 0) causes.push(`  and ${plural(more, "more place")} (--json has them)`);
  const list = [...provedRows(document), ...evidenceRows(document)];
  for (const text of document.warnings.slice(0, WARNINGS_SHOWN)) list.push(["warning", safe(text)]);
  if (isUnknown(run.inputs)) list.push(["unknown", `inputs: ${safe(run.inputs.unknown)}`]);
  return [
    answer(document, look),
    ...causes,
    ...rowLines(list, look),
    `${colors.dim("next:")} ${next(document, run)}`,
    "",
  ].join("\n");
}
