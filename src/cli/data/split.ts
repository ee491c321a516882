import { basename, dirname, relative, resolve } from "node:path";
import type { LeakReport, Split } from "#data";
import { RepriseError } from "#record";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { safe } from "../render/escape.ts";
import { plural } from "../render/words.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly key: readonly string[];
  readonly parts?: string;
  readonly salt: string;
  readonly to?: string;
  readonly force?: true;
  readonly check?: true;
  readonly json?: true;
}

const more = (text: string, before: readonly string[]): string[] => [...before, text];

function splitText({ parts, rows, keyless }: Split, { cwd, out }: Context): string {
  const lines = parts.map(({ name, path, rows: count }) => {
    const share = rows === 0 ? "" : `, ${((100 * count) / rows).toFixed(1)} %`;
    return `  ${safe(name)}  ${safe(relative(cwd, path) || path)}  ${plural(count, "row")}${share}\n`;
  });
  const without =
    keyless === 0 ? "" : `  ${out.colors.red("!")} ${plural(keyless, "row")} without a key, all in one part\n`;
  return `${plural(rows, "row")} in ${plural(parts.length, "part")}\n${lines.join("")}${without}`;
}

function leakText({ files, leaks }: LeakReport, { cwd, out }: Context): string {
  const { colors } = out;
  const name = (path: string): string => safe(relative(cwd, path) || path);
  const lines = files.map(
    ({ path, rows, keys }) => `  ${name(path)}  ${plural(rows, "row")}, ${plural(keys, "key")}\n`,
  );
  if (leaks.length === 0) return `${colors.green("✓ no key is in two files")}\n${lines.join("")}`;
  const told = leaks.map(
    ({ a, b, keys, rows, examples }) =>
      `  ${plural(keys, "key")} of ${name(a)} in ${plural(rows, "row")} of ${name(b)}: ${safe(examples.slice(0, 5).join(" · "))}${keys > 5 ? " …" : ""}\n`,
  );
  return `${colors.red("✗ keys are in two files")}\n${told.join("")}${lines.join("")}`;
}

const wrong = (what: string, hint: string): RepriseError => new RepriseError("USAGE", "usage", what, hint);

export const defineSplit: Define = (context, end) =>
  face(context, "data split", "split a table by a key, so that no row ever moves; or check a split for leaks", {
    notes: [
      "A row's part follows from its key and the salt alone (SHA-256): rows that are added later move no other, and rows",
      "of one key are never in two parts. Tables are CSV, TSV or JSON lines; rows are written byte for byte.",
    ],
    examples: [
      ["reprise data split users.csv --key user_id --parts train=0.8,val=0.1,test=0.1", ""],
      ["reprise data split log.jsonl --key user --key day --parts train=0.9,test=0.1 --salt v2", ""],
      ["reprise data split --check train.csv test.csv --key user_id", "is a key in both?"],
    ],
    exits: [
      ["0", "written; --check: no key is in two files"],
      ["1", "--check: keys are in two files"],
    ],
  })
    .name("split")
    .argument("<files...>", "a table; with --check two or more")
    .option("--key <column>", "what a row is known by; several times for several columns together", more, [])
    .option("--parts <name=share,…>", "names and shares that make 1")
    .option("--salt <text>", "another split of the same keys", "")
    .option("--to <dir>", "where the parts are written (default: beside the table)")
    .option("--force", "replace files that are there")
    .option("--check", "write nothing: is a key in two of these files?")
    .option("--json", "one JSON document on standard output")
    .action(async (files: readonly string[], flags: Flags) => {
      const { checkLeaks, parseParts, splitTable } = await import("#data");
      const paths = files.map((file) => resolve(context.cwd, file));
      const [path = ""] = paths;
      if (flags.key.length === 0) throw wrong("by which column?", "--key user_id");
      if (flags.check === true) {
        const report = checkLeaks(paths, flags.key);
        if (flags.json === true) writeJson(context, { format: "reprise/data-leaks@1", ...report });
        else context.out.write(leakText(report, context));
        end(report.leaks.length === 0 ? EXIT.ok : EXIT.no);
        return;
      }
      if (paths.length > 1)
        throw wrong("one table at a time; --check takes several", `reprise data split ${basename(path)}`);
      if (flags.parts === undefined) throw wrong("into which parts?", "--parts train=0.8,val=0.1,test=0.1");
      const { key: keys, salt } = flags;
      const to = flags.to === undefined ? dirname(path) : resolve(context.cwd, flags.to);
      const force = flags.force === true;
      const split = splitTable(path, { keys, parts: parseParts(flags.parts), salt, to, force });
      if (flags.json === true) writeJson(context, { format: "reprise/data-split@1", path, keys, salt, ...split });
      else context.out.write(splitText(split, context));
      end(EXIT.ok);
    });
