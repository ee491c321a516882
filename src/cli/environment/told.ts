import type { RunRecord } from "#record";
import type { Store } from "#store";
import type { Context } from "../context.ts";
import { createProgress } from "../progress.ts";
import { safe } from "../render/escape.ts";
import { type Chosen, chooseEnvironment, type EnvironmentChoice } from "./choose.ts";

/** The run in the environment that it is to be done again in; where that is not the recorded one, with a line that says so. */
export async function environmentFor(
  store: Store,
  run: RunRecord,
  { environment, quiet }: { readonly environment?: EnvironmentChoice; readonly quiet?: true },
  context: Context,
): Promise<Chosen> {
  const progress = createProgress(context.err, quiet === true);
  try {
    const chosen = await chooseEnvironment(store, run, environment, context, (words) => progress.say(words));
    progress.clear();
    if (chosen.said !== null && quiet !== true) context.err.write(`reprise: environment: ${safe(chosen.said)}\n`);
    return chosen;
  } finally {
    progress.clear();
  }
}
