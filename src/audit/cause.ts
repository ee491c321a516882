import type { WhyDocument } from "#record";
import { whyPair } from "#replay";
import { type Question, withControl } from "./control.ts";
import type { AuditControl, AuditWord } from "./document.ts";
import { shiftsOf } from "./shift.ts";
import type { Workplace } from "./training.ts";

/** Replays that finding and proving one guilty hunk takes: 6 of runs that last, 10 of short ones; several take more. */
const USUAL_REPLAYS = 15;
/** Nobody waits longer unasked. */
const UNASKED_SECONDS = 600;

export interface Asked {
  /** auto: where it is expected to end within ten minutes. */
  readonly why: "auto" | "yes" | "no";
  readonly budget?: { readonly replays?: number; readonly minutes?: number };
}

export interface Cause {
  readonly control: AuditControl | null;
  readonly why: WhyDocument | null;
  readonly shifts: readonly (AuditWord | null)[];
  readonly whyNot: string | null;
}

const none = (whyNot: string, control: AuditControl | null = null): Cause => ({
  control,
  why: null,
  shifts: [],
  whyNot,
});

/**
 * Why a training is outside: the golden's code and data are trained here under the same seed. Where that is within, code or
 * data are guilty, and mixing the two finds the smallest part of the change that is.
 */
export async function causeOf(question: Question, { why, budget }: Asked, at: Workplace): Promise<Cause> {
  const { golden, run, changed } = question;
  if (why === "no") return none("not asked");
  if (!changed.changes.some(({ section }) => section === "code" || section === "data"))
    return none("neither code nor data has changed since the golden, as far as it is known");
  const found = await withControl(question, at, async ({ control, made, byChance }) => {
    if (control.verdict !== "within") return none(control.words, control);
    const seconds = USUAL_REPLAYS * (Math.max(golden.seconds, run.seconds) + 1);
    if (why === "auto" && seconds > UNASKED_SECONDS)
      return none(`finding the line takes about ${USUAL_REPLAYS} trainings: reprise audit run --why`, control);
    const most = why === "yes" ? {} : { minutes: UNASKED_SECONDS / 60 };
    const document = await whyPair({ ...at, a: made, b: run, budget: budget ?? most });
    // What is outside under this seed whatever the code is tells nothing of one cause by itself.
    const shifts =
      byChance && document.causes.length > 1
        ? document.causes.map(() => null)
        : await shiftsOf(document, [made, run], question, at);
    return { control, why: document, shifts, whyNot: null };
  });
  return typeof found === "string" ? none(found) : found;
}
