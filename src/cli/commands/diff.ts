import type { DiffSection } from "#compare";
import { RepriseError } from "#record";
import { type Context, writeJson } from "../context.ts";
import type { DiffLook } from "../diff/look.ts";
import { diffText } from "../diff/page.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { nearest } from "../nearest.ts";
import { wantsAscii } from "../output.ts";
import { findPlace, withStore } from "../place.ts";
import { safe } from "../render/escape.ts";
import { shellLine } from "../render/words.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly all?: true;
  readonly only?: string;
  readonly store?: string;
  readonly json?: true;
}

async function sectionsOf(text: string | undefined): Promise<readonly DiffSection[]> {
  const { DIFF_SECTIONS } = await import("#compare");
  if (text === undefined) return DIFF_SECTIONS;
  const every = `--only code,data   (sections: ${DIFF_SECTIONS.join(", ")})`;
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const known = (name: string): DiffSection => {
    const found = DIFF_SECTIONS.find((section) => section === name);
    if (found !== undefined) return found;
    const hint = nearest(name, DIFF_SECTIONS);
    throw new RepriseError(
      "USAGE",
      "usage",
      `--only ${name}: no such section`,
      hint === undefined ? every : `--only ${hint}`,
    );
  };
  if (names.length === 0) throw new RepriseError("USAGE", "usage", "--only needs a section", every);
  return names.map(known);
}

/** Curves out of blocks need a terminal that shows them. */
function lookOf({ out, env }: Context, flags: Flags, a: string, b: string): DiffLook {
  const ascii = wantsAscii(env);
  const blocks = out.tty && env.TERM !== "dumb" && !ascii;
  return {
    colors: out.colors,
    // Where symbols are spelled with several characters, lines get longer.
    columns: ascii ? out.columns - 4 : out.columns,
    plot: blocks ? "blocks" : "digits",
    all: flags.all === true,
    more: safe(
      shellLine(["reprise", "diff", a, b, ...(flags.only === undefined ? [] : ["--only", flags.only]), "--all"]),
    ),
  };
}

export const defineDiff: Define = (context, end) =>
  face(context, "diff", "show what differs between two runs", {
    notes: [
      "+ only in B, - only in A, ~ in both but not the same, ? cannot be told. Results are exit code, metrics, files",
      "written (by content) and standard output. Sections: code, environment, variables, data, config, seeds,",
      "hardware, command, outputs, metrics.",
    ],
    examples: [
      ["reprise diff @last~1 @last", ""],
      ["reprise diff baseline @last --only code,data", "two sections of it"],
      ["reprise diff baseline 5e0f3a2b --json", ""],
    ],
    exits: [
      ["0", "the results are the same"],
      ["1", "the results differ, or it cannot be told"],
    ],
  })
    .argument("<a>", "RUN: an id, a part of one, a name, @last, @last~N")
    .argument("<b>", "RUN")
    .option("--only <sections>", "these sections alone, such as code,data")
    .option("-a, --all", "every entry, row and line of what is long")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .action(async (a: string, b: string, flags: Flags) => {
      const only = await sectionsOf(flags.only);
      const place = await findPlace(context, flags.store, "read");
      const [{ selectSections }, { diffRuns }] = await Promise.all([import("#compare"), import("#replay")]);
      const same = await withStore(place, { readonly: true }, async (store) => {
        const pair = { a: store.runs.get(a), b: store.runs.get(b) };
        const diff = selectSections(await diffRuns({ ...pair, store, env: context.env, only }), only);
        if (flags.json === true) writeJson(context, diff);
        else context.out.write(diffText(diff, pair, lookOf(context, flags, a, b)));
        return diff.same;
      });
      end(same ? EXIT.ok : EXIT.no);
    });
