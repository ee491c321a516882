import { resolve } from "node:path";
import type { InputsRestored } from "#data";
import { RepriseError, type RunRecord } from "#record";
import type { Store } from "#store";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { safe } from "../render/escape.ts";
import { bytes, shortId } from "../render/words.ts";
import type { Define } from "../verb.ts";
import { type Shared, shared, withProgress } from "./flags.ts";
import { refOf } from "./text.ts";

interface Flags extends Shared {
  readonly to?: string;
  readonly force?: true;
  readonly run?: string;
}

const SHOWN = 10;

const where = (flags: Flags, context: Context): { to?: string; force?: boolean } => ({
  ...(flags.to === undefined ? {} : { to: resolve(context.cwd, flags.to) }),
  ...(flags.force === true ? { force: true } : {}),
});

async function ofVersion(store: Store, ref: string, flags: Flags, context: Context): Promise<number> {
  const { restoreData } = await import("#data");
  const version = store.data.find(ref);
  const done = withProgress(context, flags, "restoring", (onProgress) =>
    restoreData(store, version, { ...where(flags, context), onProgress }),
  );
  const { written, unchanged, removed, path } = done;
  if (flags.json === true) writeJson(context, { format: "reprise/data-restore@1", ...done });
  else {
    const gone = removed === 0 ? "" : `, ${removed} removed`;
    context.out.write(
      `${safe(path)} is ${refOf(version)}: ${written} written (${bytes(done.bytes)}), ${unchanged} as they were${gone}\n`,
    );
  }
  return EXIT.ok;
}

function inputsText({ written, unchanged, missing }: InputsRestored, id: string): string {
  const head = `inputs of ${shortId(id)}: ${written.length} written, ${unchanged.length} as they were`;
  const lines = missing.slice(0, SHOWN).map(({ path, why }) => `  ✗ ${safe(path)}: ${why}\n`);
  const more = missing.length > SHOWN ? `  … and ${missing.length - SHOWN} more\n` : "";
  return `${head}${missing.length === 0 ? "" : `, ${missing.length} not to be had`}\n${lines.join("")}${more}`;
}

/** From the store, from where they lie, and from the run's code; what is missing then is asked of the tools that keep it. */
async function inputsOf(store: Store, run: RunRecord, flags: Flags, context: Context): Promise<InputsRestored> {
  const { codeOfRun, fetchPinned, lackingInputs, notedPins, restoreInputs } = await import("#data");
  const place = where(flags, context);
  const code = lackingInputs(store, run, place.to).length > 0 ? await codeOfRun(store, run, context.env) : null;
  let done: InputsRestored;
  try {
    done = restoreInputs(store, run, { ...place, code });
  } finally {
    code?.remove();
  }
  const lacking = new Set(done.missing.map(({ path }) => path));
  if (lacking.size === 0) return done;
  const reasons = await fetchPinned(store, run, notedPins(store, run), lacking, { env: context.env });
  const again = restoreInputs(store, run, place);
  const before = new Map(done.missing.map(({ path, why }) => [path, why]));
  const missing = again.missing.map(({ path, why }) => ({ path, why: reasons.get(path) ?? before.get(path) ?? why }));
  return { ...again, written: [...new Set([...done.written, ...again.written])], missing };
}

async function ofRun(store: Store, ref: string, flags: Flags, context: Context): Promise<number> {
  const run = store.runs.get(ref);
  const done = await inputsOf(store, run, flags, context);
  if (flags.json === true) writeJson(context, { format: "reprise/data-restore-run@1", run: run.id, ...done });
  else context.out.write(inputsText(done, run.id));
  return done.missing.length === 0 ? EXIT.ok : EXIT.no;
}

const nothing = (flags: Flags): RepriseError =>
  new RepriseError(
    "USAGE",
    "usage",
    flags.run === undefined ? "which data?" : "a name of data, or --run RUN, not both",
    "reprise data restore NAME@1, or reprise data restore --run @last",
  );

export const defineRestore: Define = (context, end) =>
  shared(
    face(context, "data restore", "put a version of data, or what a run read, back", {
      notes: [
        "Then exactly that version lies there: other files are removed if their content is kept, else nothing is touched.",
        "Every byte is checked before it gets its name.",
      ],
      examples: [
        ["reprise data restore pets@1", "where it lay"],
        ["reprise data restore pets@1 --to /tmp/pets", ""],
        ["reprise data restore --run @last", "exactly what the run read"],
      ],
      exits: [
        ["0", "it lies there"],
        ["1", "--run: something that the run read is not to be had; the rest lies there"],
      ],
    }).name("restore"),
  )
    .argument("[data]", "NAME, NAME@VERSION or NAME@~N (N before the last)")
    .option("--to <dir>", "another place")
    .option("--run <run>", "what this run read")
    .option("--force", "also over what is kept nowhere, which is lost then")
    .action(async (ref: string | undefined, flags: Flags) => {
      if ((ref === undefined) === (flags.run === undefined)) throw nothing(flags);
      const place = await findPlace(context, flags.store, "read");
      end(
        await withStore(place, {}, (store) =>
          ref === undefined ? ofRun(store, flags.run ?? "", flags, context) : ofVersion(store, ref, flags, context),
        ),
      );
    });
