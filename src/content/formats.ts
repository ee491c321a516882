import { withoutAddresses } from "./archive/address.ts";
import { compareArchives } from "./archive/compare.ts";
import { compareGzips } from "./archive/gzip.ts";
import { isTar, readTar } from "./archive/tar.ts";
import { readZip } from "./archive/zip.ts";
import { compareNpy } from "./array/npy.ts";
import { compareSafetensors, isSafetensors } from "./array/safetensors.ts";
import { compareArrows } from "./arrow/compare.ts";
import { latin1, textOf } from "./bytes.ts";
import type { Difference, Judge } from "./comparison.ts";
import { compareEvents } from "./event/tfevents.ts";
import { compareHdf5 } from "./hdf5/compare.ts";
import { compareCatboost } from "./model/catboost.ts";
import { compareGguf } from "./model/gguf.ts";
import { compareOnnx, isOnnx } from "./model/onnx.ts";
import { readUbj } from "./model/ubj.ts";
import { compareParquets } from "./parquet/compare.ts";
import { comparePickles } from "./pickle/compare.ts";
import { compareBmps } from "./picture/bmp.ts";
import { compareGifs } from "./picture/gif.ts";
import { compareHtml } from "./picture/html.ts";
import { compareJpegs } from "./picture/jpeg.ts";
import { comparePdfs } from "./picture/pdf.ts";
import { comparePngs } from "./picture/png.ts";
import { compareSvgs } from "./picture/svg.ts";
import { type Data, wholeOf } from "./source.ts";
import { compareDatabases } from "./sqlite/compare.ts";
import { isTextHead } from "./text/lines.ts";
import { compareTexts } from "./text/lock.ts";
import { compareTrees } from "./tree/compare.ts";
import { compareTables } from "./tree/csv.ts";
import { readToml, readYaml } from "./tree/document.ts";
import { readJson } from "./tree/json.ts";
import { compareJsonLines } from "./tree/json-lines.ts";
import type { Node } from "./tree/node.ts";
import { compareNotebooks } from "./tree/notebook.ts";
import { Unreadable, Unseen } from "./unseen.ts";

type Reader = (name: string, a: Data, b: Data, judge: Judge) => Difference | null;
type WholeReader = (a: Uint8Array, b: Uint8Array, judge: Judge, name: string) => Difference | null;
/** By the first bytes where a format has a mark of its own, else by the file's name. */
type Is = (name: string, head: Uint8Array, length: number) => boolean;

interface Format {
  readonly name: string;
  readonly is: Is;
  readonly compare: Reader;
}

const starts = (bytes: Uint8Array, mark: string): boolean => latin1(bytes.subarray(0, mark.length)) === mark;
const marked =
  (...marks: readonly string[]): Is =>
  (_, head) =>
    marks.some((mark) => starts(head, mark));
const named =
  (pattern: RegExp): Is =>
  (name) =>
    pattern.test(name);

/** A format that is read by positions, however large the file is. */
const ranged = (name: string, is: Is, compare: (a: Data, b: Data, judge: Judge) => Difference | null): Format => ({
  name,
  is,
  compare: (_, a, b, judge) => compare(a, b, judge),
});

/** A format that is read as a whole. */
const whole = (name: string, is: Is, compare: WholeReader): Format => ({
  name,
  is,
  compare: (file, a, b, judge) => compare(wholeOf(a, name), wholeOf(b, name), judge, file),
});

/** A format that varies by nature and has no reader yet: that its bytes differ says nothing of what it holds. */
function unread(name: string, ...marks: readonly string[]): Format {
  const compare = (): never => {
    throw new Unseen(`${name} is compared by bytes in this version`);
  };
  return { name, is: marked(...marks), compare };
}

/** Longer than people write, and slow to read as YAML: compared as text. */
const MOST_YAML = 2 ** 21;

const FORMATS: readonly Format[] = [
  ranged("zip", marked("PK\u0003\u0004", "PK\u0005\u0006"), zips),
  ranged("npy", marked("\u0093NUMPY"), compareNpy),
  ranged("pickle", isPickle, comparePickles),
  { name: "gzip", is: marked("\u001f\u008b"), compare: compareGzips },
  ranged("tar", (_, head) => isTar(head), tars),
  whole("PNG", marked("\u0089PNG\r\n\u001a\n"), comparePngs),
  whole("JPEG", marked("\u00ff\u00d8\u00ff"), compareJpegs),
  whole("GIF", marked("GIF8"), compareGifs),
  whole("BMP", isBmp, compareBmps),
  whole("PDF", marked("%PDF-"), comparePdfs),
  whole("SQLite", marked("SQLite format 3\0"), compareDatabases),
  ranged("HDF5", marked("\u0089HDF\r\n\u001a\n"), compareHdf5),
  whole("Parquet", marked("PAR1"), compareParquets),
  whole("Arrow", isArrow, compareArrows),
  unread("Feather", "FEA1"),
  unread("a write-ahead log of SQLite", "7\u007f\u0006\u0082", "7\u007f\u0006\u0083"),
  unread("a journal of SQLite", "\u00d9\u00d5\u0005\u00f9 \u00a1c\u00d7"),
  ranged("GGUF", marked("GGUF"), compareGguf),
  whole("CatBoost", marked("CBM1"), compareCatboost),
  whole("ONNX", isOnnx, compareOnnx),
  whole(
    "UBJSON",
    (name, head) => head[0] === 0x7b && (/\.ubj$/i.test(name) || starts(head, "{L\0\0\0\0\0\0\0")),
    (a, b, judge) => compareTrees(readUbj(a, judge), readUbj(b, judge), judge),
  ),
  whole("tfevents", named(/tfevents/), compareEvents),
  ranged(
    "safetensors",
    (name, head, length) => /\.safetensors$/i.test(name) && isSafetensors(head, length),
    compareSafetensors,
  ),
  whole("SVG", named(/\.svg$/i), (a, b, judge) => compareSvgs(textIn(a), textIn(b), judge)),
  whole("HTML", named(/\.html?$/i), (a, b, judge) => compareHtml(textIn(a), textIn(b), judge)),
  whole("YAML", (name, _, length) => /\.ya?ml$/i.test(name) && length <= MOST_YAML, trees(readYaml)),
  whole("TOML", named(/\.toml$/i), trees(readToml)),
  whole("table", named(/\.[ct]sv$/i), tables),
  ranged("JSON lines", named(/\.(?:jsonl|ndjson)$/i), compareJsonLines),
  whole("notebook", named(/\.ipynb$/i), (a, b, judge) =>
    compareNotebooks(readJson(textIn(a), judge), readJson(textIn(b), judge), judge),
  ),
  whole("JSON", named(/\.(?:json|geojson|webmanifest)$/i), trees(readJson)),
  whole("JSON by its look", looksLikeJson, trees(readJson)),
  { name: "text", is: (_, head, length) => isTextHead(head, length), compare: compareTexts },
];

/** The format that both of two contents have, by their beginnings and lengths. */
export function formatOf(
  name: string,
  a: { readonly head: Uint8Array; readonly length: number },
  b: { readonly head: Uint8Array; readonly length: number },
): Format | undefined {
  return FORMATS.find(({ is }) => is(name, a.head, a.length) && is(name, b.head, b.length));
}

/** A file without an extension, as archives of models have them. */
function looksLikeJson(name: string, head: Uint8Array, length: number): boolean {
  if (name.includes(".") || head[0] !== 0x7b || head.length < length) return false;
  try {
    return JSON.parse(textOf(head) ?? "") !== null;
  } catch {
    return false;
  }
}

function zips(a: Data, b: Data, judge: Judge): Difference | null {
  const [left, right] = [readZip(a, judge), readZip(b, judge)];
  return compareArchives("zip", withoutAddresses(left, judge), withoutAddresses(right, judge), judge);
}

function tars(a: Data, b: Data, judge: Judge): Difference | null {
  return compareArchives("tar", readTar(a, judge), readTar(b, judge), judge);
}

function tables(a: Uint8Array, b: Uint8Array, judge: Judge, name: string): Difference | null {
  const separator = /\.tsv$/i.test(name) || !textIn(a).split("\n", 3).join("").includes(",") ? "\t" : ",";
  return compareTables(textIn(a), textIn(b), separator, judge);
}

/** A stream has no mark of its own: its first message has one that others may have too. */
function isArrow(name: string, head: Uint8Array): boolean {
  return (
    starts(head, "ARROW1") || (/\.(?:arrows?|ipc|feather)$/i.test(name) && starts(head, "\u00ff\u00ff\u00ff\u00ff"))
  );
}

/** Two letters are no mark: the length must be that of the file, too. */
function isBmp(_name: string, head: Uint8Array, length: number): boolean {
  return starts(head, "BM") && length > 54 && Buffer.from(head.subarray(2, 6)).readUInt32LE() === length;
}

function isPickle(name: string, head: Uint8Array): boolean {
  const protocol = head[1] ?? 0;
  if (head[0] === 0x80 && protocol >= 2 && protocol <= 5) return true;
  return /\.(?:pkl|pickle|pk|p|joblib|jl|sav|pt|pth)$/i.test(name);
}

function trees(read: (text: string, judge: Judge) => Node): WholeReader {
  return (a, b, judge) => {
    judge.setAside("white space between values");
    return compareTrees(read(textIn(a), judge), read(textIn(b), judge), judge);
  };
}

function textIn(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text === null) throw new Unreadable("not UTF-8");
  return text;
}
