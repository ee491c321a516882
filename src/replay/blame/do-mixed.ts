import type { RunRecord } from "#record";
import type { Choice } from "../mix/ingredient.ts";
import type { MixedRun, Mixture } from "../mix/mixture.ts";
import { type Replayed, type ReplayOptions, replay } from "../replay.ts";

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
