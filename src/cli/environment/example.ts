import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { RepriseError } from "#record";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace } from "../place.ts";
import { safe } from "../render/escape.ts";
import { plural } from "../render/words.ts";

interface Flags {
  readonly check?: true;
  readonly write?: true;
  readonly quiet?: true;
  readonly json?: true;
}

export function defineExample(context: Context, end: (code: number) => void): Command {
  return face(context, "env example", "keep .env.example in step with .env and the sources", {
    notes: [
      "Prints the project's .env.example with the names that it lacks: those of .env, and those that sources ask for by",
      "name (os.environ, os.getenv, process.env). Names only: no value is read out of .env.",
    ],
    examples: [
      ["reprise env example", "how it would be"],
      ["reprise env example --write", ""],
      ["reprise env example --check", "in CI: is a name missing?"],
    ],
    exits: [
      ["0", "printed or written; --check: in step"],
      ["1", "--check: names are missing"],
    ],
  })
    .name("example")
    .option("--write", "write the file")
    .option("--check", "change nothing; exit 1 where it lacks a name")
    .option("-q, --quiet", "say nothing besides errors")
    .option("--json", "one JSON document on standard output")
    .action(async (flags: Flags) => {
      if (flags.check === true && flags.write === true)
        throw new RepriseError("USAGE", "usage", "--check writes nothing", "reprise env example --write");
      const { EXAMPLE, exampleOf } = await import("#environment");
      const { project } = await findPlace(context, undefined, "read");
      const { text, added, unused } = exampleOf(project);
      const path = join(project, EXAMPLE);
      if (flags.write === true && added.length > 0) writeTo(path, text);
      if (flags.json === true) writeJson(context, { format: "reprise/env-example@1", file: path, text, added, unused });
      else if (flags.check !== true && flags.write !== true) context.out.write(text);
      if (flags.quiet !== true && flags.json !== true) {
        const words =
          added.length === 0 ? "in step" : `${flags.write === true ? "added" : "lacks"} ${added.join(", ")}`;
        const idle = unused.length === 0 ? "" : `; nothing asks for ${unused.join(", ")}`;
        context.err.write(`reprise: ${EXAMPLE}: ${safe(words + idle)}\n`);
      }
      end(flags.check === true && added.length > 0 ? EXIT.no : EXIT.ok);
    });
}

function writeTo(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const what = `${path} cannot be written: ${(error as Error).message}`;
    throw new RepriseError("OUTPUT_UNWRITABLE", "storage", what, `ls -l '${path}'`, { cause: error });
  }
}

/** One line before a run whose project says which variables it needs, where some are set nowhere; empty else. */
export async function missingLine(context: Context, project: string): Promise<string> {
  const { EXAMPLE, missingVariables } = await import("#environment");
  const missing = missingVariables(project, context.env) ?? [];
  if (missing.length === 0) return "";
  const what = `${EXAMPLE} names ${plural(missing.length, "variable")} set neither here nor in .env: ${missing.map(safe).join(", ")}`;
  return `${context.err.colors.yellow("reprise: warning:")} ${what}\n`;
}
