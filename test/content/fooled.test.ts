import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes, compareText } from "#content";
import { runs } from "./runs.ts";

const lines = (a: string, b: string): Comparison => compareText([a], [b], runs);
const files = (name: string, a: string, b: string): Comparison =>
  compareBytes(name, Buffer.from(a), Buffer.from(b), runs);

/** Results that look like the noise of a run, and once were taken for it. */
const RESULTS: readonly (readonly [string, string])[] = [
  // durations and speeds of the world, not of the run
  ["survival time: 12.1", "survival time: 14.2"],
  ["predicted time: 12.0", "predicted time: 12.4"],
  ["mean travel time 5.1", "mean travel time 5.3"],
  ["predicted travel time: 12 s", "predicted travel time: 14 s"],
  ["audio clip 3.2s", "audio clip 4.1s"],
  ["clip length 3.2 sec", "clip length 3.3 sec"],
  ["video fps: 30", "video fps: 25"],
  ["wind speed: 5.1", "wind speed: 5.2"],
  ["predicted throughput 5.2 req/s", "predicted throughput 6.1 req/s"],
  ["sampling rate 100 samples/s", "sampling rate 120 samples/s"],
  ["y_pred 12.5 sec", "y_pred 13.5 sec"],
  ["forecast 12.5 s", "forecast 13.5 s"],
  ["answer: 3 seconds", "answer: 4 seconds"],
  ["period: 12 s", "period: 13 s"],
  ["speed: 0.53", "speed: 0.61"],
  ["| step 100 | speed 0.53 | 12.3 it/s", "| step 100 | speed 0.61 | 12.3 it/s"],
  ["throughput: 3.1", "throughput: 3.2"],
  // numbers of processes that no process of the run has, and how many instead of how long
  ["pid: 3", "pid: 9"],
  ["finished: 12", "finished: 9"],
  ["finished 12 of 20", "finished 9 of 20"],
  ["tried 3 times: 3", "tried 3 times: 4"],
  // errors in a unit of time
  ["MAE (ms): 3.2", "MAE (ms): 3.3"],
  ["error in seconds: 3.2", "error in seconds: 3.3"],
  ["score per second 3.2", "score per second 3.3"],
  // the least of some numbers, and letters that are no units
  ["range 0.31 min 0.93 max", "range 0.32 min 0.93 max"],
  ["0.31 min / 0.93 max", "0.32 min / 0.93 max"],
  ["k=5 s=3", "k=6 s=3"],
  ["TPs: 40 FPs: 3", "TPs: 40 FPs: 5"],
  ["values 0.02/0.98 min/max", "values 0.02/0.91 min/max"],
  // hexadecimal numbers that are no places in memory
  ["state 0x9f3a77c1", "state 0x9f3a77c2"],
  ["flags 0xff00ff00", "flags 0xff00ff08"],
  ["bits 0x3fb9999999999998", "bits 0x3fb9999999999990"],
  // names that were thought of
  ["best tmp_model_1", "best tmp_model_2"],
  ["using torch_compiled", "using torch_baseline"],
  ["best: tmp_weights", "best: tmp_outputs"],
  // what was found, and not drawn
  [
    "best match images/3f2b8c1d-1111-4222-8333-444455556666.png",
    "best match images/7f2b8c1d-1111-4222-8333-444455556667.png",
  ],
  ["count: 1795240813", "count: 1795244521"],
];

/** Noise close to it, which must not become an alarm. */
const NOISE: readonly (readonly [string, string])[] = [
  ["Video saved in 3.2 s", "Video saved in 3.4 s"],
  ["audio took 3.2s", "audio took 3.4s"],
  ["Prediction time: 0.12 s", "Prediction time: 0.14 s"],
  ["Prediction: 0.12s", "Prediction: 0.14s"],
  ["Epoch time (s): 12.1", "Epoch time (s): 12.4"],
  ["images per second 100.1", "images per second 101.2"],
  ["trained in 0.9 min", "trained in 1.1 min"],
  ["finished in 3.2", "finished in 3.4"],
  ["training speed: 12.3", "training speed: 13.3"],
  ["Throughput: 123.4 images/s", "Throughput: 125.4 images/s"],
  ["pid: 4711", "pid: 5811"],
  ["worker tid 4790", "worker tid 5850"],
  ["took 12 s: done", "took 14 s: done"],
  ["id(net) = 0x55d0c8a2f3e0", "id(net) = 0x561aa2b3c4d8"],
  ["cache /tmp/tmp_model_1/x", "cache /tmp/tmp_model_2/x"],
  ["cache tmpab12cd34", "cache tmpzz99_y3k"],
  ["spill /tmp/3f2b8c1d-1111-4222-8333-444455556666.bin", "spill /tmp/7f2b8c1d-1111-4222-8333-444455556667.bin"],
];

describe("results that look like noise", () => {
  it.each(RESULTS)("differ: %s / %s", (a, b) => expect(lines(a, b).agree).toBe(false));
  it.each(NOISE)("and noise does not: %s / %s", (a, b) =>
    expect(lines(a, b)).toMatchObject({ agree: true, how: "masked" }),
  );

  it("are no durations under what is predicted, in any document", () => {
    for (const [a, b] of [
      ['{"predictions": {"time": 3.2}}', '{"predictions": {"time": 3.3}}'],
      ['{"y_pred": [{"duration": 3.2}]}', '{"y_pred": [{"duration": 3.3}]}'],
      ['{"interval": "30s"}', '{"interval": "40s"}'],
      ['{"window": "30s"}', '{"window": "40s"}'],
      ['{"rmse_ms": 3.2}', '{"rmse_ms": 3.3}'],
      ['{"tps": 40, "fps": 3, "fns": 2}', '{"tps": 40, "fps": 5, "fns": 2}'],
    ] as const)
      expect(files("x.json", a, b).agree).toBe(false);
    expect(files("x.csv", "id,tps,fps\n1,40,3\n", "id,tps,fps\n1,40,5\n").agree).toBe(false);
    expect(files("x.csv", "id,speed\n1,40\n", "id,speed\n1,41\n").agree).toBe(false);
    expect(files("x.csv", "time,speed\n8:00,40\n", "time,speed\n8:00,41\n").agree).toBe(false);
    expect(files("x.csv", "model,seconds,speed\na,1.00,40.0\n", "model,seconds,speed\na,1.25,32.0\n").agree).toBe(true);
    expect(files("x.csv", "step,speed\n1,40\n", "step,speed\n1,41\n").agree).toBe(false);
    expect(files("x.json", '{"step": 1, "fps": 3}', '{"step": 1, "fps": 5}').agree).toBe(true);
    expect(files("x.json", '{"fit": {"time": 3.2}}', '{"fit": {"time": 3.3}}').agree).toBe(true);
  });

  it.each([
    ["speed", "0.53", "0.61"],
    ["max_speed", "5", "6"],
    ["throughput", "3.1", "3.2"],
    ["pid", "3", "9"],
    ["thread_id", "7", "8"],
    ["pid", "20001", "30001"],
    ["finished", "12", "9"],
    ["started", "0.83", "0.91"],
    ["times", "3", "4"],
    ["ts", "5", "6"],
    ["waiting_time", "12.1", "12.9"],
    ["remaining_useful_life_seconds", "50", "60"],
  ])("are told under the name %s alone: %s / %s", (key, a, b) => {
    expect(files("x.json", `{"${key}": ${a}}`, `{"${key}": ${b}}`).agree).toBe(false);
    expect(files("x.yaml", `${key}: ${a}\n`, `${key}: ${b}\n`).agree).toBe(false);
    expect(files("x.csv", `id,${key}\nx,${a}\n`, `id,${key}\nx,${b}\n`).agree).toBe(false);
  });

  it("leave a speed aside where speed and time are the same work, and nowhere else", () => {
    const file = (speed: string, time: string): string => `{"speed": ${speed}, "elapsed": ${time}}`;
    expect(files("x.json", file("40.0", "1.00"), file("32.0", "1.25"))).toMatchObject({ agree: true, how: "masked" });
    expect(files("x.json", file("123.456", "8.1"), file("121.95", "8.2")).agree).toBe(true);
    expect(files("x.json", file("40.0", "1.00"), file("41.0", "1.25")).agree).toBe(false);
    expect(files("x.json", file("40.0", "1.00"), file("41.0", "1.00")).agree).toBe(false);
    // "1" may be anything from 0.5 to 1.5: what fits it shows nothing
    expect(files("x.json", file("40", "1"), file("20", "2")).agree).toBe(false);
    expect(files("x.csv", "speed,seconds\n40.0,1.00\n", "speed,seconds\n32.0,1.25\n").agree).toBe(true);
    expect(files("x.csv", "speed,seconds\n40.0,1.00\n", "speed,seconds\n41.0,1.25\n").agree).toBe(false);
  });

  it("are no durations in the path of a drawing", () => {
    for (const name of ["plot.svg", "plot.html"])
      for (const path of [(x: number) => `M1 ${x}s-3 4 5 6`, (x: number) => `M 1,${x} s 3,4 5,6`]) {
        const file = (x: number): string => `<svg><path class="a" d="${path(x)}"/></svg>\n`;
        expect(files(name, file(2), file(3)).agree).toBe(false);
        expect(files(name, file(2), `${file(2)}\n`.replace("\n\n", " \n")).agree).toBe(true);
      }
  });

  it("are told by names that hold what stands between names", () => {
    const file = (header: object): Buffer => {
      const text = Buffer.from(JSON.stringify(header));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(text.length));
      return Buffer.concat([length, text, Buffer.alloc(8)]);
    };
    const tensor = (from: number, to: number) => ({ dtype: "U8", shape: [to - from], data_offsets: [from, to] });
    const [one, two] = [file({ "a, b": tensor(0, 8) }), file({ a: tensor(0, 4), b: tensor(4, 8) })];
    expect(compareBytes("model.safetensors", one, two, runs).agree).toBe(false);
  });

  it("tell minus zero from zero in words, too", () => {
    const file = (value: number): Buffer => {
      const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n";
      const bytes = Buffer.concat([
        Buffer.from(`\u0093NUMPY\u0001\0${String.fromCharCode(header.length)}\0`, "latin1"),
        Buffer.from(header),
        Buffer.alloc(8),
      ]);
      bytes.writeDoubleLE(value, bytes.length - 8);
      return bytes;
    };
    expect(compareBytes("x.npy", file(0), file(-0), runs)).toMatchObject({
      agree: false,
      difference: { a: "0", b: "-0" },
    });
  });

  it("are no durations in a table for which no run had the time", () => {
    const table = (header: string, value: (row: number) => number): string =>
      `id,${header}\n${Array.from({ length: 400 }, (_, row) => `${row},${value(row)}`).join("\n")}\n`;
    const trips = (more: number): string => table("trip_duration", (row) => 31 + ((row * 7) % 50) + more);
    expect(files("submission.csv", trips(0), trips(1)).agree).toBe(false);
    const quoted = (more: number): string => trips(more).replace(/[^,\n]+/g, '"$&"');
    expect(files("submission.csv", quoted(0), quoted(1)).agree).toBe(false);
    const epochs = (more: number): string => table("time", (row) => 0.2 + ((row * 7) % 5) / 100 + more);
    expect(files("log.csv", epochs(0), epochs(0.01)).agree).toBe(true);
    const elapsed = (more: number): string => table("elapsed", (row) => (row / 5) * more);
    expect(files("log.csv", elapsed(1), elapsed(1.1)).agree).toBe(true);
  });
});
