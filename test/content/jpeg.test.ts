import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { encode } from "jpeg-js";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runA, runs } from "./runs.ts";

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../fixtures/content/${name}`, import.meta.url)));
const compare = (a: Uint8Array, b: Uint8Array): Comparison => compareBytes("x.jpg", a, b, runs);
const WIDTH = 16;
const picture = (grey: readonly number[]): Buffer => {
  const data = Buffer.from(grey.flatMap((value) => [value, value, value, 255]));
  return encode({ width: WIDTH, height: grey.length / WIDTH, data }, 100).data;
};
/** A comment before everything else: it is no pixel. */
const commented = (jpeg: Buffer, text: string): Buffer =>
  Buffer.concat([
    jpeg.subarray(0, 2),
    Buffer.from([0xff, 0xfe, 0, text.length + 2]),
    Buffer.from(text),
    jpeg.subarray(2),
  ]);

describe("JPEG", () => {
  it("agrees when the same pixels are coded otherwise, and masks the moment of the run in EXIF", () => {
    const found = compare(fixture("photo.a.jpg"), fixture("photo.b.jpg"));
    expect(found).toMatchObject({ agree: true, how: "masked" });
    expect(found.aside).toContain("JPEG: dates of EXIF");
    const one = { a: runA, b: runA };
    expect(compareBytes("x.jpg", fixture("photo.a.jpg"), fixture("photo.b.jpg"), one).difference?.where).toContain(
      "EXIF",
    );
  });

  it("never takes a progressive picture that is coded otherwise for equal: decoders round its last pass differently", () => {
    const [baseline, grown] = [fixture("grown.a.jpg"), fixture("grown.b.jpg")];
    expect(compare(grown, grown).agree).toBe(true);
    const found = compare(baseline, grown);
    expect(found.agree).toBe(false);
    expect(found.incomplete).toContain("progressive");
    const scan = grown.indexOf(Buffer.from([0xff, 0xda])) + 12;
    for (let at = scan; at < grown.length - 2; at += 3) {
      const flipped = Buffer.from(grown);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect(compare(grown, flipped).agree, `byte ${at}`).toBe(false);
    }
  });

  it("tells where pixels part, how many and how far", () => {
    const { difference } = compare(fixture("grown.a.jpg"), fixture("grown.x.jpg"));
    expect(difference?.where).toMatch(/^pixel \d+, \d+ \(\d+ differ\)$/);
    expect(difference?.distance).toBeGreaterThan(30);
  });

  it("sees a changed pixel anywhere, and comments and sizes too", () => {
    const pixels = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: WIDTH * 8, maxLength: WIDTH * 8 });
    fc.assert(
      fc.property(pixels, fc.nat(WIDTH * 8 - 1), (grey, at) => {
        const other = [...grey];
        other[at] = ((grey[at] ?? 0) + 128) % 256;
        expect(compare(picture(grey), picture(other)).difference?.where).toMatch(/^pixel /);
        expect(compare(picture(grey), commented(picture(grey), "x")).difference?.where).toContain("comment");
      }),
      { numRuns: 20 },
    );
    expect(compare(picture(Array(128).fill(1)), picture(Array(256).fill(1))).difference?.where).toBe("size");
  });

  it("is never called equal when cut short, and neither breaks nor hangs on a flipped bit", () => {
    const whole = fixture("grown.b.jpg");
    for (let length = 3; length < whole.length; length += 7)
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

  it("holds back from a picture that claims to be huge", () => {
    const huge = Buffer.from(fixture("grown.a.jpg"));
    const frame = huge.indexOf(Buffer.from([0xff, 0xc0]));
    huge.writeUInt16BE(65_535, frame + 5);
    huge.writeUInt16BE(65_535, frame + 7);
    const other = Buffer.from(huge);
    other[other.length - 10] = (other[other.length - 10] ?? 0) ^ 1;
    const started = performance.now();
    expect(compare(huge, other).incomplete).toContain("more pixels");
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
