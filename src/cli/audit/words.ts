import type { AuditChange, AuditDocument, AuditItem } from "#audit";
import { brief } from "../render/words.ts";

const value = (one: number | string | null): string =>
  one === null
    ? "nothing"
    : typeof one === "number"
      ? brief(one)
      : one.replace(/^sha256:([0-9a-f]{12})[0-9a-f]*$/, "$1…");

/** "0.713, 0.72 — allowed 0.912 to 0.973, mean 0.94 of 10 trainings". */
export function itemWords(item: AuditItem, trainings: number): string {
  const { values, low, high, golden, byHand, reason } = item;
  const seen = values.map(value).join(", ");
  const why = reason === null ? "" : `; ${reason}`;
  if (low === null || high === null)
    return `${seen} — ${value(golden)} in all ${trainings} trainings of the golden${why}`;
  // In full: rounded to four digits a value could seem to be on the other side.
  const told = values.map((one) => (one === null ? "nothing" : String(one))).join(", ");
  const hand = byHand === null ? `mean ${value(golden)} of ${trainings} trainings` : `by hand, ${byHand}`;
  return `${told} — allowed ${low} to ${high}, ${hand}${why}`;
}

const clip = (text: string): string => (text.trim().length > 60 ? `${text.trim().slice(0, 59)}…` : text.trim());

/** The first line that a change of code took out and put in. */
function hunkWords({ hunks }: AuditChange): string {
  const [first] = hunks;
  if (first === undefined) return "";
  const [out, put] = [first.removed.find((line) => line.trim() !== ""), first.added.find((line) => line.trim() !== "")];
  const words = [...(out === undefined ? [] : [`- ${clip(out)}`]), ...(put === undefined ? [] : [`+ ${clip(put)}`])];
  const more = hunks.length === 1 ? [] : [`and ${hunks.length - 1} more place${hunks.length === 2 ? "" : "s"}`];
  return [...words, ...more].join("   ");
}

export function changePlace({ name, hunks }: AuditChange): string {
  const [first] = hunks;
  return first === undefined ? name : `${name}:${first.line}`;
}

/** "code", "train.py:12  - lr = 0.1   + lr = 3.0". */
export function changeWords(change: AuditChange): string {
  const { section, change: how, a, b, imported } = change;
  const where = changePlace(change);
  if (section === "code") {
    const aside = imported === false ? " (not imported by the training)" : "";
    const what = how === "changed" ? hunkWords(change) : how;
    return `${where}${aside}${what === "" ? "" : `  ${what}`}`;
  }
  if (how !== "changed") return `${where} ${how}`;
  const [x, y] = [value(a), value(b)];
  return `${where}: ${x} → ${y}`;
}

type AuditCause = NonNullable<AuditDocument["why"]>["causes"][number];

/** The proved causes, those that move results out of the noise first, and what is to be said of the others. */
export function causesOf({
  why,
  shifts,
}: AuditDocument): readonly { readonly cause: AuditCause; readonly but: string }[] {
  const causes = (why?.causes ?? []).map((cause, i) => ({ cause, word: shifts[i] ?? null }));
  const some = causes.some(({ word }) => word === "outside");
  const last = ({ word }: { readonly word: string | null }): number => (some && word === "within" ? 1 : 0);
  return causes
    .toSorted((a, b) => last(a) - last(b))
    .map((one) => {
      if (one.word !== "within") return { cause: one.cause, but: "" };
      return {
        cause: one.cause,
        but: some ? "; by itself within the golden's noise" : "; by itself within: together with the others only",
      };
    });
}

/** The commands that come next. */
export function nextOf({ verdict, name, golden, trainings }: AuditDocument): string {
  const id = (run: string): string => run.replaceAll("-", "").slice(-8);
  if (verdict === "within") return `reprise audit report ${name}`;
  if (verdict === "inconclusive") return `reprise show ${id(trainings[0] ?? golden.run)}`;
  return `reprise audit accept ${name} --reason "..."   if this is meant`;
}
