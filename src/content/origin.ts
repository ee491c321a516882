/** What is known of one run, from which masks take their right to set something aside. */
export interface Origin {
  /** Absolute folders of the run: project, working folder, temporary folder, home. */
  readonly roots: readonly string[];
  readonly pids: readonly number[];
  readonly startMs: number;
  readonly endMs: number;
  readonly seconds: number;
  /** Ids that the agent saw being drawn, with or without dashes. */
  readonly uuids: readonly string[];
  readonly hostname: string;
  readonly timeZone?: string;
  /** Clock readings that went to user code, as they were read (also of clocks that do not count from 1970). */
  readonly clockValues?: readonly number[];
  /** Files of the project: `data/s` may be one, and no speed. */
  readonly files?: ReadonlySet<string>;
  /**
   * SHA-256, in hexadecimal digits, of each notebook cell that the run executed: its code, wherever it is copied to. Only
   * where runs of other code are compared: what one code executes is to be the same in every replay.
   */
  readonly cells?: readonly string[];
}

/** The two runs that are compared; the same order everywhere. */
export interface Origins {
  readonly a: Origin;
  readonly b: Origin;
}

const SLACK_MS = 2000;

/** Whether the interval [ms, ms + resolution) touches the run, give or take two seconds. */
export function inClock(origin: Origin, ms: number, resolutionMs = 0): boolean {
  return ms + resolutionMs >= origin.startMs - SLACK_MS && ms <= origin.endMs + SLACK_MS;
}

/** Whether the run had time for something to last so long. */
export function lasted(origin: Origin, seconds: number): boolean {
  return seconds >= 0 && seconds <= origin.seconds * 1.05 + 1;
}

/** Whether a number is a moment of this run: epoch seconds, ms, µs or ns in its span, or a reading that was seen. */
export function isMoment(origin: Origin, value: number): boolean {
  for (const perMs of [1e-3, 1, 1e3, 1e6]) if (inClock(origin, value / perMs)) return true;
  const readings = origin.clockValues ?? [];
  // A reading may be printed with fewer digits, but a short number could be anything.
  return Math.abs(value) >= 10 && readings.some((reading) => Math.abs(reading - value) <= Math.abs(reading) * 1e-6);
}

/** Ids are handed out in their order: threads and programs that a process starts have one of the next. */
const NEXT_IDS = 5000;
/** Below it a number is too easily met by chance to be the id of a process that nobody saw. */
const LEAST_UNSEEN = 1000;

/** Unless it is one of the very next where ids have begun anew: Linux does so at 300, and only a container has smaller ones. */
const [BEGUN_ANEW, VERY_NEXT] = [300, 64];

/** Whether a number is the id of a process of this run, or can be that of one which a process of it started. */
export function isProcessId(origin: Origin, value: number): boolean {
  if (!Number.isInteger(value)) return false;
  if (origin.pids.includes(value)) return true;
  if (origin.pids.some((pid) => pid >= BEGUN_ANEW && value > pid && value <= pid + VERY_NEXT)) return true;
  const least = Math.max(LEAST_UNSEEN, Math.min(...origin.pids));
  return origin.pids.length > 0 && value > least && value <= Math.max(...origin.pids) + NEXT_IDS;
}

const offsetsOf = new WeakMap<Origin, readonly number[]>();

/** Offsets from UTC in ms in which this run may have written local times: none, and that of its time zone. */
export function offsets(origin: Origin): readonly number[] {
  let known = offsetsOf.get(origin);
  if (known === undefined) {
    const found = new Set([0]);
    if (origin.timeZone !== undefined)
      for (const ms of [origin.startMs, origin.endMs]) found.add(zoneOffset(origin.timeZone, ms));
    known = [...found];
    offsetsOf.set(origin, known);
  }
  return known;
}

function zoneOffset(timeZone: string, ms: number): number {
  try {
    const parts = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    }).formatToParts(ms);
    const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
    const local = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
    return local - Math.floor(ms / 1000) * 1000;
  } catch {
    return 0; // a zone this machine does not know: only UTC is tried
  }
}

const drawnOf = new WeakMap<Origin, { readonly whole: ReadonlySet<string>; readonly heads: ReadonlySet<string> }>();

/** Whether some hex digits are an id that this run drew, or the beginning (8 digits or more) of one. */
export function wasDrawn(origin: Origin, hex: string): boolean {
  let drawn = drawnOf.get(origin);
  if (drawn === undefined) {
    const whole = new Set(origin.uuids.map((id) => id.replaceAll("-", "").toLowerCase()));
    const heads = new Set<string>();
    for (const id of whole) heads.add(id.slice(0, 6));
    drawn = { whole, heads };
    drawnOf.set(origin, drawn);
  }
  const text = hex.replaceAll("-", "").toLowerCase();
  if (drawn.whole.has(text)) return true;
  if (text.length < 6 || !drawn.heads.has(text.slice(0, 6))) return false;
  for (const id of drawn.whole) if (id.startsWith(text)) return true;
  return false;
}
