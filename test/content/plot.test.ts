import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runA, runs } from "./runs.ts";

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../fixtures/content/${name}`, import.meta.url)));
const compare = (a: string, b: string, name = "x.html"): Comparison =>
  compareBytes(name, Buffer.from(a), Buffer.from(b), runs);

const [ID_A, ID_B] = ["8a4e2d0c-1b5f-4f6e-9d3c-7b2a1f0e9d8c", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"];

/** A page as plotly writes it, with its data in any spelling of JSON. */
const page = (id: string, data: string): string =>
  `<html>\n<div id="${id}" class="plotly-graph-div"></div> <script>  Plotly.newPlot( "${id}", ${data}, {"title": {"text": "loss"}},  {"responsive": true} ) };</script>\n</html>`;

const data = fc.array(
  fc.record({
    name: fc.constantFrom("loss", "acc", "größe"),
    y: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 8 }),
    mode: fc.constantFrom("lines", "markers"),
  }),
  { minLength: 1, maxLength: 3 },
);

describe("pages with plots", () => {
  it("agree with their data in any spelling, under ids that the runs drew", () => {
    fc.assert(
      fc.property(data, (traces) => {
        const turned = traces.map((trace) => Object.fromEntries(Object.entries(trace).toReversed()));
        const found = compare(page(ID_A, JSON.stringify(traces)), page(ID_B, JSON.stringify(turned, null, 1)));
        expect(found.difference).toBeUndefined();
        expect(found).toMatchObject({ agree: true, how: "masked" });
      }),
      { numRuns: 60 },
    );
  });

  it("differ by any value, and tell where", () => {
    fc.assert(
      fc.property(data, fc.nat(), fc.nat(), (traces, which, place) => {
        const other = structuredClone(traces);
        const trace = other[which % other.length];
        const at = place % (trace?.y.length ?? 1);
        const old = trace?.y[at] ?? 0;
        trace?.y.splice(at, 1, old === 1.5 ? 2.5 : 1.5);
        const found = compare(page(ID_A, JSON.stringify(traces)), page(ID_B, JSON.stringify(other)));
        expect(found.difference?.where).toBe(`data 2: [${which % other.length}]["y"][${at}]`);
      }),
      { numRuns: 60 },
    );
  });

  it("differ by what stands around the data, and by ids that nobody drew", () => {
    const one = page(ID_A, "[]");
    expect(compare(one, page(ID_B, "[]").replace("</html>", "<b>0.5</b></html>")).agree).toBe(false);
    expect(compare(one, page("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1ff", "[]")).agree).toBe(false);
    expect(compare(one, page(ID_B, "[]").replace('"loss"', '"acc"')).agree).toBe(false);
  });

  it("are compared as text where what looks like data is code", () => {
    const code = (value: string): string => `<script>Plotly.newPlot(div, load({x: ${value}}))</script>`;
    expect(compare(code("1"), code("1 ")).agree).toBe(false);
    expect(compare(code("1"), code("2")).difference?.where).toBe("line 1");
  });
});

describe("bytes as text", () => {
  it("differ by any letter, also where it reads like a duration", () => {
    const text = (duration: string): string => `${"A".repeat(40)}/${duration}+${"B".repeat(59 - duration.length + 3)}`;
    const document = (duration: string): string => JSON.stringify({ took: text(duration) });
    expect(text("12s").length % 4).toBe(0);
    expect(compare(document("12s"), document("13s"), "x.json").agree).toBe(false);
  });
});

describe("models of CatBoost", () => {
  const bytes = fixture("boost.a.cbm");
  const guid = bytes.indexOf("4cb5c3ae-");
  const finished = bytes.indexOf("2026-11-21T06");

  it("differ by any bit of their trees and of what is said of them, but those of the id that is drawn for each, and of the time of the run", () => {
    expect(Math.min(guid, finished)).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ (1 << bit);
        const aside = (at >= guid && at < guid + 35) || (at >= finished && at < finished + 20);
        // Where what is said lies in the buffer is no content; what is said, and the trees behind it, are.
        const content = at > 6066 || bytes.subarray(at - 2, at + 3).every((byte) => byte > 31 && byte < 127);
        const found = compareBytes("m.cbm", bytes, other, { a: runA, b: runA });
        if (!aside && content) expect(found.agree).toBe(false);
      }),
      { numRuns: 400 },
    );
  });
});

describe("documents made to fill the memory", () => {
  it("are unknown with a reason", () => {
    const pickled = (last: number): Buffer =>
      Buffer.concat([Buffer.from([0x4b, last]), Buffer.alloc(6_100_000, 0x85), Buffer.from(".")]);
    const listed = (last: number): Buffer => Buffer.from(`[${"1,".repeat(6_100_000)}${last}]`);
    for (const [name, make] of [
      ["x.pkl", pickled],
      ["x.json", listed],
    ] as const)
      expect(compareBytes(name, make(1), make(2), runs)).toMatchObject({
        agree: false,
        incomplete: `${name === "x.pkl" ? "pickle" : "JSON"}: more values than may be held in memory`,
      });
  }, 60_000);
});
