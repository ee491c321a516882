import {
  isUnit,
  type NameClass,
  nameClass,
  saysHowOften,
  saysMoment,
  saysTime,
  saysWorld,
  secondsOf,
  unitOfName,
} from "../name-class.ts";
import { inClock, isMoment, isProcessId, lasted, type Origin, wasDrawn } from "../origin.ts";
import type { Atom } from "./atom.ts";
import { isAddress, isDrawnName } from "./drawn-name.ts";
import { isOfRun } from "./moment.ts";

/** A line in atoms, and what stands above or around it that names its values. */
export interface NamedLine {
  readonly atoms: readonly Atom[];
  /** The name under which the whole text is kept: a key, the header of a column. */
  readonly name?: string;
  /** Atoms (by index) that stand in a column, with the column's header. */
  readonly columns?: ReadonlyMap<number, string>;
}

const STOP = new Set(
  "is was are were of for in to at about a the approximately approx took total only just now by on".split(" "),
);
const CONNECT = /^[:=|"'`()[\]<>~≈→{-]$/;

/** Why this atom may differ between two runs: the kind of its origin; null: it may not. */
export function benign(line: NamedLine, index: number, origin: Origin): string | null {
  const atom = line.atoms[index];
  if (atom === undefined) return null;
  switch (atom.kind) {
    case "root":
      return "folder of the run";
    case "host":
      return "host name";
    case "temporary":
      return isDrawnName(atom.text) || inScratch(line.atoms, index) ? "temporary name" : null;
    case "progress":
      return lasted(origin, atom.value ?? 0) ? "progress timing" : null;
    case "bar":
      return "progress bar";
    case "space":
    case "mark":
      return null;
    default:
      return named(line, index, atom, origin);
  }
}

/** The kinds that a name can forbid or allow. */
function named(line: NamedLine, index: number, atom: Atom, origin: Origin): string | null {
  // Python's own words for an object: "<function Net.parameters at 0x7f…>"; no name before it says otherwise.
  if (atom.kind === "address" && /^ at $/.test(before(line.atoms, index))) return "address";
  const { name, what } = nameOf(line, index);
  if (what === "signal") return null;
  switch (atom.kind) {
    case "moment":
      return moment(line, index, atom, origin, what);
    case "span":
      if (what === "eta") return "duration";
      return what !== "count" && what !== "modelled" && lasted(origin, atom.value ?? -1) ? "duration" : null;
    case "rate":
      return what === "modelled" ? null : "speed";
    case "address":
      return isAddress(atom.text) ? "address" : null;
    case "uuid":
      return wasDrawn(origin, atom.text) || what === "id" || inScratch(line.atoms, index) ? "uuid" : null;
    case "hex":
      return wasDrawn(origin, atom.text) || (what === "id" && atom.text.length >= 16) ? "uuid" : null;
    case "word":
      return word(line, index, atom, origin, what);
    case "number":
      return number(line, index, atom, origin, name, what);
    default:
      return null;
  }
}

function moment(line: NamedLine, index: number, atom: Atom, origin: Origin, what: NameClass): string | null {
  if (atom.moment === undefined) return null;
  if (isOfRun(atom.moment, origin)) return "time";
  const { seconds } = atom.moment;
  if (seconds === null) return null;
  if (what === "eta" || /^ (?:remaining|left)/.test(after(line.atoms, index))) return "duration";
  if (!lasted(origin, seconds)) return null;
  // 0:00:12 is written by timedelta; 00:12 alone could be anything.
  if (what === "time" || /^0:\d\d:\d\d/.test(atom.text) || /^ ?elapsed/.test(after(line.atoms, index)))
    return "duration";
  return null;
}

function word(line: NamedLine, index: number, atom: Atom, origin: Origin, what: NameClass): string | null {
  if (/^[0-9a-f]{8,}$/.test(atom.text) && wasDrawn(origin, atom.text)) return "uuid";
  if (what === "host" && origin.hostname.split(".")[0] === atom.text) return "host name";
  return isRunName(line, index, atom) ? "run name" : null;
}

function number(
  line: NamedLine,
  index: number,
  atom: Atom,
  origin: Origin,
  name: string,
  what: NameClass,
): string | null {
  const value = atom.value ?? Number.NaN;
  const digits = atom.text.replace(/\..*$/, "").length;
  const plain = /^\d+(?:\.\d+)?$/.test(atom.text);
  if (plain && digits >= 10 && what !== "count" && isMoment(origin, value)) return "time";
  if (plain && atom.text.length >= 7 && (origin.clockValues ?? []).length > 0 && isMoment(origin, value)) return "time";
  if (plain && digits >= 8 && wasDrawn(origin, atom.text)) return "uuid";
  const next = after(line.atoms, index);
  if (/^ ?(?:elapsed|ago)\b/.test(next) && lasted(origin, value)) return "duration";
  if (/^ ?(?:remaining|left)\b/.test(next) && what === "time") return "duration";
  if (isMeanOfSpans(line, index, next) && lasted(origin, value)) return "duration";
  switch (what) {
    case "eta":
      return value >= 0 && saysTime(name) ? "duration" : null;
    case "time":
      return isDuration(origin, value, name, atom.text) ||
        inClock(origin, value * 1000) ||
        isAfterIn(line, index, origin)
        ? "duration"
        : null;
    case "speed":
      return Number.isFinite(value) && origin.files?.has(name) !== true ? "speed" : null;
    case "pid":
      return isProcessId(origin, value) ? "process id" : null;
    case "memory":
      return /^ ?(?:[kKMGT]i?)?B\b|^ ?bytes\b/.test(next) ? "memory use" : null;
    case "id":
      return plain && digits >= 15 ? "uuid" : null;
    default:
      if (isRunName(line, index, atom)) return "run name";
      return processId(line.atoms, index, atom, origin, what);
  }
}

/** "finished in 3.2" says how long; "finished 3" and "finished: 3" say how many. */
const isAfterIn = ({ atoms }: NamedLine, index: number, origin: Origin): boolean =>
  / (?:in|after) $/.test(textBefore(atoms, index, 4)) && lasted(origin, atoms[index]?.value ?? -1);

/** "time: 0.031 sec (0.032 average)": the number in brackets is of the duration before them. */
function isMeanOfSpans({ atoms }: NamedLine, index: number, next: string): boolean {
  const open = atoms[index - 1]?.text === "(" ? index - 1 : -1;
  const span = atoms[open - (atoms[open - 1]?.kind === "space" ? 2 : 1)];
  return open > 0 && span?.kind === "span" && /^ ?(?:average|avg|mean|median|total|max|min)\)/.test(next);
}

/** Whether a number under a name of time can be one: in the unit of its name, else in seconds or (whole) in ms. */
export function isDuration(origin: Origin, value: number, name: string, text: string): boolean {
  if (saysMoment(name) || (saysHowOften(name) && /^\d+$/.test(text))) return false;
  const unit = unitOfName(name);
  if (unit !== null) return lasted(origin, value * unit);
  return lasted(origin, value) || (/^\d+(?:\.\d+)?$/.test(text) && lasted(origin, value / 1000));
}

function processId(atoms: readonly Atom[], index: number, atom: Atom, origin: Origin, what: NameClass): string | null {
  if (what === "count" || !/^\d+$/.test(atom.text) || !origin.pids.includes(Number(atom.text))) return null;
  const left = atoms[index - 1]?.text ?? "";
  const right = atoms[index + 1]?.text ?? "";
  const held = (left === "[" && right === "]") || (left === "(" && right === ")") || (left === "#" && right !== "");
  const inName = left === "." && /tfevents\.[^/\s]*\.$/.test(textBefore(atoms, index, 14));
  const word = nameBefore(atoms, index).words.at(-1)?.toLowerCase() ?? "";
  return held ||
    inName ||
    /^(?:process|worker|child|parent|server|pids|rank_pid|forkpoolworker|spawnprocess)$/.test(word)
    ? "process id"
    : null;
}

/** The name that stands before an atom, else the name of its column, else that of the whole text. */
function nameOf(line: NamedLine, index: number): { name: string; what: NameClass } {
  const { words, phrase } = nameBefore(line.atoms, index);
  const last = words.at(-1);
  if (last !== undefined) {
    const what = classIn(words, last);
    if (what !== null) return { name: last, what };
    if (words.some((other) => nameClass(other) === "signal")) return { name: last, what: "signal" };
    const both = nameClass(words.slice(-2).join(" "));
    if (both !== null && !(both === "modelled" && DONE.test(last)))
      return { name: words.slice(-2).join(" "), what: both };
    // "Time for training: 3.2"
    const first = words.findLast((other) => nameClass(other) === "time");
    if (first !== undefined && /\b(?:for|to|of|per|in)\b/.test(phrase)) return { name: first, what: "time" };
  }
  const column = line.columns?.get(index);
  if (column !== undefined) return { name: column, what: nameClass(column) };
  if (line.name !== undefined && (last === undefined || line.atoms.length <= 3))
    return { name: line.name, what: nameClass(line.name) };
  return { name: last ?? "", what: null };
}

/** "Video saved in 3.2 s": what the run did with something is the run's own. */
const DONE = /(?:[^e]ed|ing|took)$/i;

/** What the last word of a name says, with the words before it: "mean travel time", "error in seconds". */
function classIn(words: readonly string[], last: string): NameClass {
  if (words.slice(-3).some(saysWorld) && !DONE.test(last)) return "modelled";
  if (words.length > 1 && isUnit(last)) return nameClass(words.slice(-3).join("_"));
  const what = nameClass(last);
  return what === "pace" ? nameClass(words.slice(-2).join(" ")) : what;
}

/** Up to four words of the clause before an atom, compounds (`ms/batch`, `train.loss`) as one. Numbers end it. */
function nameBefore(atoms: readonly Atom[], index: number): { words: string[]; phrase: string } {
  const words: string[] = [];
  let phrase = "";
  let pipes = 0;
  for (let at = index - 1; at >= 0 && words.length < 4; at -= 1) {
    const atom = atoms[at];
    if (atom === undefined) break;
    if (atom.kind === "space") {
      phrase = ` ${phrase}`;
      continue;
    }
    if (atom.kind !== "word" && !(atom.kind === "mark" && CONNECT.test(atom.text))) {
      const dots = atom.text === "." && words.length === 0 && [atoms[at - 1]?.text, atoms[at + 1]?.text].includes(".");
      if (!dots) break;
      continue; // "took...... 3"
    }
    if (atom.kind === "mark") {
      if (atom.text === "|") pipes += 1;
      // A name belongs to the value right behind it: past another name's colon or a second bar it does not reach.
      if (pipes > 1 || (words.length > 0 && atom.text !== "(" && atom.text !== ")" && atom.text !== "-")) break;
      continue;
    }
    let compound = atom.text;
    while (at >= 2 && /^[/._-]$/.test(atoms[at - 1]?.text ?? "") && atoms[at - 2]?.kind === "word") {
      compound = `${atoms[at - 2]?.text}${atoms[at - 1]?.text}${compound}`;
      at -= 2;
    }
    phrase = `${compound}${phrase}`;
    // The unit in "time (s): 3.2" says less than the name.
    const unit = atoms[at - 1]?.text === "(" && secondsOf(compound.toLowerCase()) !== null;
    if (unit) {
      const owner = atoms.slice(0, at - 1).findLast((other) => other.kind !== "space");
      if (owner?.kind === "word") {
        words.unshift(`${owner.text}_${compound}`);
        break;
      }
    }
    if (!STOP.has(compound.toLowerCase()) || compound === "took") words.unshift(compound);
  }
  return { words, phrase };
}

/** A random name of words, `merciful-crab-37`, is only one where a run's name is expected. */
function isRunName(line: NamedLine, index: number, atom: Atom): boolean {
  const near = line.atoms.slice(Math.max(0, index - 12), index + 6);
  const text = near.map((other) => other.text).join("");
  const at = atom.from - (near[0]?.from ?? 0);
  for (const match of text.matchAll(/\b[a-z]+-[a-z]+-\d{1,4}\b/g)) {
    if (at < match.index || at >= match.index + match[0].length) continue;
    const ahead = text.slice(0, match.index);
    return (
      /(?:^|[^A-Za-z])run[ _.]?(?:name)?["']?\s*[:=]?\s*["'([]?$/i.test(ahead) ||
      (line.name !== undefined && /run[ _.]?name$/i.test(line.name))
    );
  }
  return false;
}

const textBefore = (atoms: readonly Atom[], index: number, count: number): string =>
  atoms
    .slice(Math.max(0, index - count), index)
    .map((atom) => atom.text)
    .join("");
const before = (atoms: readonly Atom[], index: number): string => textBefore(atoms, index, 3).slice(-4);
const after = (atoms: readonly Atom[], index: number): string =>
  atoms
    .slice(index + 1, index + 4)
    .map((atom) => atom.text)
    .join("");

/** Whether it stands in a path to the run's own folders, or to one where programs keep what they draw names for. */
function inScratch(atoms: readonly Atom[], index: number): boolean {
  let path = "";
  for (let at = index - 1; at >= 0; at -= 1) {
    const atom = atoms[at];
    if (atom === undefined || atom.kind === "space" || /^["'(=]$/.test(atom.text)) break;
    if (atom.kind === "root" && /(?:^|[/\\])(?:te?mp|T)(?:[/\\]|$)/.test(atom.text)) return true;
    path = atom.text + path;
  }
  return /^(?:\/tmp\/|\/var\/tmp\/|\/var\/folders\/|\/dev\/shm\/)/.test(path);
}
