import type { AuditDocument } from "#audit";
import { causesOf, itemWords } from "./words.ts";

/** As the runner reads them: the message, and the values between the colons. */
const message = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => message(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

interface Place {
  readonly file: string;
  readonly line: number | null;
}

/** Where a reviewer should look: the proved cause, else the first change of what was imported. */
function placeOf(audit: AuditDocument): Place {
  const { changes, file } = audit;
  const cause = causesOf(audit).find((one) => one.cause.file !== null)?.cause;
  if (cause?.file != null) return { file: cause.file, line: cause.line };
  const code = changes.find(({ section, imported }) => section === "code" && imported !== false);
  if (code !== undefined) return { file: code.name, line: code.hunks[0]?.line ?? null };
  return { file, line: null };
}

function command(level: "error" | "warning" | "notice", place: Place, title: string, text: string): string {
  const line = place.line === null ? "" : `,line=${place.line}`;
  return `::${level} file=${property(place.file)}${line},title=${property(title)}::${message(text)}`;
}

function linesOf(audit: AuditDocument): string[] {
  const { verdict, name, items, golden, reason } = audit;
  const place = placeOf(audit);
  const title = `reprise audit ${name}`;
  if (verdict === "within") return [command("notice", { file: audit.file, line: null }, title, `within: ${reason}`)];
  const cause = causesOf(audit)[0]?.cause;
  const because = cause === undefined ? "" : `\n${cause.certainty}: ${cause.words}`;
  const level = verdict === "outside" ? "error" : "warning";
  const bad = items.filter(
    ({ state }) => state !== "within" && (verdict !== "outside" || state === "outside" || state === "undecided"),
  );
  if (bad.length === 0) return [command(level, place, title, `${verdict}: ${reason}`)];
  return bad
    .slice(0, 10)
    .map((item) =>
      command(level, place, title, `${item.name} ${item.state}: ${itemWords(item, golden.trainings)}${because}`),
    );
}

/** Annotations of GitHub Actions, one a result that is not as it should be. */
export const githubText = (audits: readonly AuditDocument[]): string => `${audits.flatMap(linesOf).join("\n")}\n`;
