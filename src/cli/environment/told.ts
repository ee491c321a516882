import type { RunRecord } from "#record";
import type { Chosen, EnvironmentChoice } from "#replay";
import type { Store } from "#store";
import type { Context } from "../context.ts";
import { createProgress } from "../progress.ts";
import { safe } from "../render/escape.ts";
import { cacheOf } from "./place.ts";

/** The run in the environment that it is to be done again in; where that is not the recorded one, with a line that says so. */
export async function environmentFor(
  store: Store,
  run: RunRecord,
  { environment, quiet }: { readonly environment?: EnvironmentChoice; readonly quiet?: true },
  context: Context,
): Promise<Chosen> {
  const progress = createProgress(context.err, quiet === true);
  try {
    const { chooseEnvironment } = await import("#replay");
    const chosen = await chooseEnvironment({
      store,
      run,
      env: context.env,
      cwd: context.cwd,
      cache: () => cacheOf(context),
      onProgress: (words) => progress.say(words),
      ...(environment === undefined ? {} : { choice: environment }),
    });
    progress.clear();
    if (chosen.said !== null && quiet !== true) context.err.write(`reprise: environment: ${safe(chosen.said)}\n`);
    return chosen;
  } finally {
    progress.clear();
  }
}
