import { secondsOf } from "../name-class.ts";
import type { Origin } from "../origin.ts";
import { type Moment, momentAt } from "./moment.ts";

/** A piece of a line. Every character of the line is in exactly one. */
export interface Atom {
  readonly kind:
    | "word"
    | "number"
    | "space"
    | "mark"
    | "moment"
    | "uuid"
    | "hex"
    | "address"
    | "root"
    | "host"
    | "temporary"
    | "progress"
    | "bar"
    | "span"
    | "rate";
  readonly text: string;
  readonly from: number;
  readonly moment?: Moment;
  /** span and progress: seconds. number: its value. */
  readonly value?: number;
  /** rate and progress: the thing counted. root: which folders of the run it is. */
  readonly of?: string;
}

const UUID = /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![0-9a-fA-F-])/y;
const ADDRESS = /0x[0-9a-fA-F]{4,16}(?![0-9a-zA-Z])/y;
const HEX = /(?=[0-9a-f]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{6,40}(?![0-9a-zA-Z])/y;
const NUMBER = /(?:\d+(?:,\d{3})+(?![\d,])|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?/y;
const DIGITS = /\d+/y;
const WORD = /[\p{L}_µμ][\p{L}\p{M}\d_µμ]*/uy;
const SPACE = /[\s\u00a0]+/y;
/** Names that tempfile, mktemp, multiprocessing and joblib draw. */
const TEMPORARY =
  /(?:tmp[a-z0-9_]{8}|tmp\.[A-Za-z0-9]{6,10}|pymp-[a-z0-9_]{8}|torch_[a-z0-9_]{8}|joblib_memmapping_folder_\d+_[0-9a-f]+_[0-9a-f]+|loky-\d+-[a-z0-9_]{8}|wandb-[a-z0-9_]{8}|matplotlib-[a-z0-9_]{8})(?![A-Za-z0-9])/y;
/** tqdm: [00:01<00:02, 30.1it/s, with the thing that is counted. What follows (a loss) is read on its own. */
const PROGRESS =
  /\[(?<past>(?:\d+ days?, )?(?:\d+:)?\d?\d:\d\d)(?:<(?:\?|[\d:]+|\d+ days?, [\d:]+))?, +(?:\?|[\d.]+(?:e[+-]?\d+)?)?\s?(?:[kMGT]?(?<up>[A-Za-z][\w ]*)\/s|s\/(?<down>[A-Za-z][\w ]*))(?=[,\]])/y;
const BAR = /\|[ █▉▊▋▌▍▎▏#\d━╸╺=>.-]*\|/y;
const RATE =
  /\s?(?:(?:[kKMGT]i?)?(?:effective )?(?<up>its?|iter|iters|iterations|steps?|samples?|examples?|ex|img|imgs|images?|batch|batches|tok|tokens?|words?|docs?|rows?|frames?|records?|items?|episodes?|epochs?|sents?|sentences?|seqs?|sequences?|pairs?|trials?|games?|calls?|quer(?:y|ies)|chunks?|files?|points?|nodes?|edges?|graphs?|transitions?|req|requests?|ops?|B|b|bytes?|flops?|FLOPs?)\s?(?:\/\s?(?:s|sec|second)|per sec(?:ond)?)|(?<unit>ns|us|µs|ms|s|sec|secs|seconds?|min|mins|minutes?)\s?(?:\/|\s?per )\s?(?<down>(?!(?:max|maximum|mean|avg|average|median)\b)[A-Za-z]+))(?![A-Za-z0-9/])/y;
const UNIT =
  /\s?(ns|us|µs|μs|ms|msecs?|milliseconds?|microseconds?|nanoseconds?|s|secs?|seconds?|min|mins|minutes?|h|hrs?|hours?|days?)(?![A-Za-z0-9_/=])/y;
/** What those begin with. */
const TEMPORARIES = "tpjlwm";
const LEAST = /\b(?:max|mean|avg|median)\b/i;
/** Minutes as one letter only count when seconds follow: 3m is no time on its own. */
const MINUTES = /m(?=\s?\d+(?:\.\d+)?\s?s(?:ec)?)/y;

/** Before an absolute path in a URL of a file or of a database: file:///home/ada, sqlite:////home/ada. */
const ADDRESSED = /(?<![\w+.-])(?:file:\/\/|sqlite(?:\+\w+)?:\/\/\/)$/;

function wordy(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  if (code < 128) return isDigit(code) || isLetter(code) || code === 95;
  return at >= 0 && at < line.length && /[\p{L}\d_]/u.test(line[at] ?? "");
}
/** What a character cannot begin is not tried: most of a long log is read here. */
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
const isHex = (code: number): boolean => isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102);
const at = (pattern: RegExp, line: string, from: number): RegExpExecArray | null => {
  pattern.lastIndex = from;
  return pattern.exec(line);
};

/** Cuts a line into atoms, with the eyes of one run. */
export function atomsOf(line: string, origin: Origin): Atom[] {
  const fixed = fixedOf(line, origin);
  const starts = [...fixed.keys()].toSorted((a, b) => a - b);
  const atoms: Atom[] = [];
  let from = 0;
  while (from < line.length) {
    while (starts[0] !== undefined && starts[0] <= from) starts.shift();
    const atom = fixed.get(from) ?? before(scan(line, from), starts[0]);
    atoms.push(atom);
    from += atom.text.length;
  }
  return atoms;
}

/** A word never runs into a folder or host name that begins inside it: `_alpha.example`. */
function before(atom: Atom, start: number | undefined): Atom {
  if (start === undefined || atom.from + atom.text.length <= start) return atom;
  return { kind: "word", text: atom.text.slice(0, start - atom.from), from: atom.from };
}

const knownRoots = new WeakMap<Origin, readonly (readonly [root: string, of: string])[]>();

/** The folders of a run, each with which ones of them it is. */
function rootsOf(origin: Origin): readonly (readonly [root: string, of: string])[] {
  let found = knownRoots.get(origin);
  if (found === undefined) {
    found = [...new Set(origin.roots)]
      .filter((root) => root.length > 1)
      .map(
        (root) => [root, origin.roots.flatMap((other, index) => (other === root ? [index] : [])).join(",")] as const,
      );
    knownRoots.set(origin, found);
  }
  return found;
}

/** Where the run's own folders and its host name stand in the line. The longest folder wins. */
function fixedOf(line: string, origin: Origin): Map<number, Atom> {
  const found = new Map<number, Atom>();
  for (const [root, of] of rootsOf(origin)) {
    for (let from = line.indexOf(root); from >= 0; from = line.indexOf(root, from + 1)) {
      const next = line[from + root.length] ?? "";
      if (/[\w.@+-]/.test(next) && !/^\.(?:$|[\s"',])/.test(line.slice(from + root.length))) continue;
      if (from > 0 && /[\w./-]/.test(line[from - 1] ?? "") && !ADDRESSED.test(line.slice(Math.max(0, from - 24), from)))
        continue;
      if ((found.get(from)?.text.length ?? 0) < root.length) found.set(from, { kind: "root", text: root, from, of });
    }
  }
  const host = origin.hostname;
  if (host.length > 1)
    for (let from = line.indexOf(host); from >= 0; from = line.indexOf(host, from + 1))
      if (
        !/[A-Za-z0-9]/.test(line[from - 1] ?? "") &&
        !/[A-Za-z0-9]/.test(line[from + host.length] ?? "") &&
        !found.has(from)
      )
        found.set(from, { kind: "host", text: host, from });
  if (found.size < 2) return found;
  // What begins inside a longer piece is part of it.
  let end = -1;
  for (const [start, atom] of [...found].sort(([a], [b]) => a - b)) {
    if (start < end) found.delete(start);
    else end = start + atom.text.length;
  }
  return found;
}

/** The word that starts here; plain letters are counted by hand. */
function wordAt(line: string, from: number): string | null {
  const code = line.charCodeAt(from);
  let end = from;
  if (isLetter(code) || code === 95)
    do end += 1;
    while (isLetter(line.charCodeAt(end)) || isDigit(line.charCodeAt(end)) || line.charCodeAt(end) === 95);
  if (end > from && !(line.charCodeAt(end) > 127)) return line.slice(from, end);
  return code > 127 || end > from ? (at(WORD, line, from)?.[0] ?? null) : null;
}

function scan(line: string, from: number): Atom {
  const char = line[from] ?? "";
  const code = line.charCodeAt(from);
  // One plain space between words, the usual case.
  if (code === 32 && line.charCodeAt(from + 1) > 32 && line.charCodeAt(from + 1) < 127)
    return { kind: "space", text: " ", from };
  const space = isDigit(code) || isLetter(code) ? null : at(SPACE, line, from);
  if (space !== null) return { kind: "space", text: space[0], from };
  const fresh = !wordy(line, from - 1);
  if (char === "[") {
    const progress = at(PROGRESS, line, from);
    if (progress?.groups !== undefined)
      return {
        kind: "progress",
        text: progress[0],
        from,
        of: progress.groups.up ?? progress.groups.down ?? "",
        value: clockSeconds(progress.groups.past ?? ""),
      };
  }
  if (char === "|" && line[from - 1] === "%") {
    const bar = at(BAR, line, from);
    if (bar !== null) return { kind: "bar", text: bar[0], from };
  }
  // In file names dates also stand behind an underscore or a letter: run_20261121, Nov21_06-00-01.
  const behind = line.charCodeAt(from - 1);
  if ((isDigit(code) || isLetter(code)) && !isDigit(behind) && (fresh || isDigit(code) || behind === 95)) {
    const special = scanId(line, from, fresh);
    if (special !== null) return special;
  }
  const sign = /[-+]/.test(char) && (from === 0 || /[\s=:(,[{|<]/.test(line[from - 1] ?? "")) ? 1 : 0;
  const numeric = isDigit(code) || char === "." || sign === 1;
  const number = numeric ? at(isDotted(line, from) ? DIGITS : NUMBER, line, from + sign) : null;
  if (number !== null) return measure(line, from, line.slice(from, from + sign) + number[0]);
  const word = wordAt(line, from);
  if (word !== null) return { kind: "word", text: beforeMoment(line, from, word), from };
  return { kind: "mark", text: String.fromCodePoint(line.codePointAt(from) ?? 0), from };
}

/** Whether a dot here parts a name, as in events.out.tfevents.1732147213.host.4711.0, and makes no fraction. */
function isDotted(line: string, from: number): boolean {
  if (line[from] === ".") return /[A-Za-z_]/.test(line[from - 1] ?? "");
  return line[from - 1] === "." && /tfevents\.[^/\s]*$/.test(line.slice(Math.max(0, from - 200), from));
}

/** A word up to a date that is glued to it by an underscore. */
function beforeMoment(line: string, from: number, word: string): string {
  for (let cut = word.indexOf("_", 1); cut > 0; cut = word.indexOf("_", cut + 1)) {
    const next = from + cut + 1;
    if (/[\dA-Z]/.test(line[next] ?? "") && momentAt(line, next) !== null) return word.slice(0, cut + 1);
    if (/\d/.test(line[next] ?? "") && /^\d{10}(?:\d{3})?(?![\d])/.test(line.slice(next, next + 20)))
      return word.slice(0, cut + 1);
    if (at(HEX, line, next) !== null || at(TEMPORARY, line, next) !== null) return word.slice(0, cut + 1);
  }
  return word;
}

function scanId(line: string, from: number, fresh: boolean): Atom | null {
  const code = line.charCodeAt(from);
  const uuid = isHex(code) && line[from + 8] === "-" ? at(UUID, line, from) : null;
  if (uuid !== null) return { kind: "uuid", text: uuid[0], from };
  const address = fresh && code === 48 ? at(ADDRESS, line, from) : null;
  if (address !== null) return { kind: "address", text: address[0], from };
  const temporary = TEMPORARIES.includes(line[from] ?? "") ? at(TEMPORARY, line, from) : null;
  if (temporary !== null) return { kind: "temporary", text: temporary[0], from };
  const moment = line[from - 1] === "." && /\d/.test(line[from - 2] ?? "") ? null : momentAt(line, from);
  if (moment !== null && !/[A-Za-z]/.test(line[from + moment.text.length] ?? ""))
    return { kind: "moment", text: moment.text, from, moment };
  const hex = isHex(code) && isHex(line.charCodeAt(from + 5)) ? at(HEX, line, from) : null;
  return hex !== null && !/^\d+(?:e\d+)?$/.test(hex[0]) ? { kind: "hex", text: hex[0], from } : null;
}

/** Whether a letter comes next, after at most one space: no unit begins otherwise. */
function mayBeUnit(line: string, end: number): boolean {
  const code = line.charCodeAt(end);
  if (isLetter(code) || code > 127) return true;
  if (code !== 32 && !(code >= 9 && code <= 13)) return false;
  const next = line.charCodeAt(end + 1);
  return isLetter(next) || next > 127;
}

/** A number, together with a unit of time or a rate behind it. */
function measure(line: string, from: number, digits: string): Atom {
  let end = from + digits.length;
  const value = Number(digits.includes(",") ? digits.replaceAll(",", "") : digits);
  if (!mayBeUnit(line, end)) return { kind: "number", text: digits, from, value };
  const rate = at(RATE, line, end);
  if (rate?.groups !== undefined)
    return { kind: "rate", text: digits + rate[0], from, of: (rate.groups.up ?? rate.groups.down ?? "").toLowerCase() };
  let seconds = 0;
  let part: string | undefined = digits;
  while (part !== undefined) {
    const unit: RegExpExecArray | null = at(MINUTES, line, end) ?? at(UNIT, line, end);
    // "0.31 min, 0.93 max" tells the least of some numbers.
    if (unit === null || (unit[1] === "min" && LEAST.test(line))) break;
    seconds += Number(part.replaceAll(",", "")) * (secondsOf((unit[1] ?? "m").toLowerCase()) ?? 0);
    end += unit[0].length;
    const more: RegExpExecArray | null = /^(?:,? (?:and )?)?(\d+(?:\.\d+)?)/.exec(line.slice(end, end + 30));
    part = undefined;
    if (more?.[1] === undefined) break;
    const next = end + more[0].length;
    // 1h 2m 3s goes on; "took 3s 17 times" does not.
    if ((at(MINUTES, line, next) ?? at(UNIT, line, next)) === null || at(RATE, line, next) !== null) break;
    part = more[1];
    end = next;
  }
  if (end > from + digits.length) return { kind: "span", text: line.slice(from, end), from, value: seconds };
  return { kind: "number", text: digits, from, value };
}

/** Seconds of [[D days, ]H:]MM:SS. */
function clockSeconds(text: string): number {
  const days = /^(\d+) days?, /.exec(text);
  const parts = text.slice(days?.[0].length ?? 0).split(":");
  return Number(days?.[1] ?? 0) * 86400 + parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}
