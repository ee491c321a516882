import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runs } from "./runs.ts";

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../fixtures/content/${name}`, import.meta.url)));
const compare = (a: Uint8Array, b: Uint8Array): Comparison => compareBytes("x", a, b, runs);

const WIDTH = 7;

/** A GIF of one frame whose codes are never more than a colour, in a palette turned by some places. */
function gif(colours: readonly number[], turn: number): Buffer {
  const palette = Array.from({ length: 8 }, (_, index) => [((index - turn + 8) % 8) * 30, 0, 0]).flat();
  // Each colour after a code that clears: codes stay four bits wide.
  const codes = [...colours.flatMap((colour) => [8, (colour + turn) % 8]), 9, 0];
  const packed = codes.flatMap((code, index) => (index % 2 === 0 ? [code | ((codes[index + 1] ?? 0) << 4)] : []));
  const blocks: number[] = [];
  for (let at = 0; at < packed.length; at += 255) {
    const block = packed.slice(at, at + 255);
    blocks.push(block.length, ...block);
  }
  const height = colours.length / WIDTH;
  const screen = [WIDTH, 0, height, 0, 0x82, turn, 0];
  const frame = [0x2c, 0, 0, 0, 0, WIDTH, 0, height, 0, 0, 3, ...blocks, 0, 0x3b];
  return Buffer.concat([Buffer.from("GIF89a"), Buffer.from([...screen, ...palette, ...frame])]);
}

describe("GIF", () => {
  it("agrees frame by frame, comments aside, and tells frame, pixel, number and distance", () => {
    expect(compare(fixture("moves.a.gif"), fixture("moves.b.gif"))).toMatchObject({ agree: true, how: "content" });
    const { difference } = compare(fixture("moves.a.gif"), fixture("moves.x.gif"));
    expect(difference?.where).toMatch(/^frame 1: pixel \d+, \d+ \(\d+ differ\)(?:, as do \d frames more)?$/);
    expect(difference?.distance).toBeGreaterThan(0);
  });

  it("agrees when colours are numbered otherwise, and sees a changed pixel anywhere", () => {
    const colours = fc.array(fc.nat(7), { minLength: WIDTH * 5, maxLength: WIDTH * 5 });
    fc.assert(
      fc.property(colours, fc.nat(7), fc.nat(WIDTH * 5 - 1), (some, turn, at) => {
        expect(compare(gif(some, 0), gif(some, turn)).agree).toBe(true);
        const other = some.with(at, ((some[at] ?? 0) + 1) % 8);
        expect(compare(gif(some, turn), gif(other, turn)).difference).toMatchObject({
          where: `frame 1: pixel ${at % WIDTH}, ${Math.floor(at / WIDTH)} (1 differ)`,
        });
      }),
      { numRuns: 200 },
    );
  });

  it("is never called equal when cut short, and neither breaks nor hangs on a flipped bit", () => {
    const whole = fixture("moves.a.gif");
    for (let length = 6; length < whole.length; length += 13)
      expect(compare(whole, whole.subarray(0, length)).agree).toBe(false);
    const started = performance.now();
    for (let at = 0; at < whole.length; at += 3) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      const found = compare(whole, flipped);
      expect(found.agree || found.difference !== undefined || found.incomplete !== undefined).toBe(true);
    }
    expect(performance.now() - started).toBeLessThan(60_000);
  });

  it("holds back from frames that claim to be huge", () => {
    const huge = gif([1, 2, 3, 4, 5, 6, 7], 0);
    const frame = huge.indexOf(0x2c, 37);
    huge.writeUInt32LE(0xffffffff, frame + 5);
    const other = Buffer.from(huge);
    other[frame + 12] = 0x28;
    expect(compare(huge, other)).toMatchObject({ agree: false, incomplete: "GIF: more pixels than are looked at" });
  });
});

describe("BMP", () => {
  it("tells which pixel, how many and how far", () => {
    const whole = fixture("plain.a.bmp");
    expect(compare(whole, fixture("plain.x.bmp")).difference).toMatchObject({
      where: "pixel 16, 8 (64 differ)",
      distance: 60,
    });
    for (let at = 54; at < whole.length; at += 11) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 4;
      expect(compare(whole, flipped).difference).toMatchObject({ distance: 4 });
    }
    expect(compare(whole, whole.subarray(0, 500)).agree).toBe(false);
  });
});
