import type { Command } from "commander";
import type { AuditDocument, AuditWord, Golden } from "#audit";
import { RepriseError } from "#record";
import type { Store } from "#store";
import { defineAccept, defineInit } from "../audit/measure.ts";
import { formatOf, type ReportFormat, reportText, writeReport } from "../audit/report.ts";
import { auditText, historyText } from "../audit/text.ts";
import { lookOf, type Shared, shared, shiftsOf, withWork } from "../audit/work.ts";
import { type BudgetFlag, budgetOf } from "../budget.ts";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, type Place, withStore } from "../place.ts";
import type { Define } from "../verb.ts";

type End = (code: number) => void;

const CODES: Readonly<Record<AuditWord, number>> = {
  within: EXIT.ok,
  outside: EXIT.no,
  inconclusive: EXIT.inconclusive,
};

/** Of several audits the worst: no before could not tell before yes. */
function exitOfAudits(audits: readonly AuditDocument[]): number {
  const codes = audits.map(({ verdict }) => CODES[verdict]);
  return codes.includes(EXIT.no) ? EXIT.no : Math.max(EXIT.ok, ...codes);
}

/** The names that were given, or all that there are. Throws GOLDEN_UNKNOWN where there are none. */
async function namesOf(given: readonly string[], { project }: Place): Promise<readonly string[]> {
  const { goldenNames, loadGolden } = await import("#audit");
  const names = given.length > 0 ? [...new Set(given)] : goldenNames(project);
  if (names.length === 0) loadGolden(project, "default");
  for (const name of names) loadGolden(project, name);
  return names;
}

interface RunFlags extends Shared {
  readonly why?: boolean;
  readonly budget?: BudgetFlag;
}

async function auditAll(
  names: readonly string[],
  flags: RunFlags,
  place: Place,
  store: Store,
  context: Context,
): Promise<number> {
  const { runAudit } = await import("#audit");
  const why = flags.why === undefined ? (flags.budget === undefined ? "auto" : "yes") : flags.why ? "yes" : "no";
  const done: AuditDocument[] = [];
  for (const name of names) {
    const asked = { why, ...(flags.budget === undefined ? {} : { budget: flags.budget }) } as const;
    const audit = await withWork(context, flags, place, store, (at) => runAudit({ ...at, ...asked, name }));
    if (audit === null) {
      context.err.write("reprise: stopped; no verdict is kept\n");
      return EXIT.interrupted;
    }
    done.push(audit);
    if (flags.json !== true) context.out.write(auditText(audit, lookOf(context)));
  }
  if (flags.json === true)
    writeJson(context, done.length === 1 ? done[0] : { format: "reprise/audit-report@1", audits: done });
  return exitOfAudits(done);
}

function defineRun(context: Context, end: End): Command {
  const command = face(context, "run", "train again from this checkout, and compare with the golden", {
    notes: [
      "Needs the golden file and the checkout, not the store that the golden was made in. A training that is outside is",
      "done again, twice at most: two of three decide. Where it stays outside, the golden's code is trained under the same",
      "seed, and the guilty lines are searched for where that is expected to take less than ten minutes.",
    ],
    examples: [
      ["reprise audit run", "all goldens of the project"],
      ["reprise audit run nightly --no-why", "the verdict, and what has changed"],
      ["reprise audit run nightly --why --budget 1h", "search for the guilty lines, however long a training takes"],
    ],
    exits: [
      ["0", "within: every result is as the golden allows"],
      ["1", "outside, and why"],
      ["3", "inconclusive: could not tell, and why"],
      ["130", "stopped by Ctrl-C; no verdict is kept"],
    ],
  });
  return shared(command.name("run"))
    .argument("[name...]", "goldens (default: all in reprise-audit/)")
    .option("--why", "search for the guilty lines, however long that takes")
    .option("--no-why", "do not search for them")
    .option("--budget <n>", "of that search: most replays, or most time such as 20m", budgetOf)
    .action(async (given: string[], flags: RunFlags) => {
      const place = await findPlace(context, flags.store, "write");
      const names = await namesOf(given, place);
      end(await withStore(place, { create: true }, (store) => auditAll(names, flags, place, store, context)));
    });
}

interface ReportFlags extends Shared {
  readonly format?: ReportFormat;
  readonly output?: string;
}

/** Without a format: the tolerances in force, and the history. */
async function history(names: readonly string[], place: Place, store: Store | null, context: Context): Promise<string> {
  const { auditsIn, loadGolden } = await import("#audit");
  const pages = names.map(async (name) => {
    const file = loadGolden(place.project, name);
    const shifts = await shiftsOf(file.goldens.at(-1) as Golden);
    return historyText(file, store === null ? [] : auditsIn(store, [name]), shifts, lookOf(context));
  });
  return (await Promise.all(pages)).join("\n");
}

/** A fresh clone has goldens and no store: no audit was made there, and the tolerances are in force. */
async function withAudits(
  place: Place,
  without: boolean,
  work: (store: Store | null) => Promise<string>,
): Promise<string> {
  try {
    return await withStore(place, { readonly: true }, work);
  } catch (error) {
    if (without && error instanceof RepriseError && error.code === "STORE_MISSING") return work(null);
    throw error;
  }
}

function defineReport(context: Context, end: End): Command {
  const command = face(context, "report", "tolerances in force and past verdicts; the last audits for other tools", {
    examples: [
      ["reprise audit report", "tolerances, goldens and audits so far"],
      ["reprise audit report --format junit --output audit.xml", ""],
      ["reprise audit report --format markdown", "for a comment on a pull request"],
      ["reprise audit report --format github", "annotations, in GitHub Actions"],
    ],
    exits: [["0", "printed"]],
  });
  return shared(command.name("report"))
    .argument("[name...]", "goldens (default: all)")
    .option("--format <format>", "junit, markdown, github, json: the last audits", formatOf)
    .option("--output <file>", "write it there")
    .action(async (given: string[], flags: ReportFlags) => {
      const place = await findPlace(context, flags.store, "read");
      const format = flags.format ?? (flags.json === true ? "json" : undefined);
      const text = await withAudits(place, format === undefined, async (store) => {
        if (format === undefined || store === null) return history(await namesOf(given, place), place, store, context);
        const { lastAudits } = await import("#audit");
        return reportText(format, lastAudits(store, given));
      });
      if (flags.output !== undefined) writeReport(flags.output, context.cwd, text);
      else if (format === undefined) context.out.write(text);
      else context.out.raw(Buffer.from(text));
      end(EXIT.ok);
    });
}

export const defineAudit: Define = (context, end) => {
  const command = face(context, "audit", "hold a training to golden results, with the noise that it has", {
    notes: ["Each has --help. docs/audit.md tells of it, with an example for GitHub Actions."],
    examples: [
      ["reprise audit init -- python train.py", "measure, and write reprise-audit/default.toml"],
      ["reprise audit run", "in CI: is it still so, and if not why"],
      ['reprise audit accept default --reason "larger model"', "it may be otherwise from now on"],
      ["reprise audit report --format junit --output audit.xml", ""],
    ],
    exits: [
      ["0", "as asked; run: within"],
      ["1", "run: outside"],
      ["3", "run: inconclusive"],
    ],
  });
  command.enablePositionalOptions();
  for (const define of [defineInit, defineRun, defineAccept, defineReport]) command.addCommand(define(context, end));
  return command;
};
