import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { RepriseError, type RunRecord } from "#record";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { safe } from "../render/escape.ts";
import { bytes, plural, shortId } from "../render/words.ts";
import type { Define } from "../verb.ts";
import { keyText } from "./key-file.ts";
import { leftText } from "./left.ts";
import { sizeOf } from "./size.ts";

interface Flags {
  readonly output?: string;
  readonly inputs: "kept" | "all";
  readonly repository: boolean;
  readonly most: number;
  readonly sign?: string;
  readonly force?: true;
  readonly store?: string;
  readonly json?: true;
  readonly quiet?: true;
}

const MOST = 4 * 2 ** 30;

export function inputsOf(text: string): "kept" | "all" {
  if (text === "kept" || text === "all") return text;
  throw new RepriseError("USAGE", "usage", `--inputs ${text}: type kept or all`, "reprise pack RUN --inputs all");
}

const nameFor = ({ id, name }: RunRecord): string =>
  `${name === null ? shortId(id) : name.replace(/[^\w.-]+/g, "-").replace(/^[.-]+/, "") || shortId(id)}.tar.gz`;

async function act(ref: string, flags: Flags, context: Context): Promise<void> {
  const { packRun, readSigningKey } = await import("#transfer");
  const key =
    flags.sign === undefined
      ? {}
      : {
          key: readSigningKey(keyText(flags.sign, context, false), flags.sign, context.env.REPRISE_KEY_PASSWORD),
        };
  const place = await findPlace(context, flags.store, "read");
  await withStore(place, {}, async (store) => {
    const record = store.runs.get(ref);
    const shown = flags.output ?? nameFor(record);
    const output = resolve(context.cwd, shown);
    if (existsSync(output) && flags.force !== true)
      throw new RepriseError("OUTPUT_EXISTS", "usage", `${shown} is there already`, "--force, or another name");
    const made = await packRun({
      store,
      record,
      output,
      inputs: flags.inputs,
      repository: flags.repository,
      mostBytes: flags.most,
      env: context.env,
      version: context.version,
      packedAt: new Date().toISOString(),
      ...key,
    });
    const size = statSync(output).size;
    if (flags.json === true)
      return writeJson(context, { format: "reprise/packed@1", run: record.id, file: output, size, ...made });
    if (flags.quiet === true) return;
    const signed = made.signedBy === null ? "" : `, signed by ${made.signedBy}`;
    context.out.write(
      `run ${shortId(record.id)} is in ${safe(shown)} (${bytes(size)}; ${plural(made.objects, "object")}, ${bytes(made.bytes)} unpacked${signed})\n`,
    );
    context.out.write(leftText(made.left, context.out.colors));
    context.out.write(`there: reprise unpack ${safe(shown)}\n`);
  });
}

export const definePack: Define = (context, end) =>
  face(context, "pack", "put a run into one file that another machine can do it again from", {
    notes: [
      "The file is a tar of plain files: the record, the code, the inputs, the results, the list of packages, a README.",
      "Files that hold secrets stay out of it. Its name ends with .tar.gz, .tar.zst or .tar.",
    ],
    examples: [
      ["reprise pack", "the last run, into its name and .tar.gz"],
      ["reprise pack baseline --output paper.tar.zst --sign key.pem", "signed, as minisign does"],
      ["reprise pack @last --inputs kept", "without data that the store knows by digest only"],
    ],
    exits: [
      ["0", "written; what could not go along is named"],
      ["2", "wrong use: the file is there already, or the key is none"],
      ["4", "the file cannot be written, or the store is damaged"],
    ],
  })
    .argument("[run]", "RUN: an id, a part of one, a name, @last, @last~N", "@last")
    .option("-o, --output <file>", "the file")
    .option(
      "--inputs <which>",
      "all: also data known by digest only, from where it lies unchanged; kept: not",
      inputsOf,
      "all",
    )
    .option("--no-repository", "without the git commits that a program may ask for; the code itself goes along")
    .option("--most <size>", "at most so much of such data (default: 4G)", sizeOf("--most"), MOST)
    .option("--sign <key>", "sign with this secret key: of minisign, or Ed25519 in PEM")
    .option("--force", "write over a file that is there")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .option("-q, --quiet", "say nothing besides errors")
    .action(async (ref: string, flags: Flags) => {
      await act(ref, flags, context);
      end(EXIT.ok);
    });
