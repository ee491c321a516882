import { Cursor, latin1 } from "../bytes.ts";
import { type Difference, differs, type Judge, within } from "../comparison.ts";
import { OverBudget, Unreadable } from "../unseen.ts";
import { unpackLzw } from "./lzw.ts";
import { differentPixels, type Pixels } from "./pixels.ts";

interface Frame {
  readonly words: string;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  readonly palette: Uint8Array;
  readonly transparent: number;
  readonly bits: number;
  readonly packed: Uint8Array;
}

interface Gif {
  readonly words: string;
  readonly frames: readonly Frame[];
}

const PIXELS_LIMIT = 2 ** 26;

/** Compares animations frame by frame: colours of pixels, places, times for which they are shown. */
export function compareGifs(a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  const [left, right] = [readGif(a, judge), readGif(b, judge)];
  judge.setAside("GIF: comments, order of palettes and packing");
  if (left.words !== right.words) return differs("picture", left.words, right.words);
  const count = ({ frames }: Gif): string => String(frames.length);
  let first: Difference | null = null;
  let others = 0;
  for (const [index, frame] of left.frames.entries()) {
    const other = right.frames[index];
    const difference = other === undefined ? null : compareFrames(frame, other, judge);
    if (difference !== null && first !== null) others += 1;
    if (difference !== null) first ??= within(`frame ${index + 1}`, difference);
  }
  const more = others === 0 ? "" : `, as do ${others} frames more`;
  if (first !== null) return { ...first, where: `${first.where}${more}` };
  return count(left) === count(right) ? null : differs("number of frames", count(left), count(right));
}

function compareFrames(a: Frame, b: Frame, judge: Judge): Difference | null {
  const [left, right] = [pixelsOf(a, judge), pixelsOf(b, judge)];
  if (a.words !== b.words) return differs("", a.words, b.words);
  return Buffer.compare(left.pixels, right.pixels) === 0 ? null : differentPixels(left, right);
}

/** Red, green, blue, and whether it can be seen. */
function pixelsOf({ width, height, interlaced, palette, transparent, bits, packed }: Frame, judge: Judge): Pixels {
  const count = width * height;
  if (count > PIXELS_LIMIT) throw new OverBudget("GIF: more pixels than are looked at");
  judge.spendBytes(count * 5, "GIF");
  const indices = unpackLzw(packed, bits, count);
  const pixels = new Uint8Array(count * 4);
  const lines = interlaced ? interlacedLines(height) : null;
  for (let at = 0; at < count; at += 1) {
    const index = indices[at] ?? 0;
    if (index === transparent) continue;
    if (index * 3 >= palette.length) throw new Unreadable("GIF: a colour that is not there");
    const line = Math.floor(at / width);
    const to = ((lines?.[line] ?? line) * width + (at % width)) * 4;
    for (let part = 0; part < 3; part += 1) pixels[to + part] = palette[index * 3 + part] ?? 0;
    pixels[to + 3] = 255;
  }
  return { pixels, stride: width * 4, size: 4 };
}

function interlacedLines(height: number): number[] {
  const lines: number[] = [];
  for (const [from, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const)
    for (let line = from; line < height; line += step) lines.push(line);
  return lines;
}

function readGif(bytes: Uint8Array, judge: Judge): Gif {
  const cursor = new Cursor(bytes);
  cursor.take(6);
  const [width, height, flags, background] = [cursor.u16(), cursor.u16(), cursor.u8(), cursor.u8()];
  cursor.u8();
  const palette = paletteOf(cursor, flags);
  const words = [
    `${width} × ${height}`,
    `background ${palette.subarray(background * 3, background * 3 + 3).join(" ")}`,
  ];
  const frames: Frame[] = [];
  let control = new Uint8Array(4);
  for (;;) {
    judge.spendSteps(10, "GIF");
    const kind = cursor.u8();
    if (kind === 0x3b) break;
    if (kind === 0x2c) {
      frames.push(readFrame(cursor, palette, control, judge));
      control = new Uint8Array(4);
    } else if (kind === 0x21) {
      const label = cursor.u8();
      const blocks = readBlocks(cursor, judge);
      if (label === 0xf9 && blocks.length === 4) control = Uint8Array.from(blocks);
      else if (label !== 0xfe) words.push(`extension ${label} ${latin1(blocks)}`);
    } else throw new Unreadable("GIF: an unknown block");
  }
  if (cursor.left > 0) throw new Unreadable("GIF: bytes behind the end");
  return { words: words.join(", "), frames };
}

const paletteOf = (cursor: Cursor, flags: number): Uint8Array =>
  (flags & 128) === 0 ? new Uint8Array() : cursor.take(3 * 2 ** ((flags & 7) + 1));

function readFrame(cursor: Cursor, shared: Uint8Array, control: Uint8Array, judge: Judge): Frame {
  const [x, y, width, height, flags] = [cursor.u16(), cursor.u16(), cursor.u16(), cursor.u16(), cursor.u8()];
  const own = paletteOf(cursor, flags);
  const bits = cursor.u8();
  const packed = readBlocks(cursor, judge);
  const about = control[0] ?? 0;
  const shown = `for ${(control[1] ?? 0) + 256 * (control[2] ?? 0)}/100 s, then ${(about >> 2) & 7}, input ${about & 2}`;
  return {
    words: `${width} × ${height} at ${x}, ${y} ${shown}`,
    width,
    height,
    interlaced: (flags & 64) !== 0,
    palette: own.length > 0 ? own : shared,
    transparent: (about & 1) === 0 ? -1 : (control[3] ?? -1),
    bits,
    packed,
  };
}

function readBlocks(cursor: Cursor, judge: Judge): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let length = cursor.u8(); length > 0; length = cursor.u8()) {
    judge.spendSteps(1, "GIF");
    parts.push(cursor.take(length));
  }
  return Buffer.concat(parts);
}
