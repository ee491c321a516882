import type { AuditDocument, AuditItem } from "#audit";
import { causesOf, changePlace, changeWords, itemWords } from "./words.ts";

/** Text of a run on one line of a table, with nothing in it that Markdown or HTML would obey. */
function plain(text: string): string {
  return (
    text
      .replace(/\s+/g, " ")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replace(/[\\`*_{}[\]()#+!|~@]/g, (char) => `\\${char}`)
      // A mention or a link to an issue must call nobody.
      .replaceAll("\\@", "&#64;")
      .replaceAll("\\#", "&#35;")
  );
}

const MARK: Readonly<Record<AuditDocument["verdict"], string>> = { within: "✅", outside: "❌", inconclusive: "⚠️" };
const SIGN: Readonly<Record<AuditItem["state"], string>> = {
  within: "✅",
  outside: "❌",
  undecided: "❌",
  unsteady: "⚠️",
  unjudged: "–",
};

function details(audit: AuditDocument): string[] {
  const { control, why, whyNot } = audit;
  const causes = causesOf(audit).map(({ cause: { file, line, words, certainty }, but }) => {
    const at = [file, line].filter((part) => part !== null).join(":");
    return `- **Cause** (${certainty}${plain(but)}): ${at === "" ? "" : `**${plain(at)}** `}${plain(words)}`;
  });
  return [
    ...(control === null ? [] : [`- **Control**: ${plain(control.words)}`]),
    ...causes,
    ...(whyNot === null || whyNot === control?.words ? [] : [`- **Cause** not found: ${plain(whyNot)}`]),
    ...(why !== null && why.causes.length === 0 ? [`- **Cause** not found: ${plain(why.reason)}`] : []),
  ];
}

function section(audit: AuditDocument): string {
  const { name, verdict, reason, golden, items, changes, trainings, unknown } = audit;
  const bad = items.filter(({ state }) => state !== "within");
  const rest = items.length - bad.length;
  const shown = [...bad, ...items.filter(({ state, kind }) => state === "within" && kind === "metric")];
  return [
    `### ${MARK[verdict]} reprise audit ${plain(name)}: ${verdict}`,
    "",
    plain(reason),
    "",
    "| | result | |",
    "|---|---|---|",
    ...shown.map(
      (item) => `| ${SIGN[item.state]} | ${plain(item.name)} | ${plain(itemWords(item, golden.trainings))} |`,
    ),
    "",
    `${rest} of ${items.length} results are as the golden allows; trained ${trainings.length === 1 ? "once" : `${trainings.length} times`}.`,
    "",
    ...(changes.length === 0 ? [] : ["**Changed since the golden**", ""]),
    ...changes
      .slice(0, 20)
      .map(
        (change) =>
          `- ${change.section} **${plain(changePlace(change))}**${plain(changeWords(change).slice(changePlace(change).length))}`,
      ),
    ...(changes.length > 20 ? [`- and ${changes.length - 20} more`] : []),
    ...unknown.map((words) => `- unknown: ${plain(words)}`),
    ...details(audit),
    "",
    `<sub>golden of ${golden.date.slice(0, 10)} by ${plain(golden.by)}: ${plain(golden.reason)}</sub>`,
    "",
  ]
    .join("\n")
    .replace(/\n{3,}/g, "\n\n");
}

/** For a comment on a pull request. */
export const markdownText = (audits: readonly AuditDocument[]): string => audits.map(section).join("\n");
