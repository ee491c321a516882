import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CsvLayout, StatsReport } from "#data";
import { RepriseError } from "#record";
import type { DataVersion, Store } from "#store";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, type Place, withStore } from "../place.ts";
import type { Define } from "../verb.ts";
import { type Shared, shared } from "./flags.ts";
import { statsText } from "./stats-text.ts";
import { refOf } from "./text.ts";

interface Flags extends Shared {
  readonly by?: string;
  readonly against?: string;
  readonly drift: boolean;
  readonly skip?: number;
  readonly header: boolean;
  readonly delimiter?: string;
  readonly encoding?: string;
  readonly padRows?: true;
}

const wrong = (message: string): RepriseError =>
  new RepriseError("USAGE", "usage", message, "reprise data stats --help");

function linesOf(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw wrong(`--skip takes a number of lines, not '${text}'`);
  return Number(text);
}

/** `\\t` is what can be typed of a tab. */
function delimiterOf(text: string): string {
  const delimiter = text === "\\t" ? "\t" : text;
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter))
    throw wrong(`--delimiter takes one character, not '${text}'`);
  return delimiter;
}

interface Asked {
  readonly path?: string;
  readonly version?: DataVersion;
  readonly against?: DataVersion;
}

/** The version before the one that is asked for, or the last one of what lies at this path. */
function earlier(
  store: Store,
  asked: { readonly path?: string; readonly version?: DataVersion },
): DataVersion | undefined {
  const { path, version } = asked;
  if (version !== undefined) return store.data.list(version.name).findLast((one) => one.version < version.version);
  return store.data.list().findLast(({ source }) => source === path);
}

/** A path that is there is meant before a name of data. */
function askedOf(store: Store | null, what: string, flags: Flags, cwd: string): Asked {
  const path = resolve(cwd, what);
  const isPath = statSync(path, { throwIfNoEntry: false }) !== undefined;
  if (store === null && !isPath)
    throw new RepriseError(
      "DATA_UNKNOWN",
      "missing",
      `there is no ${path}, and no data of that name`,
      "reprise data ls",
    );
  const target = isPath || store === null ? { path } : { version: store.data.find(what) };
  if (store === null || !flags.drift) return target;
  const against = flags.against === undefined ? earlier(store, target) : store.data.find(flags.against);
  return against === undefined ? target : { ...target, against };
}

async function withAnyStore<T>(place: Place, named: boolean, work: (store: Store | null) => Promise<T>): Promise<T> {
  try {
    return await withStore(place, {}, work);
  } catch (error) {
    if (!named && error instanceof RepriseError && error.code === "STORE_MISSING") return work(null);
    throw error;
  }
}

const layoutOf = ({ skip, header, delimiter, encoding, padRows }: Flags): CsvLayout => ({
  noHeader: !header,
  padRows: padRows === true,
  ...(skip === undefined ? {} : { skip }),
  ...(delimiter === undefined ? {} : { delimiter }),
  ...(encoding === undefined ? {} : { encoding }),
});

async function stats(what: string, flags: Flags, store: Store | null, context: Context): Promise<StatsReport> {
  const { dataStats } = await import("#data");
  const { tmpdir } = await import("node:os");
  const asked = askedOf(store, what, flags, context.cwd);
  const temporary = store === null ? tmpdir() : join(store.root, "tmp");
  const report = await dataStats(
    { ...asked, store },
    { temporary, layout: layoutOf(flags), ...(flags.by === undefined ? {} : { by: flags.by }) },
  );
  const against = asked.against === undefined ? null : refOf(asked.against);
  if (flags.json === true) writeJson(context, { format: "reprise/data-stats@1", data: what, against, ...report });
  else context.out.write(statsText(report, against, context.out));
  return report;
}

export const defineStats: Define = (context, end) =>
  shared(
    face(
      context,
      "data stats",
      "say what is in tables, arrays and pictures, and how far it is from the version before",
      {
        notes: [
          "CSV, TSV, JSON lines and arrays of records (also .gz, .bz2, .zip) and Parquet by column; npy and pictures by number,",
          "shape and size. Missing is what pandas takes for missing. Drift is judged by effect sizes (PSI, Kolmogorov-Smirnov,",
          "Cramér's V), not by p-values alone.",
        ],
        examples: [
          ["reprise data stats train.csv --by split", ""],
          ["reprise data stats train.csv@3", "and its drift from @2"],
          ["reprise data stats wine_data.csv --skip 1 --no-header", "its first line is no head"],
          ["reprise data stats new.csv --against train.csv@1 --json", ""],
        ],
        exits: [["0", "told; drift or none"]],
      },
    ).name("stats"),
  )
    .argument("<data>", "a file, a folder, or NAME, NAME@VERSION")
    .option("--by <column>", "each table once more for every value of this column")
    .option("--against <data>", "drift from this version (default: the one before)")
    .option("--no-drift", "no comparison")
    .option("--skip <lines>", "CSV: so many lines stand before the head", linesOf)
    .option("--no-header", "CSV: the first row is one of values; columns are called 0, 1, …")
    .option("--delimiter <character>", "CSV: what parts cells (default: as the head shows)", delimiterOf)
    .option("--encoding <name>", "CSV, JSON: of its text, such as latin-1 (default: UTF-8, or as its mark says)")
    .option("--pad-rows", "CSV: what is lacking at the end of a row is missing, not an error")
    .action(async (what: string, flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      await withAnyStore(place, flags.store !== undefined, (store) => stats(what, flags, store, context));
      end(EXIT.ok);
    });
