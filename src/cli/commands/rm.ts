import { RepriseError, type RunId } from "#record";
import type { Store } from "#store";
import { canAsk, confirm } from "../confirm.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { safe } from "../render/escape.ts";
import { plural, shortId } from "../render/words.ts";
import type { Define } from "../verb.ts";

interface Flags {
  readonly yes?: true;
  readonly replays?: true;
  readonly store?: string;
  readonly quiet?: true;
}

interface Doomed {
  readonly id: RunId;
  readonly command: string;
}

/** A run that broke off has no record, so its reference is looked up among the unfinished ones. */
function findDoomed(store: Store, ref: string): Doomed {
  try {
    return store.runs.find(ref);
  } catch (error) {
    if (!(error instanceof RepriseError) || (error.code !== "RUN_UNFINISHED" && error.code !== "RUN_UNKNOWN"))
      throw error;
    const digits = ref.toLowerCase().replaceAll("-", "");
    const open = store.runs
      .unfinished()
      .filter(
        ({ id, name }) => name === ref || (digits.length >= 4 && id.replaceAll("-", "").endsWith(digits)) || id === ref,
      );
    const [only] = open;
    if (only === undefined || open.length > 1) throw error;
    return only;
  }
}

function allDoomed(store: Store, refs: readonly string[], withReplays: boolean): Doomed[] {
  const named = refs.map((ref) => findDoomed(store, ref));
  const replays = withReplays ? named.flatMap(({ id }) => store.runs.list({ replaysOf: id })) : [];
  return [...new Map([...named, ...replays].map((run) => [run.id, run])).values()];
}

async function mayRemove(runs: readonly Doomed[], flags: Flags, context: Context): Promise<boolean> {
  if (flags.yes === true) return true;
  if (!canAsk(context))
    throw new RepriseError(
      "CONFIRM",
      "usage",
      `this would remove ${plural(runs.length, "run")} for good`,
      "say so with --yes",
    );
  for (const { id, command } of runs) context.err.write(`  ${shortId(id)}  ${safe(command)}\n`);
  return confirm(`Remove ${plural(runs.length, "run")} for good?`);
}

export const defineRm: Define = (context, end) =>
  face(context, "rm", "remove runs", {
    notes: ["Runs that broke off can be removed too. The space is freed by: reprise gc"],
    examples: [
      ["reprise rm 5e0f3a2b", "asks before"],
      ["reprise rm @last --replays --yes", "with the replays that verify made of it"],
    ],
    exits: [
      ["0", "removed"],
      ["1", "not removed: the answer was no"],
    ],
  })
    .argument("<run...>", "RUN: an id, a part of one, a name, @last, @last~N")
    .option("-y, --yes", "do not ask")
    .option("--replays", "their replays too")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("-q, --quiet", "say nothing besides errors")
    .action(async (refs: string[], flags: Flags) => {
      const place = await findPlace(context, flags.store, "read");
      const code = await withStore(place, {}, async (store) => {
        const runs = allDoomed(store, refs, flags.replays === true);
        if (!(await mayRemove(runs, flags, context))) return EXIT.no;
        for (const { id } of runs) store.runs.remove(id);
        if (flags.quiet !== true) context.err.write(`removed ${runs.map(({ id }) => shortId(id)).join(", ")}\n`);
        return EXIT.ok;
      });
      end(code);
    });
