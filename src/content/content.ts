import { compareArchives } from "./archive/compare.ts";
import { readZip } from "./archive/zip.ts";
import { differentBytes } from "./array/dtype.ts";
import { compareNpy } from "./array/npy.ts";
import { equalBytes, latin1, textOf } from "./bytes.ts";
import { type Comparison, type Difference, Judge, OverBudget, Unreadable } from "./comparison.ts";
import type { Origins } from "./origin.ts";
import { comparePickles } from "./pickle/compare.ts";
import { matchText } from "./text/text.ts";
import { compareTrees } from "./tree/compare.ts";
import { readJson, readJsonLines } from "./tree/json.ts";
import type { Node } from "./tree/node.ts";

type Reader = (name: string, a: Uint8Array, b: Uint8Array, judge: Judge) => Difference | null;

interface Format {
  readonly name: string;
  /** By the first bytes where a format has a mark of its own, else by the file's name. */
  readonly is: (name: string, bytes: Uint8Array) => boolean;
  readonly compare: Reader;
}

const starts = (bytes: Uint8Array, mark: string): boolean => latin1(bytes.subarray(0, mark.length)) === mark;
const DEPTH = 6;

const FORMATS: readonly Format[] = [
  { name: "zip", is: (_, bytes) => starts(bytes, "PK\u0003\u0004") || starts(bytes, "PK\u0005\u0006"), compare: zips },
  { name: "npy", is: (_, bytes) => starts(bytes, "\u0093NUMPY"), compare: (_, a, b, judge) => compareNpy(a, b, judge) },
  { name: "pickle", is: isPickle, compare: (_, a, b, judge) => comparePickles(a, b, judge) },
  {
    name: "JSON lines",
    is: (name) => /\.(?:jsonl|ndjson)$/i.test(name),
    compare: trees((text) => readJsonLines(text) ?? readJson(text)),
  },
  { name: "JSON", is: (name) => /\.(?:json|ipynb|geojson|webmanifest)$/i.test(name), compare: trees(readJson) },
  { name: "text", is: (_, bytes) => textOf(bytes) !== null, compare: texts },
];

/**
 * Compares two files by content. Equal bytes are equal; else both are read by the format that both have, and what the
 * format or the origin of the runs explains is set aside. What cannot be read differs when its bytes do.
 */
export function compareBytes(name: string, a: Uint8Array, b: Uint8Array, origins: Origins): Comparison {
  const judge = new Judge(origins);
  if (equalBytes(a, b)) return judge.result(null);
  try {
    return judge.result(compareInside(name, a, b, judge));
  } catch (error) {
    if (error instanceof OverBudget) return judge.result(null, error.message);
    throw error;
  }
}

function compareInside(name: string, a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  if (equalBytes(a, b)) return null;
  const format = FORMATS.find(({ is }) => is(name, a) && is(name, b));
  if (format === undefined) return differentBytes(a, b);
  if (judge.depth >= DEPTH) throw new OverBudget(`${name}: archives nested deeper than ${DEPTH}`);
  const trial = judge.trial();
  trial.depth = judge.depth + 1;
  try {
    trial.look();
    const difference = format.compare(name, a, b, trial);
    judge.adopt(trial);
    return difference;
  } catch (error) {
    // A reader that runs out of stack or length has met something made to do so.
    if (!(error instanceof Unreadable) && !(error instanceof RangeError)) throw error;
    const difference = differentBytes(a, b);
    return { ...difference, where: `${difference.where} (compared byte by byte: ${format.name}: ${error.message})` };
  }
}

function zips(_name: string, a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  return compareArchives("zip", readZip(a, judge), readZip(b, judge), judge, compareInside);
}

function isPickle(name: string, bytes: Uint8Array): boolean {
  const protocol = bytes[1] ?? 0;
  if (bytes[0] === 0x80 && protocol >= 2 && protocol <= 5) return true;
  return /\.(?:pkl|pickle|pk|p|joblib|jl|sav|pt|pth)$/i.test(name);
}

function trees(read: (text: string) => Node): Reader {
  return (_, a, b, judge) => {
    judge.setAside("white space between values");
    return compareTrees(read(textIn(a)), read(textIn(b)), judge);
  };
}

function textIn(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text === null) throw new Unreadable("not UTF-8");
  return text;
}

function texts(_name: string, a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  return matchText(textIn(a).split("\n"), textIn(b).split("\n"), judge);
}
