import { configurationOf } from "#compare";
import {
  type Digest,
  isUnknown,
  type Known,
  RepriseError,
  type RunRecord,
  type VerifyDocument,
  writtenMetrics,
} from "#record";
import type { Fact, Store } from "#store";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { safeLines } from "../render/escape.ts";
import { environmentText, filesText, type PageLook, pageText, paramsText, type Verdict } from "../render/page.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly stdout?: true;
  readonly stderr?: true;
  readonly events?: true;
  readonly files?: true;
  readonly env?: true;
  readonly params?: true;
  readonly store?: string;
  readonly json?: true;
}

const PIECE = 64 * 1024;

/** A recorded stream: as it was into a pipe, harmless on a terminal. */
function printObject(store: Store, name: string, fact: Known<{ readonly digest: Digest }>, context: Context): void {
  if (isUnknown(fact))
    throw new RepriseError(
      "NOT_RECORDED",
      "missing",
      `the ${name} of this run is unknown: ${fact.unknown}`,
      "reprise show RUN",
    );
  const bytes = store.objects.read(fact.digest);
  if (!context.out.tty) {
    for (let at = 0; at < bytes.length; at += PIECE) context.out.raw(bytes.subarray(at, at + PIECE));
  } else {
    const text = safeLines(new TextDecoder().decode(bytes));
    context.out.write(text.endsWith("\n") || text === "" ? text : `${text}\n`);
  }
}

function verdictsOf(facts: readonly Fact[]): Verdict[] {
  return (
    facts
      .filter((fact) => fact.kind === "verdict")
      // `verify` wrote it.
      .map((fact) => ({ at: fact.at, document: fact.value as unknown as VerifyDocument }))
  );
}

async function page(store: Store, run: RunRecord, look: PageLook): Promise<string> {
  const verdicts = verdictsOf(store.runs.facts(run.id));
  const { savedOutputs, withCells } = await import("#replay");
  const [{ notedPins }, { pinRows }] = await Promise.all([import("#data"), import("../data/pins.ts")]);
  return pageText(withCells(run, store), verdicts, savedOutputs(run, store), pinRows(notedPins(store, run)), look);
}

async function print(store: Store, run: RunRecord, flags: Flags, context: Context): Promise<void> {
  const { out } = context;
  if (flags.stdout === true) printObject(store, "standard output", run.stdout, context);
  else if (flags.stderr === true) printObject(store, "standard error", run.stderr, context);
  else if (flags.events === true) printObject(store, "list of events", run.events, context);
  else if (flags.json === true)
    writeJson(context, {
      format: "reprise/show@1",
      record: { ...run, metrics: writtenMetrics(run.metrics) },
      configuration: configurationOf(run),
      facts: store.runs.facts(run.id),
    });
  else if (flags.files === true) out.write(filesText(run, out));
  else if (flags.params === true) out.write(paramsText(run, out));
  else if (flags.env === true) out.write(environmentText(run, out));
  else out.write(await page(store, run, out));
}

export const defineShow: Define = (context, end) =>
  face(context, "show", "show everything about a run", {
    examples: [
      ["reprise show", "the last run"],
      ["reprise show baseline --stdout | less", "what it printed"],
      ["reprise show 5e0f3a2b --json", "the whole record"],
    ],
    exits: [["0", "shown"]],
  })
    .argument("[run]", "RUN: an id, a part of one, a name, @last, @last~N", "@last")
    .option("--stdout", "what it wrote to standard output")
    .option("--stderr", "what it wrote to standard error")
    .option("--events", "what the agent inside the program saw, a JSON object a line")
    .option("--files", "all inputs and outputs")
    .option("--params", "every parameter, its value, and where it comes from")
    .option("--env", "packages, libraries and variables")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "the record and the facts about it, as one JSON document")
    .action(async (ref: string, flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      await withStore(place, { readonly: true }, async (store) => print(store, store.runs.get(ref), flags, context));
      end(EXIT.ok);
    });
