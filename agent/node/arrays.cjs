"use strict";
// Numbers, texts and nested lists of them as plain bytes: for reference predictions and digests of their inputs.

const { createHash } = require("node:crypto");

const TYPED = {
  Float64Array: "<f8",
  Float32Array: "<f4",
  BigInt64Array: "<i8",
  BigUint64Array: "<u8",
  Int32Array: "<i4",
  Uint32Array: "<u4",
  Int16Array: "<i2",
  Uint16Array: "<u2",
  Int8Array: "|i1",
  Uint8Array: "|u1",
  Uint8ClampedArray: "|u1",
  Buffer: "|u1",
};
const DEPTH = 32;

const bytesOf = (view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

/** The shape of nested lists, their elements in `out`; null where they are ragged. */
function shapeOf(value, out, depth = 0) {
  if (!Array.isArray(value)) {
    out.push(value);
    return [];
  }
  if (depth > DEPTH) return null;
  const shapes = value.map((one) => shapeOf(one, out, depth + 1));
  if (shapes.includes(null) || new Set(shapes.map(String)).size > 1) return null;
  return [value.length, ...(shapes[0] ?? [])];
}

function ofTexts(texts, shape) {
  const width = Math.max(1, ...texts.map((text) => [...text].length));
  const data = new Uint32Array(width * texts.length);
  texts.forEach((text, i) => {
    data.set(
      [...text].map((char) => char.codePointAt(0)),
      i * width,
    );
  });
  return { descr: `<U${width}`, shape, data: bytesOf(data) };
}

function ofList(value) {
  const found = [];
  const shape = shapeOf(value, found);
  if (shape === null) return null;
  const all = (...kinds) => found.every((one) => kinds.includes(typeof one));
  if (found.length > 0 && all("boolean")) return { descr: "|b1", shape, data: Buffer.from(found.map(Number)) };
  if (found.length > 0 && all("string")) return ofTexts(found, shape);
  if (all("number", "boolean")) return { descr: "<f8", shape, data: bytesOf(Float64Array.from(found, Number)) };
  return null;
}

/** The value as one array, or null. What has a shape and its data (tensors of TensorFlow.js) is one. */
function arrayOf(value) {
  if (typeof value?.dataSync === "function" && Array.isArray(value.shape)) {
    const flat = arrayOf(value.dataSync());
    return flat && { ...flat, shape: value.shape };
  }
  const descr = ArrayBuffer.isView(value) ? TYPED[value.constructor.name] : undefined;
  return descr === undefined ? ofList(value) : { descr, shape: [value.length], data: bytesOf(value) };
}

/** A .npy file of it; null where it is no array. */
function npyOf(value) {
  const array = arrayOf(value);
  if (array === null) return null;
  const shape = `(${array.shape.join(", ")}${array.shape.length === 1 ? "," : ""})`;
  const head = `{'descr': '${array.descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const padded = `${head}${" ".repeat(63 - ((head.length + 10) % 64))}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  return Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), length, Buffer.from(padded, "latin1"), array.data]);
}

/** Pieces whose bytes tell two values apart; false for what cannot be told apart that way. */
function feed(value, hash, depth = 0) {
  if (depth > DEPTH) return false;
  const array = arrayOf(value);
  if (array !== null) {
    hash.update(`array ${array.descr} ${array.shape}\0`).update(array.data);
    return true;
  }
  if (value === null || value === undefined || typeof value === "bigint") {
    hash.update(`${typeof value} ${value}\0`);
    return true;
  }
  if (Array.isArray(value)) {
    hash.update(`list ${value.length}\0`);
    return value.every((one) => feed(one, hash, depth + 1));
  }
  if (typeof value !== "object" || ![Object.prototype, null].includes(Object.getPrototypeOf(value))) return false;
  const names = Object.keys(value).sort();
  hash.update(`object ${names.length}\0`);
  return names.every((name) => feed(name, hash, depth + 1) && feed(value[name], hash, depth + 1));
}

/** SHA-256 of what the value holds, as digests are written; null where that cannot be said. */
function digestOf(value) {
  const hash = createHash("sha256");
  return feed(value, hash) ? `sha256:${hash.digest("hex")}` : null;
}

module.exports = { digestOf, npyOf };
