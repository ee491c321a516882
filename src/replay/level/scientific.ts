import {
  type Claim,
  ClaimError,
  findSeries,
  holds,
  judgeClaim,
  missRate,
  numbersOf,
  parseClaim,
  replaysForRate,
  replaysNeeded,
  seriesIn,
} from "#compare";
import {
  type ClaimVerdict,
  type Evidence,
  RepriseError,
  type RunRecord,
  seriesTitle,
  type VerdictWord,
  type VerifyDocument,
} from "#record";
import { documentOf } from "./document.ts";
import { type LevelOptions, type Measured, measureReplays } from "./replays.ts";

/** A claim, and who makes it: "--claim", "reprise.toml:4". */
interface ClaimText {
  readonly text: string;
  readonly from: string;
}

export interface ScientificOptions extends LevelOptions {
  /** Besides those that the program makes itself. */
  readonly claims: readonly ClaimText[];
  readonly confidence: number;
  /** In so many of all runs each claim has to hold. */
  readonly rate: number;
}

interface Understood extends ClaimText {
  readonly claim: Claim;
}

/** The runs that claims speak of, by the names that they use; null is the one that is asked about. */
type Named = ReadonlyMap<string | null, RunRecord>;

function invalid({ text, from }: ClaimText, column: number, what: string, hint: string): RepriseError {
  return new RepriseError("CLAIM_INVALID", "usage", `${from}: claim '${text}', column ${column}: ${what}`, hint);
}

const EXAMPLE = `claims look like auc > 0.9, "val/acc" >= 0.8 or acc(big) > acc(small)`;

function understand(claim: ClaimText): Understood {
  try {
    return { ...claim, claim: parseClaim(claim.text) };
  } catch (error) {
    if (!(error instanceof ClaimError)) throw error;
    throw invalid(claim, error.column, error.message, EXAMPLE);
  }
}

const METRICS_SHOWN = 8;

/** Every metric of every claim is one that its run has: a claim about nothing is a mistake, not a finding. */
function check(understood: Understood, runs: Named): void {
  if (seriesIn(understood.claim).length === 0) throw invalid(understood, 1, "it names no metric", EXAMPLE);
  for (const { name, run, column } of seriesIn(understood.claim)) {
    const record = runs.get(run);
    if (record === undefined || findSeries(record, name) !== undefined) continue;
    const titles = [...new Set(record.metrics.filter(({ points }) => points.length > 0).map(seriesTitle))];
    const has = titles.length === 0 ? "it has none" : `it has ${titles.slice(0, METRICS_SHOWN).join(", ")}`;
    const whose = run === null ? "the run" : run;
    const like = titles.find((title) => title !== name && title.startsWith(name));
    const hint = like === undefined ? "reprise show RUN" : `write "${like}", in double quotes`;
    throw invalid(understood, column, `${whose} has no metric ${name}; ${has}`, hint);
  }
}

function claimsOf({ baseline, claims }: ScientificOptions): Understood[] {
  const told = (baseline.claims ?? []).map(
    ({ text, file, line }): ClaimText => ({
      text,
      from: file === null ? "the program" : `${file}${line === null ? "" : `:${line}`}`,
    }),
  );
  const all = [...new Map([...claims, ...told].map((claim) => [claim.text, claim])).values()];
  if (all.length > 0) return all.map(understand);
  throw new RepriseError(
    "CLAIM_NONE",
    "usage",
    "nothing is claimed of this run: neither by the program, nor in reprise.toml, nor here",
    `reprise verify --level scientific --claim 'accuracy > 0.9'`,
  );
}

const isLike = (run: RunRecord, record: RunRecord): boolean =>
  run.exitCode === record.exitCode && run.signal === record.signal;

/**
 * Whether the numbers of a claim are the same in every replay of a run: all of its results may be, and its timings are none.
 */
function isStill(claim: Claim, name: string | null, runs: Named, measured: Measured | undefined): boolean {
  if (measured?.same !== true) return false;
  const numbers = (own: RunRecord | undefined): string =>
    JSON.stringify(
      numbersOf(claim, (one) => (one === name ? own : runs.get(one)) ?? null).map(({ value }) => `${value}`),
    );
  const recorded = numbers(runs.get(name));
  return measured.runs.every((run) => numbers(run) === recorded);
}

/** The claim in the record, and in the replays of each number. Runs that come out the same each time are as recorded. */
function judge(
  { claim, text, from }: Understood,
  runs: Named,
  measured: ReadonlyMap<string | null, Measured>,
  { rate, confidence }: ScientificOptions,
): ClaimVerdict {
  const of = new Set(seriesIn(claim).map(({ run }) => run));
  const noisy = [...of].filter((name) => !isStill(claim, name, runs, measured.get(name)));
  const count = noisy.length === 0 ? 0 : Math.min(...noisy.map((name) => measured.get(name)?.runs.length ?? 0));
  const held = Array.from({ length: count }, (_, i) =>
    holds(claim, (name) => {
      const record = runs.get(name) ?? null;
      const one = measured.get(name);
      if (one === undefined || record === null || !noisy.includes(name)) return record;
      const run = one.runs[i];
      return run !== undefined && isLike(run, record) ? run : null;
    }),
  );
  const values = numbersOf(claim, (name) => runs.get(name) ?? null).map(({ name, value }) => ({
    name,
    value: Number.isFinite(value) ? value : String(value),
  }));
  const record = holds(claim, (name) => runs.get(name) ?? null);
  const judged = judgeClaim({ text, from, record, values, held }, rate, confidence);
  // What comes out the same each time holds as it does in the record.
  return noisy.length === 0 && record ? { ...judged, verdict: "holds", atLeast: 1 } : judged;
}

const evidenceOf = ({ text, verdict, held, of, record }: ClaimVerdict): Evidence => ({
  kind: "claim",
  name: text,
  agree: verdict === "holds",
  how: "tolerance",
  aside: [],
  a: record ? "holds" : "does not hold",
  b: of === 0 ? null : `holds in ${held} of ${of}`,
  distance: null,
  ...(verdict === "unknown" ? { unseen: "too few replays to say how often it holds" } : {}),
});

const percent = (share: number): string => `${Math.floor(share * 100)} %`;

function answerOf(
  claims: readonly ClaimVerdict[],
  { confidence, rate }: ScientificOptions,
  same: boolean,
): { readonly verdict: VerdictWord; readonly reason: string } {
  const failed = claims.find(({ verdict }) => verdict === "fails");
  if (failed !== undefined) {
    const { text, record, held, of } = failed;
    const where = record ? `holds in ${held} of ${of} replays only` : "does not hold in the record itself";
    return { verdict: "differs", reason: `${text} ${where}` };
  }
  const open = claims.find(({ verdict }) => verdict === "unknown");
  if (open !== undefined) {
    const { text, held, of, atLeast } = open;
    const shown = `that shows ${percent(atLeast)} of runs at confidence ${confidence}, and ${percent(rate)} were asked`;
    return { verdict: "inconclusive", reason: `${text} holds in ${held} of ${of} replays: ${shown}` };
  }
  if (same) return { verdict: "reproduced", reason: "every claim holds, and every result comes out the same" };
  const least = Math.min(...claims.map(({ atLeast }) => atLeast));
  const what = claims.length === 1 ? "the claim holds" : "every claim holds";
  return { verdict: "reproduced", reason: `${what} in at least ${percent(least)} of runs` };
}

/**
 * Whether what a run is said to show holds when its recipe is done again under fresh root seeds, and how often. Claims that
 * compare runs are asked of replays of each of them. Throws CLAIM_NONE, CLAIM_INVALID.
 */
export async function verifyScientific(options: ScientificOptions): Promise<VerifyDocument> {
  const { baseline, store, rate, confidence } = options;
  const understood = claimsOf(options);
  const names = new Set(understood.flatMap(({ claim }) => seriesIn(claim).flatMap(({ run }) => run ?? [])));
  const runs: Named = new Map<string | null, RunRecord>([
    [null, baseline],
    ...[...names].map((name): [string, RunRecord] => [name, store.runs.get(name)]),
  ]);
  for (const one of understood) check(one, runs);
  const wanted = replaysForRate(rate, confidence);
  const measured = new Map<string | null, Measured>();
  for (const [name, record] of runs) {
    const before = [...measured].find(([known]) => runs.get(known)?.id === record.id)?.[1];
    const onProgress = (words: string): void => options.onProgress?.(name === null ? words : `${name}: ${words}`);
    const made = before ?? (await measureReplays({ ...options, baseline: record, onProgress }, () => wanted));
    measured.set(name, made);
  }
  const all = [...new Set(measured.values())];
  const [main] = all;
  if (main === undefined) throw new RangeError("there is no run to verify");
  const claims = understood.map((one) => judge(one, runs, measured, options));
  const same = all.every((one) => one.same) && claims.every(({ of }) => of === 0);
  const obstacle = all.map((one) => one.obstacle).find((found) => found !== null) ?? null;
  const found = answerOf(claims, options, same);
  const { verdict, reason } = obstacle === null ? found : { verdict: "inconclusive" as const, reason: obstacle };
  const level = verdict !== "reproduced" ? "none" : same ? "numerical" : "scientific";
  const needs = claims.flatMap((one) =>
    one.verdict === "unknown" ? (replaysNeeded(one, rate, confidence) ?? []) : [],
  );
  const agreeing = all.reduce((sum, one) => sum + one.v.agreeing, 0);
  return {
    ...documentOf(main.v, main.free, { verdict, reason, level, asked: "scientific", evidence: claims.map(evidenceOf) }),
    replays: all.flatMap((one) => one.v.replays),
    agreeing,
    // Each run was done again by itself: of the one with the fewest replays least is known.
    missRate: missRate(Math.min(...all.map((one) => one.v.agreeing))),
    seconds: all.reduce((sum, one) => sum + one.spent, 0),
    claims: { confidence, rate, needed: needs.length === 0 ? null : Math.max(...needs), claims },
  };
}
