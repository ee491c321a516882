import { RepriseError } from "#record";
import { loadGolden } from "./golden/folder.ts";
import type { Golden, Tolerance } from "./golden/golden.ts";
import { type Initiated, type MeasureOptions, measureGolden } from "./init.ts";

export interface AcceptOptions extends Omit<MeasureOptions, "from" | "metrics" | "byHand"> {
  readonly from?: MeasureOptions["from"];
  /** Those that the golden before holds when left out. */
  readonly metrics?: readonly string[];
}

const handMade = ({ tolerance }: Golden): Record<string, Tolerance> =>
  Object.fromEntries(Object.entries(tolerance).filter(([, { byHand }]) => byHand !== undefined));

/**
 * What the present checkout comes to is right from now on: measured anew and appended with its reason; the old golden stays
 * in the file. Tolerances set by hand stay in force. Throws AUDIT_REASON without a reason.
 */
export async function acceptGolden(options: AcceptOptions): Promise<Initiated> {
  const { project, name, reason } = options;
  if (reason.trim() === "")
    throw new RepriseError(
      "AUDIT_REASON",
      "usage",
      "an accepted change needs a reason",
      `reprise audit accept ${name} --reason "larger model"`,
    );
  const golden = loadGolden(project, name).goldens.at(-1) as Golden;
  return measureGolden({
    ...options,
    reason: reason.trim(),
    from: options.from ?? golden,
    metrics: options.metrics ?? golden.only,
    byHand: handMade(golden),
  });
}
