import type { CauseKind, RunRecord } from "#record";
import { factorsOf } from "../factor.ts";
import type { Choice } from "../mix/ingredient.ts";
import type { MixedRun, Mixture } from "../mix/mixture.ts";
import { type Replayed, type ReplayOptions, replay } from "../replay.ts";
import { drawConditions } from "../vary/conditions.ts";

function withPath(record: RunRecord, path: string): RunRecord {
  const before = record.variables.find((fact) => fact.name === "PYTHONPATH");
  const value = before !== undefined && "value" in before && before.value !== "" ? `${path}:${before.value}` : path;
  const variables = [...record.variables.filter((fact) => fact.name !== "PYTHONPATH"), { name: "PYTHONPATH", value }];
  return { ...record, variables };
}

/** Does a mixture once; text: why it could not be put together. */
export async function doMixed(
  { a, context, shelf }: Mixture,
  mixed: MixedRun,
  choice: Choice,
  how: Pick<ReplayOptions, "stopWhen" | "observe" | "into">,
): Promise<Replayed | string> {
  const overlay = await shelf.overlay(mixed.packages, mixed.base);
  if (typeof overlay === "string") return overlay;
  try {
    return await replay({
      ...context,
      baseline: overlay === null ? mixed.record : withPath(mixed.record, overlay.path),
      conditions: mixed.conditions,
      varied: [],
      held: [`mixed with ${a.id}`, ...[...choice].map((one) => `${one.kind} ${one.name}`)].slice(0, 50),
      ...how,
    });
  } finally {
    overlay?.remove();
  }
}

/**
 * Does a mixture under conditions drawn anew: seeds, orders, folders and times of its own, but for factors of the kinds to
 * hold. Text: why it could not be put together.
 */
export function mixAgain(mixture: Mixture, choice: Choice, hold: readonly CauseKind[]): Promise<Replayed | string> {
  const mixed = mixture.mix(choice);
  const { record: run } = mixed;
  const events = mixture.eventsB;
  const factors = factorsOf(run, events);
  const held = factors.filter(({ kind }) => hold.includes(kind));
  return doMixed(mixture, { ...mixed, conditions: drawConditions({ run, events, factors, held }) }, choice, {});
}
