import { judgeNoise } from "#compare";
import { type Evidence, isUnknown, type RunRecord, type VerifyDocument } from "#record";
import { documentOf } from "./document.ts";
import { type LevelOptions, type Measured, measureReplays } from "./replays.ts";

export interface StatisticalOptions extends LevelOptions {
  readonly confidence: number;
  readonly power: number;
  readonly at: "last" | "best";
}

const [USUAL, MOST] = [10, 40] as const;

/** Results that come out otherwise with every seed: this level says nothing about them. */
function notJudged(baseline: RunRecord): string[] {
  const outputs = isUnknown(baseline.outputs) ? 0 : baseline.outputs.length;
  const printed = isUnknown(baseline.stdout) ? 0 : baseline.stdout.bytes;
  return [
    ...(outputs === 0 ? [] : [outputs === 1 ? "1 output" : `${outputs} outputs`]),
    ...(printed === 0 ? [] : ["standard output"]),
  ];
}

/** A run that failed before it gave any result: that it fails again is no answer to a question about results. */
const isBareFailure = (evidence: readonly Evidence[]): boolean =>
  evidence.some(({ kind, a }) => kind === "exit" && a !== 0) &&
  evidence.every(({ kind, name }) => kind === "exit" || name.startsWith("stderr"));

/** A run that has every result again is numerically reproducible, whatever level was asked for; null: it is not. */
export function numerical(
  { v, free, last, same }: Measured,
  asked: VerifyDocument["asked"],
  vary: LevelOptions["vary"],
): VerifyDocument | null {
  if (!same || vary === "none" || isBareFailure(last?.evidence ?? [])) return null;
  const reason = "every result came out the same under varied conditions";
  return documentOf(v, free, {
    verdict: "reproduced",
    level: "numerical",
    asked,
    reason,
    evidence: last?.evidence ?? [],
  });
}

/**
 * Does a run again under fresh root seeds and says whether its metrics lie where those replays put them
 * (docs/statistics.md). A run that has every result again is numerically reproducible, and told so.
 */
export async function verifyStatistical(options: StatisticalOptions): Promise<VerifyDocument> {
  const { baseline } = options;
  const judge = (runs: readonly RunRecord[]): ReturnType<typeof judgeNoise> => judgeNoise(baseline, runs, options);
  const measured = await measureReplays(options, (runs) =>
    runs.length < USUAL ? USUAL : Math.min(MOST, Math.max(runs.length, judge(runs).statistics.needed ?? 0)),
  );
  const asked = "statistical" as const;
  const exact = numerical(measured, asked, options.vary);
  if (exact !== null) return exact;
  const { v, free, runs, obstacle } = measured;
  const { verdict, reason, evidence, statistics } = judge(runs);
  const answer =
    obstacle === null
      ? ({ verdict, reason, level: verdict === "reproduced" ? asked : "none" } as const)
      : ({ verdict: "inconclusive", reason: obstacle, level: "none" } as const);
  const document = documentOf(v, free, { ...answer, asked, evidence });
  return { ...document, statistics: { ...statistics, notJudged: notJudged(baseline) } };
}
