import { RepriseError, type RunRecord } from "#record";
import type { RunRef, Store } from "#store";
import { canAsk, confirm } from "../confirm.ts";
import type { Context } from "../context.ts";
import { safe } from "../render/escape.ts";
import { shortId } from "../render/words.ts";

/** For every verb that starts a recorded command. */
export const YES = ["-y, --yes", "start the command of a run that came from elsewhere without asking"] as const;

/**
 * A run whose command is about to be started, as it can be done again here. Of one that came from elsewhere the origin and
 * the exact command are named, and the user is asked once. Throws RUN_FOREIGN where nobody can be, or the answer is no.
 */
export async function runToStart(
  store: Store,
  ref: RunRef,
  verb: string,
  flags: { readonly yes?: true },
  context: Context,
): Promise<RunRecord> {
  const [{ allow, isAllowed, runHere }, { originOf }] = await Promise.all([import("#replay"), import("#store")]);
  const run = runHere(store, ref);
  if (isAllowed(store, run)) return run;
  const origin = originOf(store, run.id);
  const { argv, project, workdir } = run.command;
  const signed = origin?.signedBy == null ? "not signed" : `signed by ${origin.signedBy}`;
  context.err.write(
    `run ${shortId(run.id)} came from elsewhere: recorded on ${safe(origin?.host ?? "?")}, by ${safe(origin?.from ?? "?")}, ${signed}\n` +
      `  command  ${safe(JSON.stringify(argv))}\n` +
      `  in       ${safe(workdir === "" ? "its project" : workdir)}, recorded in ${safe(project)}\n`,
  );
  const answer = flags.yes === true || (canAsk(context) && (await confirm("Start this command on this machine?")));
  if (!answer)
    throw new RepriseError(
      "RUN_FOREIGN",
      "usage",
      "a command that others recorded is not started unasked",
      `reprise ${verb} ${shortId(run.id)} --yes`,
    );
  allow(store, run);
  return run;
}
