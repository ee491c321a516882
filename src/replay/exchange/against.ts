import { diffParts, judgeNoise, likenessOf } from "#compare";
import type { AgainstDocument, Evidence, MachineRow, RunRecord } from "#record";
import { gatherEvidence, type Side } from "../evidence.ts";
import { shownOn } from "../level/document.ts";
import { type LevelOptions, measureReplays } from "../level/replays.ts";
import { eventsOf, temporaryOf } from "../replay.ts";
import { sideOf } from "../side.ts";
import { type Colleague, onceEach, type Said, saidElsewhere, sameShown } from "./colleague.ts";
import { numericalVerdict, showsRepeating, verdictsOf } from "./export.ts";

export interface AgainstOptions extends LevelOptions {
  readonly level: "numerical" | "statistical";
  readonly colleagues: readonly Colleague[];
  readonly confidence: number;
  readonly power: number;
  readonly at: "last" | "best";
}

type Word = MachineRow["numerical"];

const RECIPE = ["code", "config", "data"] as const;
const [USUAL, MOST] = [10, 40] as const;

/** As typed within the project, wherever that lies. */
function typed({ command }: RunRecord): string {
  return [command.workdir, ...command.argv].join("\0").replaceAll(command.project, ".");
}

function recipeOf(a: RunRecord, b: RunRecord): MachineRow["recipe"] {
  const parts = diffParts(a, b);
  const counts = RECIPE.map((section) => ({ section, count: parts[section].entries.length }));
  const command = { section: "command", count: typed(a) === typed(b) ? 0 : 1 };
  return [command, ...counts].filter(({ count }) => count > 0);
}

function firstApart(evidence: readonly Evidence[]): string {
  const parted = evidence.find((item) => !item.agree);
  if (parted === undefined) return "";
  const say = (side: string | number | null): string => (side === null ? "nothing" : String(side).slice(0, 40));
  return parted.unseen === undefined
    ? `${parted.kind} ${parted.name}: ${say(parted.a)} ≠ ${say(parted.b)}`
    : `${parted.name}: ${parted.unseen}`;
}

const ITSELF: Word = { word: "unknown", reason: "it is this run itself, which shows nothing" };
const isItself = ({ side: { run } }: Colleague, mine: RunRecord): boolean =>
  run.id === mine.id && sameShown(shownOn(run), shownOn(mine));

/** This very run, done again on another machine, with its results compared there. */
function doneAgain(said: Said): Word {
  const { verdict, reason, replays } = said;
  const times = `${replays.length} ${replays.length === 1 ? "replay" : "replays"} of this run`;
  if (showsRepeating(said) && replays.length > 0)
    return { word: "agrees", reason: `every result is the same in ${times} there` };
  return { word: verdict === "differs" ? "differs" : "unknown", reason: `${times} there: ${verdict}, ${reason}` };
}

/** Whether all results are the same. Between machines one pair that agrees is believed only of runs that each repeat. */
function numericalOf(theirs: Colleague, mine: Side, verified: boolean, sameMachine: boolean): Word {
  const evidence = gatherEvidence(theirs.side, mine);
  const likeness = likenessOf(theirs.side.run, evidence);
  // Also under this run's own name: what was said of other results is not said of these.
  if (likeness === "parted") return { word: "differs", reason: firstApart(evidence) };
  if (isItself(theirs, mine.run)) {
    const said = saidElsewhere(theirs);
    return said === null ? ITSELF : doneAgain(said);
  }
  if (likeness === "unseen")
    return { word: "unknown", reason: firstApart(evidence) || "there is no result to compare" };
  if (sameMachine || (verified && theirs.verified)) return { word: "agrees", reason: "every result is the same" };
  const who = verified ? "theirs was not" : theirs.verified ? "mine was not" : "neither was";
  return {
    word: "unknown",
    reason: `every result is the same once, but ${who} shown to repeat on its own machine with conditions varied`,
  };
}

/** Letters for sides with the same results, in the order of the list. */
function groupsOf(sides: readonly Side[]): (string | null)[] {
  const groups: { readonly letter: string; readonly side: Side }[] = [];
  return sides.map((side) => {
    for (const group of groups) {
      const likeness = likenessOf(group.side.run, gatherEvidence(group.side, side));
      if (likeness === "same") return group.letter;
      if (likeness === "unseen") return null;
    }
    const letter = String.fromCharCode(65 + (groups.length % 26));
    groups.push({ letter, side });
    return letter;
  });
}

function answer(
  rows: readonly MachineRow[],
  asked: AgainstOptions["level"],
): Pick<AgainstDocument, "verdict" | "level" | "reason"> {
  const count = rows.length === 1 ? "the other run" : `all ${rows.length} other runs`;
  // That another recipe gives the same is an answer, and not the one that people would take it for.
  const sections = [...new Set(rows.flatMap(({ recipe }) => recipe.map(({ section }) => section)))];
  const but = sections.length === 0 ? "" : `, though recipes differ (${sections.join(", ")})`;
  const all = (word: (row: MachineRow) => Word | null): boolean => rows.every((row) => word(row)?.word === "agrees");
  if (all((row) => row.numerical))
    return { verdict: "reproduced", level: "numerical", reason: `every result is the same in ${count}${but}` };
  const words = rows.map((row) => ({
    row,
    found:
      asked === "numerical" || row.numerical.word === "agrees" ? row.numerical : (row.statistical ?? row.numerical),
  }));
  const apart = words.find(({ found }) => found.word === "differs");
  if (apart !== undefined)
    return { verdict: "differs", level: "none", reason: `${apart.row.file}: ${apart.found.reason}` };
  const open = words.find(({ found }) => found.word === "unknown");
  if (open !== undefined)
    return { verdict: "inconclusive", level: "none", reason: `${open.row.file}: ${open.found.reason}` };
  const lie = rows.length === 1 ? "lies" : "lie";
  return {
    verdict: "reproduced",
    level: "statistical",
    reason: `${count} ${lie} where fresh seeds put this one${but}`,
  };
}

/**
 * Compares a run with runs that came as files, from other machines: result by result, and at the statistical level their
 * metrics with the noise of this run, measured here over replays. Nothing of the files is run.
 */
export async function verifyAgainst(options: AgainstOptions): Promise<AgainstDocument> {
  const { baseline, store, level, confidence, power, at } = options;
  const { each: colleagues, twice } = onceEach(options.colleagues);
  const from = performance.now();
  const mine = sideOf(baseline, eventsOf(baseline, store), store, [temporaryOf(baseline)]);
  const last = numericalVerdict(verdictsOf(store, baseline));
  const verified = last !== undefined && showsRepeating(last);
  const numerical = colleagues.map((theirs) =>
    numericalOf(theirs, mine, verified, sameShown(shownOn(theirs.side.run), shownOn(baseline))),
  );
  const needsNoise =
    level === "statistical" &&
    numerical.some(({ word }, i) => word !== "agrees" && !isItself(colleagues[i] as Colleague, baseline));
  const judge = (run: RunRecord, runs: readonly RunRecord[]): ReturnType<typeof judgeNoise> =>
    judgeNoise(run, runs, { confidence: 1 - (1 - confidence) / colleagues.length, power, at });
  const measured = needsNoise
    ? await measureReplays(options, (runs) => {
        if (runs.length < USUAL) return USUAL;
        const needs = colleagues.map(({ side }) => judge(side.run, runs).statistics.needed ?? 0);
        return Math.min(MOST, Math.max(runs.length, ...needs));
      })
    : null;
  const [, ...groups] = groupsOf([mine, ...colleagues.map(({ side }) => side)]);
  const machines = colleagues.map((theirs, i): MachineRow => {
    const { file, side } = theirs;
    const found = measured === null || isItself(theirs, baseline) ? null : judge(side.run, measured.runs);
    const words = {
      reproduced: "agrees",
      differs: "differs",
      conditional: "differs",
      inconclusive: "unknown",
    } as const;
    const statistical =
      found === null || measured === null
        ? null
        : measured.obstacle !== null
          ? { word: "unknown" as const, reason: measured.obstacle, metrics: found.statistics.metrics }
          : { word: words[found.verdict], reason: found.reason, metrics: found.statistics.metrics };
    const again = isItself(theirs, baseline) ? saidElsewhere(theirs) : null;
    const place = again?.shownOn ?? shownOn(side.run);
    const word = numerical[i] ?? { word: "unknown", reason: "it was not compared" };
    return {
      file,
      run: side.run.id,
      hostname: again?.hostname ?? side.run.hardware.hostname,
      shownOn: place,
      recipe: recipeOf(side.run, baseline),
      sameMachine: sameShown(place, shownOn(baseline)),
      numerical: word,
      statistical,
      // The results in the file are those of the run itself, whatever its replays gave.
      group: again !== null && word.word !== "agrees" ? null : (groups[i] ?? null),
    };
  });
  return {
    format: "reprise/against@1",
    run: baseline.id,
    hostname: baseline.hardware.hostname,
    shownOn: shownOn(baseline),
    asked: level,
    ...answer(machines, level),
    machines,
    replays: measured?.v.replays ?? [],
    confidence: measured === null ? null : confidence,
    warnings: [...twice, ...(measured?.v.warnings ?? [])],
    seconds: (performance.now() - from) / 1000,
  };
}
