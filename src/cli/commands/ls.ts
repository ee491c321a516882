import { RepriseError, type VerdictWord, type VerifyDocument } from "#record";
import type { Store } from "#store";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { type Listing, listText } from "../render/list.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly all?: true;
  readonly replays?: true;
  readonly number: number;
  readonly store?: string;
  readonly json?: true;
}

const SHOWN = 20;

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RepriseError("USAGE", "usage", `-n ${text}: not a number of runs`, "reprise ls -n 50");
}

/** The last verdict on a run. */
export function lastVerdict(store: Store, id: string): VerdictWord | null {
  // `verify` wrote it.
  const fact = store.runs.facts(id, "verdict").at(-1)?.value as unknown as VerifyDocument | undefined;
  return fact?.verdict ?? null;
}

function gather(store: Store, flags: Flags): Listing {
  const found = store.runs.list({ includeReplays: flags.replays === true });
  const runs = flags.all === true ? found : found.slice(0, flags.number);
  const unfinished = store.runs
    .unfinished()
    .filter((run) => flags.replays === true || run.replayOf === null || run.state === "broken");
  return {
    runs: runs.map((run) => ({ run, verdict: lastVerdict(store, run.id) })),
    unfinished,
    more: found.length - runs.length,
  };
}

function print(listing: Listing, root: string, flags: Flags, context: Context): void {
  if (flags.json === true) {
    const runs = listing.runs.map(({ run, verdict }) => ({ ...run, verdict }));
    writeJson(context, {
      format: "reprise/ls@1",
      store: root,
      runs,
      unfinished: listing.unfinished,
      more: listing.more,
    });
  } else if (listing.runs.length + listing.unfinished.length === 0) {
    context.err.write(`no runs in ${root} yet\n  try: reprise run -- python train.py\n`);
  } else {
    const { colors, columns } = context.out;
    context.out.write(listText(listing, { colors, columns, now: Date.now() }));
  }
}

export const defineLs: Define = (context, end) =>
  face(context, "ls", "list the runs", {
    notes: ["Runs that are still running, or that broke off, are listed with the rest."],
    examples: [
      ["reprise ls", `the last ${SHOWN}`],
      ["reprise ls --all --replays --json", ""],
    ],
    exits: [["0", "listed, even when there are none"]],
  })
    .option("-a, --all", "all of them")
    .option("-n, --number <n>", "so many", wholeNumber, SHOWN)
    .option("--replays", "also the runs that verify and replay made")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .action(async (flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      try {
        await withStore(place, { readonly: true }, (store) => print(gather(store, flags), place.store, flags, context));
      } catch (error) {
        // A project in which nothing was recorded yet has no runs; a folder that was named has to be there.
        const absent = error instanceof RepriseError && error.code === "STORE_MISSING" && flags.store === undefined;
        if (!absent) throw error;
        print({ runs: [], unfinished: [], more: 0 }, place.store, flags, context);
      }
      end(EXIT.ok);
    });
