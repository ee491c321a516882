import type { Json } from "#record";
import { resumeCheck as check, type ResumeDocument, withEnvironment } from "#replay";
import { type Asking, chosenRun, placeOf, type Surroundings } from "./request.ts";

export interface ResumeRequest extends Asking, Surroundings {
  /** Globs of checkpoints, below the project; known by their usual names when left out. */
  readonly checkpoints?: readonly string[];
  /** How it is resumed: by the same command when left out, with more arguments, or by a shell's line of its own. */
  readonly resume?: { readonly arguments: string } | { readonly command: string };
  /** End the run after so many steps; after a checkpoint in the middle when left out. */
  readonly at?: number;
  /** "KILL" when left out; "TERM" for programs that save when they are told to end. */
  readonly signal?: "KILL" | "TERM";
}

/** Whether a run that was killed and resumed comes out as the whole one, as `reprise resume-check` does. */
export async function resumeCheck(request: ResumeRequest): Promise<ResumeDocument> {
  const { store, checkpoints, resume, at, signal } = request;
  const chosen = await chosenRun(request);
  const baseline = chosen.run;
  const found = await check({
    ...placeOf(request),
    baseline,
    patterns: checkpoints ?? [],
    signal: signal ?? "KILL",
    ...(at === undefined ? {} : { at }),
    resume:
      resume === undefined
        ? { by: "same" }
        : "command" in resume
          ? { by: "command", text: resume.command }
          : { by: "arguments", text: resume.arguments },
  });
  const document = withEnvironment(found, chosen);
  store.runs.addFact(baseline.id, "resume-check", document as unknown as Json);
  return document;
}
