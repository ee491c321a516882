import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runA, runs } from "./runs.ts";

const folder = fileURLToPath(new URL("../fixtures/content/", import.meta.url));
/** Pairs made by the real tools: test/fixtures/content/make.py. */
const all = readdirSync(folder).filter((name) => /[._]a\./.test(name));
/** Coded otherwise and of the same pixels only to one decoder: never called equal (jpeg.test.ts). */
const names = all.filter((name) => name !== "grown.a.jpg");

const bytesOf = (name: string, run: string): Buffer => readFileSync(folder + name.replace(/([._])a\./, `$1${run}.`));
const compare = (name: string, run: string): Comparison =>
  compareBytes(name, bytesOf(name, "a"), bytesOf(name, run), runs);

describe("files as real tools write them", () => {
  it.each(names)("%s: two runs that did the same agree, and what was set aside is told", (name) => {
    const found = compare(name, "b");
    expect(found.difference).toBeUndefined();
    expect(found.agree).toBe(true);
    if (found.how !== "bytes") expect(found.aside).not.toEqual([]);
  });

  it.each(names)("%s: another result differs", (name) => {
    const found = compare(name, "x");
    expect(found.agree).toBe(false);
    expect(found.difference).toBeDefined();
  });

  it("tells element and distance of a tensor", () => {
    expect(compare("arrays.a.npz", "x").difference).toMatchObject({ distance: 0.5, a: "6", b: "6.5" });
    expect(compare("legacy.a.pt", "x").difference).toMatchObject({ distance: 5, a: "4", b: "9" });
    expect(compare("weights_a.pt", "x").difference).toMatchObject({ distance: 5, a: "4", b: "9" });
    expect(compare("model.a.joblib", "x").difference).toMatchObject({ distance: 0.25 });
    expect(compare("tensors.a.safetensors", "x").difference).toMatchObject({ distance: 5 });
  });

  it("names each date, path, id and duration that a pickle held", () => {
    const { aside } = compare("state4.a.pkl", "b");
    for (const word of ['["when"]: time', '["id"]: uuid', '["elapsed"]: time', '["out"]', "order of sets"])
      expect(aside.join("\n")).toContain(word);
  });
});

/** Stretches of bytes that are no content of a fixture, or are masked in it: [from, to], both included. */
const ASIDE: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  // version of the header, padding of the header
  "array.a.npy": [
    [7, 7],
    [63, 127],
  ],
  // the same, and frame and protocol of the pickle
  "objects.a.npy": [
    [7, 7],
    [66, 127],
    [129, 137],
  ],
  // flags, time stamp, system, name
  "log.a.json.gz": [[3, 19]],
  // the date of the metadata
  "tensors.a.safetensors": [[46, 72]],
  "plot.a.pdf": [[3306, 3316]],
  "plot.a.svg": [[560, 590]],
  // protocol, frame, places in the memo, the dates, the duration
  "state4.a.pkl": [
    [1, 1],
    [3, 9],
    [140, 144],
    [165, 169],
    [172, 172],
    [187, 187],
    [227, 227],
    [312, 319],
  ],
  "numpy5.a.pkl": [
    [1, 1],
    [3, 9],
    [542, 546],
    [549, 549],
    [564, 564],
  ],
  "events.a.tfevents": [],
  "plot.a.png": [],
};

/** Where raw array data lies in fixtures whose packaging has many bytes that are no content. */
const PAYLOAD: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  "arrays.a.npz": ranges(bytesOf("arrays.a.npz", "a"), Buffer.from("\u0093NUMPY", "latin1"), 128, 16),
  "weights_a.pt": ranges(bytesOf("weights_a.pt", "a"), floats(0, 1, 2, 3, 4, 5), 0, 24),
  "legacy.a.pt": ranges(bytesOf("legacy.a.pt", "a"), floats(0, 1, 2, 3, 4, 5), 0, 24),
  "model.a.joblib": ranges(bytesOf("model.a.joblib", "a"), Buffer.from(Float64Array.of(0.5).buffer), 0, 24),
  "out.a.tar": ranges(bytesOf("out.a.tar", "a"), Buffer.from('{"loss"'), 0, 14),
};

function floats(...values: number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}

function ranges(bytes: Buffer, mark: Buffer, skip: number, length: number): (readonly [number, number])[] {
  const at = bytes.indexOf(mark);
  expect(at).toBeGreaterThan(0);
  return [[at + skip, at + skip + length - 1]];
}

const flipped = (bytes: Buffer, at: number, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
};

const flipAgrees = (name: string, bytes: Buffer, at: number): boolean =>
  compareBytes(name, bytes, flipped(bytes, at, at % 8), { a: runA, b: runA }).agree;

describe("one flipped bit", () => {
  it.each(Object.entries(ASIDE))("%s: is a difference everywhere but in what is no content", (name, aside) => {
    const bytes = bytesOf(name, "a");
    const agreed: number[] = [];
    for (let at = 0; at < bytes.length; at += bytes.length > 2000 ? 3 : 1)
      if (flipAgrees(name, bytes, at)) agreed.push(at);
    expect(agreed.filter((at) => !aside.some(([from, to]) => at >= from && at <= to))).toEqual([]);
  });

  it.each(Object.entries(PAYLOAD))("%s: is a difference in the data", (name, payload) => {
    const bytes = bytesOf(name, "a");
    for (const [from, to] of payload)
      for (let at = from; at <= to; at += 1) expect(flipAgrees(name, bytes, at)).toBe(false);
  });

  it.each(names)("%s: cut short anywhere it differs", (name) => {
    const bytes = bytesOf(name, "a");
    for (let length = 0; length < bytes.length; length += Math.ceil(bytes.length / 60)) {
      const cut = bytes.subarray(0, length);
      const zeros = bytes.subarray(length).every((byte) => byte === 0);
      if (!zeros) expect(compareBytes(name, bytes, cut, runs).agree).toBe(false);
    }
  });
});
