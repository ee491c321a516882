import { isMoment, type Origin, type Origins, wasDrawn } from "./origin.ts";
import { type Atom, atomsOf } from "./text/atom.ts";
import { isDrawnName } from "./text/drawn-name.ts";
import { isOfRun } from "./text/moment.ts";

/** A file of the one run and the file of the other that stands for it; null when there is none. */
export interface NamePair {
  readonly a: string | null;
  readonly b: string | null;
}

/**
 * A file name with what is benign by origin replaced by its kind: folders of the run, times in its span, its process ids
 * and host, ids it drew, names drawn by tempfile.
 */
export function maskName(name: string, origin: Origin): string {
  const atoms = atomsOf(name, origin);
  return atoms.map((atom, index) => maskedAtom(atoms, atom, index, origin)).join("");
}

function maskedAtom(atoms: readonly Atom[], atom: Atom, index: number, origin: Origin): string {
  switch (atom.kind) {
    case "root":
      return `<root ${atom.of ?? ""}>`;
    case "host":
      return "<host>";
    case "temporary":
      return isDrawnName(atom.text) ? "<temporary>" : atom.text;
    case "uuid":
      return "<id>";
    case "moment":
      return atom.moment !== undefined && isOfRun(atom.moment, origin) ? "<time>" : atom.text;
    case "hex":
      return wasDrawn(origin, atom.text) ? "<id>" : atom.text;
    case "word":
      return /^_?[0-9a-f]{8,}$/.test(atom.text) && wasDrawn(origin, atom.text.replace(/^_/, "")) ? "<id>" : atom.text;
    case "number":
      return maskedNumber(atoms, atom, index, origin);
    default:
      return atom.text;
  }
}

function maskedNumber(atoms: readonly Atom[], atom: Atom, index: number, origin: Origin): string {
  // In a name a dot parts: ".1732147213" is no fraction.
  const lead = atom.text.startsWith(".") ? "." : "";
  const text = atom.text.slice(lead.length);
  const digits = text.replace(/\..*$/, "");
  const rest = text.slice(digits.length);
  const value = Number(text);
  const before = atoms
    .slice(Math.max(0, index - 3), index)
    .map((other) => other.text)
    .join("")
    .concat(lead);
  if (/(?:seed|step|epoch|iter|checkpoint|ckpt|fold|best|model|size|batch)[-_.=]?$/i.test(before)) {
    // A number that counts; only the clock has ten digits.
    return digits.length >= 10 && !/seed/i.test(before) && isMoment(origin, value) ? `${lead}<time>` : atom.text;
  }
  if (digits.length >= 10 && isMoment(origin, value)) return `${lead}<time>`;
  // "1732147213.host": the dot belongs to the name, so the fraction may be something else.
  if (digits.length >= 10 && isMoment(origin, Number(digits))) return `${lead}<time>${rest}`;
  if (digits.length >= 8 && wasDrawn(origin, text)) return `${lead}<id>`;
  const whole = /^\d+$/.test(digits) && origin.pids.includes(Number(digits));
  return whole && /(?:^|[-_./])$/.test(before) ? `${lead}<pid>${rest}` : atom.text;
}

/**
 * Matches the files of run a with those of run b: equal names first, then equal masked names in their order, which for
 * time stamps of one form is that of the times. What is left over has no partner.
 */
export function canonicalNames(a: readonly string[], b: readonly string[], origins: Origins): NamePair[] {
  return pairNames(a, b, origins);
}

export function pairNames(a: readonly string[], b: readonly string[], origins: Origins): NamePair[] {
  const right = new Set(b);
  const pairs: NamePair[] = a.filter((name) => right.has(name)).map((name) => ({ a: name, b: name }));
  const left = new Set(a);
  const restA = a.filter((name) => !right.has(name)).toSorted();
  const waiting = Map.groupBy(b.filter((other) => !left.has(other)).toSorted(), (name) => maskName(name, origins.b));
  for (const name of restA) pairs.push({ a: name, b: waiting.get(maskName(name, origins.a))?.shift() ?? null });
  for (const name of [...waiting.values()].flat()) pairs.push({ a: null, b: name });
  return pairs;
}
