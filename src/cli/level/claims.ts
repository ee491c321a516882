import type { ClaimVerdict, VerifyDocument } from "#record";
import { safe } from "../render/escape.ts";
import type { Row } from "../render/rows.ts";
import { brief } from "../render/words.ts";

const CLAIMS_SHOWN = 6;
const SIGN = { holds: "✓", fails: "✗", unknown: "?" } as const;
const RANK = { fails: 0, unknown: 1, holds: 2 } as const;

function claimText({ text, from, verdict, held, of, atLeast, values }: ClaimVerdict): string {
  const numbers = values
    .map(({ name, value }) => `${safe(name)} ${typeof value === "number" ? brief(value) : value}`)
    .join(", ");
  const often =
    of === 0
      ? "the same in every replay"
      : `in ${held} of ${of} replays, so in at least ${Math.floor(atLeast * 100)} % of runs`;
  return `${SIGN[verdict]} ${safe(text)} (${safe(from)}): ${often}; recorded ${numbers}`;
}

/** Each claim, and how often it holds; those that do not come first. */
export function claimRows({ claims: asked }: Pick<VerifyDocument, "claims">): Row[] {
  if (asked === undefined) return [];
  const { claims, confidence, rate } = asked;
  const sorted = claims.toSorted((a, b) => RANK[a.verdict] - RANK[b.verdict]);
  const rows = sorted.slice(0, CLAIMS_SHOWN).map((claim, i): Row => [i === 0 ? "claims" : "", claimText(claim)]);
  const more = claims.length - CLAIMS_SHOWN;
  return [
    ...rows,
    ...(more > 0 ? [["", `and ${more} more (--json has them)`] as const] : []),
    [
      "asked",
      `in ${Number((rate * 100).toPrecision(4))} % of runs, confidence ${Number((confidence * 100).toPrecision(4))} % (one-sided)`,
    ],
  ];
}
