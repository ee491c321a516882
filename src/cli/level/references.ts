import type { ReferenceVerdict, VerifyDocument } from "#record";
import { safe } from "../render/escape.ts";
import type { Row } from "../render/rows.ts";
import { brief } from "../render/words.ts";

const SIGN = { within: "✓", beyond: "✗", unknown: "?" } as const;

function text({ name, verdict, reason, rows, decision, flips, maxAbs, ulps, worst, nan }: ReferenceVerdict): string {
  const parts = [
    ...(flips === null ? [] : [`${flips} of ${rows} rows decided otherwise (${decision})`]),
    ...(nan === 0 ? [] : [`${nan} of ${rows} rows hold NaN each time`]),
    ...(maxAbs === null ? [] : [`at most ${brief(maxAbs)} apart${ulps === null ? "" : `, ${brief(ulps)} ulps`}`]),
    ...(worst === null ? [] : [`furthest in row ${worst.row}, column ${worst.column}: ${worst.a} and ${worst.b}`]),
  ];
  return `${SIGN[verdict]} ${safe(name)}: ${parts.length === 0 ? safe(reason ?? "") : parts.join("; ")}`;
}

/** How far predictions for reference inputs are from the recorded ones. */
export function referenceRows({ references }: Pick<VerifyDocument, "references">): Row[] {
  if (references === undefined) return [];
  const { maxAbs, ulps, flips } = references.bounds;
  const bounds = [
    ...(flips === null ? [] : [`decisions: ${Number((flips * 100).toPrecision(4))} % of rows`]),
    ...(maxAbs === null ? [] : [`${maxAbs}`]),
    ...(ulps === null ? [] : [`${ulps} ulps`]),
  ];
  return [
    ...references.list.map((one, i): Row => [i === 0 ? "predictions" : "", text(one)]),
    ["bounds", bounds.join(", ")],
  ];
}
