import type { AuditDocument, AuditItem } from "#audit";
import { causesOf, changeWords, itemWords } from "./words.ts";

/** Control characters but tab and line ends, halves of a pair, and what is no character. */
const NO_XML = /(?![\t\n\r])\p{Cc}|[\p{Cs}\ufffe\uffff]/gu;

/** Characters that XML 1.0 has no form for are spelled out; the rest is escaped. */
const xml = (text: string): string =>
  text
    .replace(NO_XML, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replace(/[\n\r\t]/g, (char) => `&#${char.charCodeAt(0)};`);

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${xml(String(value))}"`)
    .join("");

const FAILED: readonly AuditItem["state"][] = ["outside", "undecided"];
const SKIPPED: readonly AuditItem["state"][] = ["unjudged", "unsteady"];

function causeOf(audit: AuditDocument): string {
  const { changes, control, whyNot } = audit;
  const lines = [
    ...changes.map((change) => `changed since the golden: ${change.section} ${changeWords(change)}`),
    ...(control === null ? [] : [control.words]),
    ...causesOf(audit).map(({ cause: { file, line, words, certainty }, but }) =>
      `cause (${certainty}${but}): ${[file, line].filter((part) => part !== null).join(":")} ${words}`.trim(),
    ),
    ...(whyNot === null || whyNot === control?.words ? [] : [`cause not found: ${whyNot}`]),
  ];
  return lines.join("\n");
}

function caseOf(audit: AuditDocument, item: AuditItem, seconds: number): string {
  const head = `    <testcase${attributes({ name: item.name, classname: `reprise.audit.${audit.name}`, time: seconds })}`;
  const words = itemWords(item, audit.golden.trainings);
  if (FAILED.includes(item.state))
    return `${head}><failure${attributes({ type: "outside", message: words })}>${xml(causeOf(audit)).replaceAll("&#10;", "\n")}</failure></testcase>`;
  return SKIPPED.includes(item.state) ? `${head}><skipped${attributes({ message: words })}/></testcase>` : `${head}/>`;
}

/** Characters of a host's name are nobody's business here; the schema of Ant wants one. */
const HOST = "reprise";

function suiteOf(audit: AuditDocument, id: number): string {
  const { items, seconds, startedAt, name, verdict, reason } = audit;
  const count = (states: readonly AuditItem["state"][]): number =>
    items.filter(({ state }) => states.includes(state)).length;
  const head = {
    name: `reprise audit ${name}`,
    package: "reprise.audit",
    id,
    timestamp: startedAt.slice(0, 19),
    hostname: HOST,
    tests: items.length,
    failures: count(FAILED),
    errors: 0,
    skipped: count(SKIPPED),
    time: seconds.toFixed(3),
  };
  const each = Number((seconds / Math.max(1, items.length)).toFixed(3));
  return [
    `  <testsuite${attributes(head)}>`,
    "    <properties>",
    `      <property${attributes({ name: "verdict", value: verdict })}/>`,
    `      <property${attributes({ name: "golden", value: audit.golden.run })}/>`,
    "    </properties>",
    ...items.map((item) => caseOf(audit, item, each)),
    `    <system-out>${xml(`${verdict}: ${reason}`)}</system-out>`,
    "    <system-err/>",
    "  </testsuite>",
  ].join("\n");
}

/** One suite an audit, one case a result: valid by the schemas of Ant and of Jenkins. */
export const junitText = (audits: readonly AuditDocument[]): string =>
  ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...audits.map(suiteOf), "</testsuites>", ""].join("\n");
