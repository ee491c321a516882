import { decode } from "jpeg-js";
import { Cursor, equalBytes, latin1 } from "../bytes.ts";
import { type Difference, differs, type Judge } from "../comparison.ts";
import { inClock, type Origin, offsets } from "../origin.ts";
import { OverBudget, Unreadable, Unseen } from "../unseen.ts";
import { differentPixels } from "./pixels.ts";

interface Jpeg {
  readonly width: number;
  readonly height: number;
  readonly parts: number;
  readonly progressive: boolean;
  /** What stands beside the picture: EXIF, colour profile, comments. */
  readonly notes: readonly Uint8Array[];
  /** All that the picture is made of. */
  readonly coded: Uint8Array;
}

const MEGAPIXELS_LIMIT = 200;

/** Compares pictures by their pixels. Dates in EXIF are masked where the clock of the run explains them. */
export function compareJpegs(a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  const [left, right] = [readJpeg(a, judge), readJpeg(b, judge)];
  const size = ({ width, height, parts }: Jpeg): string => `${width} × ${height}, ${parts} colours`;
  if (size(left) !== size(right)) return differs("size", size(left), size(right));
  const apart = equalBytes(left.coded, right.coded) ? null : comparePixels([a, left], [b, right], judge);
  return apart ?? compareNotes(left.notes, right.notes, judge);
}

type Whole = readonly [bytes: Uint8Array, picture: Jpeg];

function comparePixels([a, one]: Whole, [b, other]: Whole, judge: Judge): Difference | null {
  const [left, right] = [pixelsOf(a), pixelsOf(b)];
  if (equalBytes(left, right)) {
    // Other decoders round the last pass of a progressive picture otherwise: to them these two may differ.
    if (one.progressive || other.progressive)
      throw new Unseen("JPEG: progressive pictures that are coded otherwise and equal only to this decoder");
    judge.setAside("JPEG: how the same pixels are coded");
    return null;
  }
  const [stride, size] = [one.width * 4, 4];
  return differentPixels({ pixels: left, stride, size }, { pixels: right, stride, size });
}

function pixelsOf(bytes: Uint8Array): Uint8Array {
  try {
    const limits = { maxResolutionInMP: MEGAPIXELS_LIMIT, maxMemoryUsageInMB: 4096 };
    return decode(bytes, { useTArray: true, formatAsRGBA: true, tolerantDecoding: false, ...limits }).data;
  } catch (error) {
    // Damaged, or one of the rarer kinds: its pixels were not seen.
    throw new Unseen(`JPEG: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function compareNotes(a: readonly Uint8Array[], b: readonly Uint8Array[], judge: Judge): Difference | null {
  const [left, right] = [a.map(latin1), b.map(latin1)];
  if (left.join("\n") === right.join("\n")) return null;
  const masked = (notes: readonly string[], origin: Origin): string[] =>
    notes.map((note) => withoutDates(note, origin));
  const [one, other] = [masked(left, judge.origins.a), masked(right, judge.origins.b)];
  const at = one.findIndex((note, index) => note !== other[index]);
  if (at >= 0 || one.length !== other.length)
    return differs(
      "metadata (EXIF, profile, comment)",
      left[at] ?? `${a.length} parts`,
      right[at] ?? `${b.length} parts`,
    );
  judge.mask("JPEG: dates of EXIF");
  return null;
}

const DATE = /(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/g;

/** EXIF has local times without a zone. */
function withoutDates(note: string, origin: Origin): string {
  return note.replace(DATE, (whole: string, ...fields: string[]) => {
    const [year, month, day, hour, minute, second] = fields.slice(0, 6).map(Number);
    const ms = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
    return offsets(origin).some((offset) => inClock(origin, ms - offset, 1000)) ? "date" : whole;
  });
}

/** Goes through the segments and holds what the decoder would have to believe against limits. */
function readJpeg(bytes: Uint8Array, judge: Judge): Jpeg {
  const cursor = new Cursor(bytes);
  cursor.take(2);
  const notes: Uint8Array[] = [];
  const coded: Uint8Array[] = [];
  let frame: DataView | null = null;
  let scans = 0;
  let progressive = false;
  for (;;) {
    judge.spendSteps(10, "JPEG");
    const from = cursor.at;
    if (cursor.u8() !== 0xff) throw new Unreadable("JPEG: no marker where one should be");
    let marker = cursor.u8();
    while (marker === 0xff) marker = cursor.u8();
    if (marker === 0xd9) break;
    const length = Buffer.from(cursor.take(2)).readUInt16BE();
    const body = cursor.take(length - 2);
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      if (frame !== null || body.length < 6) throw new Unreadable("JPEG: several pictures in one");
      progressive = marker !== 0xc0 && marker !== 0xc1;
      frame = new DataView(body.buffer, body.byteOffset, body.length);
    }
    if (marker === 0xda) {
      scans += 1;
      skipScan(cursor);
    }
    const segment = bytes.subarray(from, cursor.at);
    if ((marker >= 0xe0 && marker <= 0xef) || marker === 0xfe) notes.push(segment);
    else coded.push(segment);
  }
  if (cursor.left > 0) throw new Unreadable("JPEG: bytes behind the end");
  if (frame === null || scans === 0) throw new Unreadable("JPEG: no picture");
  const [height, width, parts] = [frame.getUint16(1), frame.getUint16(3), frame.getUint8(5)];
  if (width * height > MEGAPIXELS_LIMIT * 1e6) throw new OverBudget("JPEG: more pixels than are looked at");
  judge.spendBytes(width * height * 8, "JPEG");
  judge.spendSteps(Math.ceil((width * height * scans) / 16), "JPEG");
  return { width, height, parts, progressive, notes, coded: Buffer.concat(coded) };
}

/** To the next marker that is none of those that stand inside a scan. */
function skipScan(cursor: Cursor): void {
  const { bytes } = cursor;
  let at = cursor.at;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    const next = bytes[at + 1];
    if (at < 0 || next === undefined) throw new Unreadable("JPEG: ends early");
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) break;
    at += 2;
  }
  cursor.take(at - cursor.at);
}
