import { withoutAddresses } from "./archive/address.ts";
import { compareArchives } from "./archive/compare.ts";
import { readGzip } from "./archive/gzip.ts";
import { isTar, readTar } from "./archive/tar.ts";
import { readZip } from "./archive/zip.ts";
import { differentBytes } from "./array/dtype.ts";
import { compareNpy } from "./array/npy.ts";
import { compareSafetensors, isSafetensors } from "./array/safetensors.ts";
import { compareArrows } from "./arrow/compare.ts";
import { equalBytes, latin1, textOf } from "./bytes.ts";
import { type Comparison, type Difference, Judge, OverBudget, Unreadable, Unseen } from "./comparison.ts";
import { compareEvents } from "./event/tfevents.ts";
import { compareHdf5 } from "./hdf5/compare.ts";
import { compareGguf } from "./model/gguf.ts";
import { compareOnnx, isOnnx } from "./model/onnx.ts";
import { readUbj } from "./model/ubj.ts";
import type { Origins } from "./origin.ts";
import { compareParquets } from "./parquet/compare.ts";
import { comparePickles } from "./pickle/compare.ts";
import { compareBmps } from "./picture/bmp.ts";
import { compareGifs } from "./picture/gif.ts";
import { compareJpegs } from "./picture/jpeg.ts";
import { comparePdfs } from "./picture/pdf.ts";
import { comparePngs } from "./picture/png.ts";
import { compareSvgs } from "./picture/svg.ts";
import { compareDatabases } from "./sqlite/compare.ts";
import { compareTexts } from "./text/lock.ts";
import { compareTrees } from "./tree/compare.ts";
import { compareTables } from "./tree/csv.ts";
import { readToml, readYaml } from "./tree/document.ts";
import { readJson, readJsonLines } from "./tree/json.ts";
import type { Node } from "./tree/node.ts";
import { compareNotebooks } from "./tree/notebook.ts";

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
  { name: "gzip", is: (_, bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b, compare: gzips },
  { name: "tar", is: (_, bytes) => isTar(bytes), compare: tars },
  {
    name: "PNG",
    is: (_, bytes) => starts(bytes, "\u0089PNG\r\n\u001a\n"),
    compare: (_, a, b, judge) => comparePngs(a, b, judge),
  },
  {
    name: "JPEG",
    is: (_, bytes) => starts(bytes, "\u00ff\u00d8\u00ff"),
    compare: (_, a, b, judge) => compareJpegs(a, b, judge),
  },
  { name: "GIF", is: (_, bytes) => starts(bytes, "GIF8"), compare: (_, a, b, judge) => compareGifs(a, b, judge) },
  { name: "BMP", is: isBmp, compare: (_, a, b, judge) => compareBmps(a, b, judge) },
  { name: "PDF", is: (_, bytes) => starts(bytes, "%PDF-"), compare: (_, a, b, judge) => comparePdfs(a, b, judge) },
  {
    name: "SQLite",
    is: (_, bytes) => starts(bytes, "SQLite format 3\0"),
    compare: (_, a, b, judge) => compareDatabases(a, b, judge),
  },
  {
    name: "HDF5",
    is: (_, bytes) => starts(bytes, "\u0089HDF\r\n\u001a\n"),
    compare: (_, a, b, judge) => compareHdf5(a, b, judge),
  },
  {
    name: "Parquet",
    is: (_, bytes) => starts(bytes, "PAR1"),
    compare: (_, a, b, judge) => compareParquets(a, b, judge),
  },
  { name: "Arrow", is: isArrow, compare: (_, a, b, judge) => compareArrows(a, b, judge) },
  unread("Feather", "FEA1"),
  unread("a write-ahead log of SQLite", "7\u007f\u0006\u0082"),
  unread("a write-ahead log of SQLite", "7\u007f\u0006\u0083"),
  unread("a journal of SQLite", "\u00d9\u00d5\u0005\u00f9 \u00a1c\u00d7"),
  { name: "GGUF", is: (_, bytes) => starts(bytes, "GGUF"), compare: (_, a, b, judge) => compareGguf(a, b, judge) },
  { name: "ONNX", is: isOnnx, compare: (_, a, b, judge) => compareOnnx(a, b, judge) },
  {
    name: "UBJSON",
    is: (name, bytes) => bytes[0] === 0x7b && (/\.ubj$/i.test(name) || starts(bytes, "{L\0\0\0\0\0\0\0")),
    compare: (_, a, b, judge) => compareTrees(readUbj(a, judge), readUbj(b, judge), judge),
  },
  { name: "tfevents", is: (name) => /tfevents/.test(name), compare: (_, a, b, judge) => compareEvents(a, b, judge) },
  {
    name: "safetensors",
    is: (name, bytes) => /\.safetensors$/i.test(name) && isSafetensors(bytes),
    compare: (_, a, b, judge) => compareSafetensors(a, b, judge),
  },
  {
    name: "SVG",
    is: (name) => /\.svg$/i.test(name),
    compare: (_, a, b, judge) => compareSvgs(textIn(a), textIn(b), judge),
  },
  { name: "YAML", is: (name) => /\.ya?ml$/i.test(name), compare: trees(readYaml) },
  { name: "TOML", is: (name) => /\.toml$/i.test(name), compare: trees(readToml) },
  { name: "table", is: (name) => /\.[ct]sv$/i.test(name), compare: tables },
  {
    name: "JSON lines",
    is: (name) => /\.(?:jsonl|ndjson)$/i.test(name),
    compare: trees((text) => readJsonLines(text) ?? readJson(text)),
  },
  {
    name: "notebook",
    is: (name) => /\.ipynb$/i.test(name),
    compare: (_, a, b, judge) => compareNotebooks(readJson(textIn(a)), readJson(textIn(b)), judge),
  },
  { name: "JSON", is: (name) => /\.(?:json|geojson|webmanifest)$/i.test(name), compare: trees(readJson) },
  { name: "JSON by its look", is: looksLikeJson, compare: trees(readJson) },
  { name: "text", is: (_, bytes) => textOf(bytes) !== null, compare: texts },
];

/**
 * Compares two files by content. Equal bytes are equal; else both are read by the format that both have, and what the
 * format or the origin of the runs explains is set aside. What cannot be read differs when its bytes do.
 */
export function compareBytes(name: string, a: Uint8Array, b: Uint8Array, origins: Origins): Comparison {
  const judge = new Judge(origins);
  judge.inside = compareInside;
  if (equalBytes(a, b)) return judge.result(null);
  try {
    return judge.result(compareInside(name, a, b, judge));
  } catch (error) {
    if (error instanceof Unseen) return judge.result(null, error.message);
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

/** A file without an extension, as archives of models have them. */
function looksLikeJson(name: string, bytes: Uint8Array): boolean {
  if (name.includes(".") || bytes[0] !== 0x7b) return false;
  try {
    return JSON.parse(textOf(bytes) ?? "") !== null;
  } catch {
    return false;
  }
}

function zips(_name: string, a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  const [left, right] = [readZip(a, judge), readZip(b, judge)];
  return compareArchives("zip", withoutAddresses(left, judge), withoutAddresses(right, judge), judge, compareInside);
}

function gzips(name: string, a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  const [left, right] = [readGzip(a, judge), readGzip(b, judge)];
  judge.setAside("gzip: name, time stamp and compression");
  const inner = name.replace(/\.gz$/i, "").replace(/\.tgz$/i, ".tar");
  return compareInside(inner, left, right, judge);
}

function tars(_name: string, a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  return compareArchives("tar", readTar(a, judge), readTar(b, judge), judge, compareInside);
}

function tables(name: string, a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  const separator = /\.tsv$/i.test(name) || !textIn(a).split("\n", 3).join("").includes(",") ? "\t" : ",";
  return compareTables(textIn(a), textIn(b), separator, judge);
}

/** A stream has no mark of its own: its first message has one that others may have too. */
function isArrow(name: string, bytes: Uint8Array): boolean {
  return (
    starts(bytes, "ARROW1") || (/\.(?:arrows?|ipc|feather)$/i.test(name) && starts(bytes, "\u00ff\u00ff\u00ff\u00ff"))
  );
}

/** Two letters are no mark: the length must be that of the file, too. */
function isBmp(_name: string, bytes: Uint8Array): boolean {
  return starts(bytes, "BM") && bytes.length > 54 && Buffer.from(bytes.subarray(2, 6)).readUInt32LE() === bytes.length;
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

function texts(name: string, a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  return compareTexts(name, textIn(a), textIn(b), judge);
}

/** A format that varies by nature and has no reader yet: that its bytes differ says nothing of what it holds. */
function unread(name: string, mark: string): Format {
  const compare = (): never => {
    throw new Unseen(`${name} is compared by bytes in this version`);
  };
  return { name, is: (_, bytes) => starts(bytes, mark), compare };
}
