"use strict";
// `require("reprise/log")`: tells Reprise what a run means (docs/library.md). Does nothing where no run is being recorded.

const { createHash } = require("node:crypto");

/** What the agent has put into this process, if it has. */
const told = () => globalThis[Symbol.for("reprise.library")];

const recorded = () => told() !== undefined;
const metric = (name, value, step) => told()?.metric(name, value, step);
const param = (name, value) => told()?.param(name, value);
const claim = (text) => told()?.claim(text);
const reference = (name, inputs, predictions) => told()?.reference(name, inputs, predictions);
const checkpoint = (path, step) => told()?.checkpoint(path, step);

function seed(name) {
  if (typeof name !== "string" || !/^[A-Za-z0-9_.-]+$/.test(name))
    throw new RangeError(`the name of a seed is made of letters, digits, '_', '.' and '-': ${String(name)}`);
  const standing = createHash("sha256").update(`\0seed\0${name}`).digest().readUInt32BE();
  return told()?.seed(name, standing) ?? standing;
}

module.exports = { checkpoint, claim, metric, param, recorded, reference, seed };
