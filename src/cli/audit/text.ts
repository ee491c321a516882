import type { AuditDocument, AuditItem, Golden, GoldenFile, Initiated } from "#audit";
import { safe } from "../render/escape.ts";
import { type Row, rowLines, wrap } from "../render/rows.ts";
import { placeText } from "../render/run.ts";
import { causeText, type Look } from "../render/verdict.ts";
import { brief, duration, plural, shortId } from "../render/words.ts";
import { causesOf, changeWords, itemWords, nextOf } from "./words.ts";

const MARKS = { within: "✓ within", outside: "✗ outside", inconclusive: "? inconclusive" } as const;
const SHOWN = 8;

const first = (rows: readonly Row[], more: string): Row[] =>
  rows.length <= SHOWN ? [...rows] : [...rows.slice(0, SHOWN), ["", `and ${plural(rows.length - SHOWN, more)}`]];

/** What is not as it should be, by line; of the rest how many there are. */
function itemRows({ items, golden }: AuditDocument): Row[] {
  const bad = items.filter(({ state }) => state !== "within");
  const good = items.filter(({ state }) => state === "within");
  const rows = bad.map((item): Row => [item.state, safe(`${item.name}  ${itemWords(item, golden.trainings)}`)]);
  const near = good.filter(({ reason }) => reason !== null);
  const metrics = good.filter(({ kind }) => kind === "metric").length;
  const exact = good.length - metrics;
  const parts = [
    ...(metrics > 0 ? [plural(metrics, "metric")] : []),
    ...(exact > 0 ? [`${plural(exact, "result")} equal to the golden's`] : []),
  ];
  return [
    ...first(rows, "more"),
    ...(parts.length === 0 ? [] : [["within", parts.join(", ")] as const]),
    ...near.map((item): Row => ["", safe(`${item.name}: ${item.reason ?? ""}`)]),
  ];
}

function causeRows(audit: AuditDocument): Row[] {
  const { control, why, whyNot } = audit;
  const rows: Row[] = control === null ? [] : [["control", safe(control.words)]];
  if (why === null)
    return whyNot === null || whyNot === control?.words ? rows : [...rows, ["cause", `not found: ${safe(whyNot)}`]];
  const causes = causesOf(audit).map(({ cause, but }): Row => {
    const at = placeText(cause.file, cause.line, cause.cell);
    return [
      "cause",
      `${at === "" ? "" : `${at}  `}${causeText(cause).replace(` at ${at}`, "")} (${cause.certainty}, ${plural(why.replays, "replay")}${but})`,
    ];
  });
  return [...rows, ...(causes.length === 0 ? [["cause", `not found: ${safe(why.reason)}`] as const] : causes)];
}

export function auditText(audit: AuditDocument, look: Look): string {
  const { colors } = look;
  const paint = { within: colors.green, outside: colors.red, inconclusive: colors.yellow }[audit.verdict];
  const { golden, trainings } = audit;
  const head = wrap(`${paint(MARKS[audit.verdict])} — ${safe(audit.name)}: ${safe(audit.reason)}`, look.columns);
  const rows: Row[] = [
    ...itemRows(audit),
    ...first(
      audit.changes.map(
        (change): Row => [
          "changed",
          safe(`${change.section === "code" ? "" : `${change.section}: `}${changeWords(change)}`),
        ],
      ),
      "more",
    ),
    ...audit.unknown.map((words): Row => ["unknown", safe(words)]),
    ...(audit.aside === null ? [] : [["aside", safe(audit.aside)] as const]),
    ...causeRows(audit),
    ...(audit.fresh.length === 0 ? [] : [["new", safe(`${audit.fresh.join(", ")}: not in the golden`)] as const]),
    ["golden", safe(`${golden.date.slice(0, 10)} by ${golden.by}: ${golden.reason}`)],
    [
      "trained",
      `${plural(trainings.length, "time")} (${trainings.map(shortId).join(", ")}) in ${duration(audit.seconds)}`,
    ],
  ];
  return `${[...head, ...rowLines(rows, look)].join("\n")}\nnext: ${safe(nextOf(audit))}\n`;
}

function toleranceRows(golden: Golden, shifts: Readonly<Record<string, number | null>>): Row[] {
  return Object.entries(golden.tolerance).map(([name, { low, high, mean, n, rule, byHand }]): Row => {
    const shift = shifts[name];
    const seen = shift == null ? "" : `; a shift of ${brief(shift)} is seen 4 times of 5`;
    const how = byHand === undefined ? `mean ${brief(mean)} of ${n}, by ${rule}${seen}` : `by hand, ${byHand}`;
    return [safe(name), safe(`${low} to ${high}  (${how})`)];
  });
}

/** What a new golden holds. */
export function goldenText(
  { file, golden, warnings }: Initiated,
  shifts: Readonly<Record<string, number | null>>,
  look: Look,
): string {
  const { colors } = look;
  const exact = Object.keys(golden.exact).length;
  const rows: Row[] = [
    ...toleranceRows(golden, shifts),
    ["equal", `${plural(exact, "result")} came out the same in all ${golden.trainings} trainings`],
    ["alarms", `of audits of unchanged code at most ${golden.alarms * 100} % fail (confidence ${golden.confidence})`],
    ...warnings.map((words): Row => ["warning", safe(words)]),
  ];
  const head = `${colors.green("✓ golden")} — ${safe(file.path)}, measured over ${plural(golden.trainings, "training")}`;
  return `${[head, ...rowLines(rows, look)].join("\n")}\nnext: git add ${safe(file.path)}, and in CI: reprise audit run ${safe(file.name)}\n`;
}

const verdictWord = ({ verdict }: AuditDocument): string => verdict;

const outsideNames = (items: readonly AuditItem[]): string =>
  items.flatMap(({ state, name }) => (state === "outside" ? [name] : [])).join(", ");

/** The tolerances in force and the history: of the goldens, and of the audits that this store keeps. */
export function historyText(
  file: GoldenFile,
  audits: readonly AuditDocument[],
  shifts: Readonly<Record<string, number | null>>,
  look: Look,
): string {
  const golden = file.goldens.at(-1) as Golden;
  const commit = golden.commit === null ? "no commit" : golden.commit.slice(0, 12);
  const lines = [
    `${look.colors.bold(safe(file.name))} — ${safe(file.path)}, ${commit}, ${plural(golden.trainings, "training")}`,
    ...rowLines(
      [...toleranceRows(golden, shifts), ["equal", plural(Object.keys(golden.exact).length, "result")]],
      look,
    ),
    ...rowLines(
      file.goldens.map(({ date, by, reason }): Row => ["golden", safe(`${date} by ${by}: ${reason}`)]),
      look,
    ),
    ...rowLines(
      audits.slice(-SHOWN).map((audit): Row => {
        const outside = outsideNames(audit.items);
        return [
          "audit",
          safe(`${audit.startedAt.slice(0, 19)}Z  ${verdictWord(audit)}${outside === "" ? "" : `: ${outside}`}`),
        ];
      }),
      look,
    ),
  ];
  return `${lines.join("\n")}\n`;
}
