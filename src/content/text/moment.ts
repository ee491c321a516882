import { inClock, type Origin, offsets } from "../origin.ts";

/** A date or time of day as it is written somewhere. */
export interface Moment {
  readonly text: string;
  /** Possible readings: fields taken as UTC, and how long a stretch they name. A day may be missing (bare time). */
  readonly readings: readonly Reading[];
  /** The time zone was written, too. */
  readonly zoned: boolean;
  /** Of a bare H:MM:SS or MM:SS: what it is when it is no time of day but a duration. */
  readonly seconds: number | null;
}

interface Reading {
  /** null: of any year, of any day. */
  readonly year: number | null;
  readonly month: number | null;
  readonly day: number | null;
  /** ms since midnight. */
  readonly ms: number;
  readonly resolution: number;
}

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const MON = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec";
const DAY = "(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? +)?";
const ZONE = "(?: ?(?<zone>Z|UTC|GMT|[+-]\\d\\d:?\\d\\d)(?![\\w:]))?";
const TIME =
  "(?<h>\\d{1,2})(?<t>[:_.h-])(?<mi>\\d\\d)(?:\\k<t>(?<s>\\d\\d)(?:[.,](?<f>\\d{1,9}))?)?(?: ?(?<pm>[AaPp][Mm])\\b)?";
const END = "(?!\\d)";

/** As Python shows a datetime or a date within something else. */
const SHOWN =
  "(?<=\\b(?:datetime|date)\\()(?<y>\\d{4}), (?<mo>\\d\\d?), (?<d>\\d\\d?)(?:, (?<h>\\d\\d?), (?<mi>\\d\\d?)(?:, (?<s>\\d\\d?)(?:, (?<us>\\d{1,6}))?)?)?(?=[,)])";

const FORMS: readonly RegExp[] = [
  SHOWN,
  `(?<y>\\d{4})(?<d1>[-/_.])(?<mo>\\d\\d)\\k<d1>(?<d>\\d\\d)(?:(?:[T_-]| +|__| - |, )${TIME})?${ZONE}${END}`,
  `(?<x1>\\d\\d)(?<d1>[-/_.])(?<x2>\\d\\d)\\k<d1>(?<y>\\d{4})(?:(?:[T_-]|,? +)${TIME})?${ZONE}${END}`,
  `(?<y>20\\d\\d)(?<mo>\\d\\d)(?<d>\\d\\d)(?:[-_T ]?(?<h>\\d\\d)(?<mi>\\d\\d)(?:(?<s>\\d\\d)(?:[._-]?(?<f>\\d{1,9}))?)?)?${ZONE}${END}`,
  `${DAY}(?<mon>${MON})[a-z]*\\.?[ _-]{0,2}(?<d>\\d{1,2})(?:,? +(?<y>\\d{4}))?(?:(?:[T_-]|,? +)${TIME})?${ZONE}(?: (?:[A-Z]{3,4} )?(?<y2>\\d{4}))?${END}`,
  `${DAY}(?<d>\\d{1,2})[ -](?<mon>${MON})[a-z]*[ -](?<y>\\d{4})(?:(?:[T_-]|,? +)${TIME})?${ZONE}${END}`,
  `(?<=(?:^|\\s)[IWEF])(?<mo>\\d\\d)(?<d>\\d\\d) (?<h>\\d\\d):(?<mi>\\d\\d):(?<s>\\d\\d)\\.(?<f>\\d{1,9})${END}`,
  `(?<x1>\\d\\d)-(?<x2>\\d\\d)-(?<x3>\\d\\d)${END}`,
  `(?<h>\\d{1,3}):(?<mi>\\d\\d)(?::(?<s>\\d\\d)(?:[.,](?<f>\\d{1,9}))?)?(?: ?(?<pm>[AaPp][Mm])\\b)?${ZONE}(?![\\d:])`,
].map((form) => new RegExp(form, "y"));
const BARE = FORMS.length - 1;

/** The letters that months and days begin with. */
const FIRST = "JFMASONDTW";

/** What every form begins with: cheap to ask at each token. */
const LOOKS = new RegExp(
  `\\d{1,4}[-/_.:]\\d\\d|\\d{4}, \\d\\d?, \\d|20\\d{6}|\\d{4} \\d\\d:|\\d{1,2}[ -][A-Z]|(?:${MON}|Mon|Tue|Wed|Thu|Fri|Sat|Sun)`,
  "y",
);

/** The date or time of day that starts at `from`, the longest written form first; null when there is none. */
export function momentAt(line: string, from: number): Moment | null {
  const first = line.charCodeAt(from);
  if (!(first >= 48 && first <= 57) && !FIRST.includes(line[from] ?? "")) return null;
  LOOKS.lastIndex = from;
  if (!LOOKS.test(line)) return null;
  for (const [index, form] of FORMS.entries()) {
    form.lastIndex = from;
    const match = form.exec(line);
    if (match?.groups === undefined) continue;
    const readings = readingsOf(match.groups);
    if (readings.length === 0) continue;
    const groups = match.groups;
    const bare = index === BARE && groups.pm === undefined && groups.zone === undefined;
    return { text: match[0], readings, zoned: groups.zone !== undefined, seconds: bare ? secondsOf(groups) : null };
  }
  return null;
}

type Groups = Record<string, string | undefined>;
const whole = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

function secondsOf(groups: Groups): number {
  const fraction = Number(`0.${groups.f ?? "0"}`);
  if (groups.s === undefined) return Number(groups.h) * 60 + Number(groups.mi);
  return Number(groups.h) * 3600 + Number(groups.mi) * 60 + Number(groups.s) + fraction;
}

function readingsOf(groups: Groups): Reading[] {
  const { x1, x2, x3 } = groups;
  if (x3 !== undefined) {
    // 06-00-01: a time of day, or a day with a short year.
    const time = reading({ h: x1, mi: x2, s: x3 });
    const day = reading({ y: `20${x1}`, mo: x2, d: x3 });
    const turned = reading({ y: `20${x3}`, mo: x2, d: x1 });
    return [time, day, turned].filter((found) => found !== null);
  }
  if (x1 !== undefined)
    return [reading({ ...groups, mo: x2, d: x1 }), reading({ ...groups, mo: x1, d: x2 })].filter(
      (found) => found !== null,
    );
  const found = reading(groups);
  return found === null ? [] : [found];
}

function reading(groups: Groups): Reading | null {
  const month = groups.mon === undefined ? whole(groups.mo) : MONTHS.indexOf(groups.mon.toLowerCase()) + 1;
  const day = whole(groups.d);
  const minute = whole(groups.mi);
  const second = whole(groups.s);
  let hour = whole(groups.h);
  if (hour !== null && groups.pm !== undefined) hour = (hour % 12) + (groups.pm.toLowerCase() === "pm" ? 12 : 0);
  if (month !== null && (month < 1 || month > 12)) return null;
  if (day !== null && (day < 1 || day > 31)) return null;
  if ((minute ?? 0) > 59 || (second ?? 0) > 60) return null;
  if ((hour ?? 0) > 23)
    return day === null ? { year: null, month: null, day: null, ms: Number.NaN, resolution: 0 } : null;
  const ms =
    (hour ?? 0) * 3_600_000 +
    (minute ?? 0) * 60_000 +
    (second ?? 0) * 1000 +
    Number(`0.${groups.f ?? groups.us?.padStart(6, "0") ?? "0"}`) * 1000;
  const fine = groups.f !== undefined || groups.us !== undefined;
  // Python leaves out a last field that is zero: the second is known then, too.
  const resolution = hour === null ? 86_400_000 : fine ? 1 : second === null ? 60_000 : 1000;
  return { year: whole(groups.y ?? groups.y2), month, day, ms, resolution };
}

/** Whether a written moment lies within the run, in UTC or its own time zone. */
export function isOfRun(moment: Moment, origin: Origin): boolean {
  const shifts = moment.zoned ? zoneShift(moment.text) : offsets(origin);
  return moment.readings.some((found) =>
    shifts.some((shift) =>
      midnights(found, origin, shift).some((day) => inClock(origin, day + found.ms - shift, found.resolution)),
    ),
  );
}

function zoneShift(text: string): readonly number[] {
  const match = /([+-])(\d\d):?(\d\d)$/.exec(text);
  if (match === null) return [0];
  return [(match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000];
}

/** Midnights (as UTC fields) a reading may mean: its own day, or each day of the run when it names none. */
function midnights(found: Reading, origin: Origin, shift: number): number[] {
  if (Number.isNaN(found.ms)) return [];
  const first = new Date(origin.startMs + shift);
  const last = new Date(origin.endMs + shift);
  if (found.month === null || found.day === null) {
    const days: number[] = [];
    const until = Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), last.getUTCDate() + 1);
    let day = Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate() - 1);
    for (; day <= until && days.length < 400; day += 86_400_000) days.push(day);
    return days;
  }
  const years = found.year === null ? [first.getUTCFullYear(), last.getUTCFullYear()] : [found.year];
  return years.map((year) => Date.UTC(year, (found.month ?? 1) - 1, found.day ?? 1));
}
