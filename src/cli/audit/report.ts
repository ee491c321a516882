import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { AuditDocument } from "#audit";
import { RepriseError } from "#record";
import { githubText } from "./github.ts";
import { junitText } from "./junit.ts";
import { markdownText } from "./markdown.ts";

const FORMATS = {
  junit: junitText,
  markdown: markdownText,
  github: githubText,
  json: (audits: readonly AuditDocument[]): string =>
    `${JSON.stringify({ format: "reprise/audit-report@1", audits }, null, 2)}\n`,
} as const;

export type ReportFormat = keyof typeof FORMATS;

const isFormat = (text: string): text is ReportFormat => Object.hasOwn(FORMATS, text);

export function formatOf(text: string): ReportFormat {
  if (isFormat(text)) return text;
  const names = Object.keys(FORMATS).join(", ");
  throw new RepriseError("USAGE", "usage", `--format ${text}: type ${names}`, "--format junit");
}

export const reportText = (format: ReportFormat, audits: readonly AuditDocument[]): string => FORMATS[format](audits);

/** Throws REPORT_UNWRITABLE. */
export function writeReport(file: string, cwd: string, text: string): void {
  try {
    writeFileSync(resolve(cwd, file), text);
  } catch (error) {
    const what = `${file} cannot be written: ${(error as Error).message}`;
    throw new RepriseError("REPORT_UNWRITABLE", "storage", what, "--output FILE in a folder that is there", {
      cause: error,
    });
  }
}
