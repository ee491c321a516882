"use strict";
// What the program tells by `require("reprise/log")` (log.cjs). None of it raises.

const path = require("node:path");
const { writeFileSync } = require("node:fs");
const { threadId } = require("node:worker_threads");
const { createHash } = require("node:crypto");
const Module = require("node:module");
const arrays = require("./arrays.cjs");

const MOST = 1000;
const MOST_POINTS = 100_000;
const SECRET =
  /(?:^|[_./\s-])(?:password|passwd|secret|api_?key|access_?key|secret_?key|private_?key|credentials?|(?:auth|access|api|bearer|hub|hf|github|wandb)_?token)$|(?:^|[./])(?:token|pwd|dsn|cookie|auth|passphrase)$/i;

module.exports = ({ settings, events, sha256, emit, fault, guarded, place, rootOf, last }) => {
  const said = new Map();
  /** Whether this is said for the first time, and not the thousand-and-first thing. */
  function first(kind, ...what) {
    const known = said.get(kind) ?? new Set();
    said.set(kind, known);
    const key = what.join("\0");
    if (known.has(key) || known.size >= MOST) return false;
    known.add(key);
    return true;
  }
  const measured = (value) =>
    Number.isFinite(value) ? value : Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  const stepOf = (step) => (Number.isFinite(step) ? step : null);
  const points = new Map();
  const params = new Map();
  let references = 0;

  function metric(name, value, step) {
    if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean") {
      fault("reprise.metric", `${name}: ${typeof value} is no number`);
      return;
    }
    const series = seriesOf(`${name}`);
    const point = { step: stepOf(step), value: measured(Number(value)) };
    series.count += 1;
    if (series.count > MOST_POINTS) {
      series.rest ??= createHash("sha256");
      series.rest.update(`${point.step} ${point.value}\n`);
      // One point more is written: that there were more is known of a process that was killed, too.
      if (series.count > MOST_POINTS + 1) return;
    }
    emit("metric", { src: "reprise", name: `${name}`, ...point });
  }
  function seriesOf(name) {
    const known = points.get(name) ?? { count: 0 };
    points.set(name, known);
    return known;
  }
  last.push(() => {
    for (const [name, { count, rest }] of points)
      if (rest !== undefined)
        emit("metric", { src: "reprise", name, step: null, value: null, rest: rest.digest("hex"), count });
  });
  function param(name, value) {
    const text = SECRET.test(name) ? "<secret>" : `${value}`.slice(0, 2000);
    if (params.get(`${name}`) === text || params.size >= MOST) return;
    params.set(`${name}`, text);
    emit("param", { src: "reprise", name: `${name}`, value: text });
  }
  function seed(name, standing) {
    const key = `seed:${name}`;
    const given = settings.seeds.find((word) => word.startsWith(`${name}=`));
    const root = rootOf(key);
    const derived = root ? sha256(root, "seed", name).readUInt32BE() : standing;
    const value = given === undefined ? derived : Number(given.slice(name.length + 1));
    const [f, l] = place(seed);
    if (first("seed", name, f, l)) emit("seed", { name, value, declared: given !== undefined, key, f, l });
    return value;
  }
  function claim(text) {
    const [f, l] = place(claim);
    const short = `${text}`.slice(0, 2000);
    if (first("claim", short, f, l)) emit("claim", { text: short, f, l });
  }
  function reference(name, inputs, predictions) {
    const [f, l] = place(reference);
    if (!first("reference", references++)) return;
    const kept = keep(arrays.npyOf(predictions));
    emit("reference", { name: `${name}`, inputs: arrays.digestOf(inputs), f, l, ...kept });
  }
  function checkpoint(where, step) {
    const [f, l] = place(checkpoint);
    const p = path.resolve(`${where}`);
    if (first("checkpoint", p, step, f, l)) emit("checkpoint", { p, step: stepOf(step), f, l });
  }

  function keep(npy) {
    if (npy === null) return { lost: "the predictions are no array of numbers or texts" };
    if (npy.length > settings.keepMax) return { lost: `larger than ${settings.keepMax} bytes` };
    const kept = `reference-${process.pid}-${threadId}-${references}.npy`;
    try {
      writeFileSync(`${events}/${kept}`, npy, { flag: "wx", mode: 0o600 });
      return { kept };
    } catch (error) {
      return { lost: error.code ?? "not written" };
    }
  }

  const shown = {};
  for (const [name, work] of Object.entries({ metric, param, seed, claim, reference, checkpoint }))
    shown[name] = (...args) => guarded(`reprise.${name}`, () => work(...args));
  Object.defineProperty(globalThis, Symbol.for("reprise.library"), { value: shown });

  // require("reprise/log") finds ours where no package of that name is installed.
  const original = Module._resolveFilename;
  Module._resolveFilename = function _resolveFilename(request, parent, isMain, options) {
    try {
      return original.call(this, request, parent, isMain, options);
    } catch (error) {
      if (request === "reprise/log") return path.join(__dirname, "log.cjs");
      throw error;
    }
  };
};
