import { latin1, utf8Of } from "../bytes.ts";
import type { Difference, Judge } from "../comparison.ts";
import { type Field, fieldsOf, varintOf } from "../event/protobuf.ts";
import { compareTrees } from "../tree/compare.ts";
import { dictionary, list, type Node, scalar, text } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";
import { exactNumber, exactWhole, textOfModel } from "./exact.ts";
import { type Kind, type Message, ONNX } from "./onnx-schema.ts";
import { readTensor } from "./onnx-tensor.ts";

const DEPTH = 60;

/** Compares ONNX models field by field: the graph, its tensors by name, its metadata by key. */
export function compareOnnx(a: Uint8Array, b: Uint8Array, judge: Judge): Difference | null {
  const [left, right] = [readOnnx(a, judge), readOnnx(b, judge)];
  judge.setAside("ONNX: order of tensors and metadata, packing of numbers");
  return compareTrees(left, right, judge);
}

/** Whether the bytes begin as a model does: with the version of its format. */
export function isOnnx(name: string, bytes: Uint8Array): boolean {
  return /\.onnx$/i.test(name) && bytes[0] === 0x08;
}

function readOnnx(bytes: Uint8Array, judge: Judge): Node {
  const model = new OnnxReader(judge).message("Model", bytes, 0);
  if (member(model, "graph") === undefined) throw new Unreadable("ONNX: no graph");
  return model;
}

class OnnxReader {
  constructor(readonly judge: Judge) {}

  message(kind: Message, bytes: Uint8Array, depth: number): Node {
    if (depth > DEPTH) throw new Unreadable("ONNX: nested too deep");
    const fields = fieldsOf(bytes, () => this.judge.spendSteps(10, "ONNX"));
    if (kind === "Tensor") return this.#tensor(fields, depth);
    const entries: [Node, Node][] = [];
    for (const [number, all] of Map.groupBy(fields, (field) => field.number)) {
      const known = ONNX[kind][number];
      // A field of a later version is content as well: bytes that must be the same.
      if (known === undefined) entries.push([text(`field ${number}`), list("fields", all.map(unknown))]);
      else entries.push([text(known.name), this.#field(known, all, depth)]);
    }
    return dictionary(kind, entries, false);
  }

  #field(known: Kind, all: readonly Field[], depth: number): Node {
    const numeric = known.of === "int" || known.of === "float" || known.of === "double";
    const values = all.flatMap((field) =>
      numeric && field.wire === 2 ? this.#packed(known, field.bytes) : [this.#value(known, field, depth)],
    );
    if (known.many === undefined) {
      const [only] = values;
      if (only === undefined || values.length > 1) throw new Unreadable(`ONNX: ${known.name} more than once`);
      return only;
    }
    return known.many === "list" ? list(known.name, values) : byKey(known.name, known.many, values);
  }

  #value(known: Kind, field: Field, depth: number): Node {
    const wire = { int: 0, float: 5, double: 1 }[known.of as string] ?? 2;
    if (field.wire !== wire) throw new Unreadable(`ONNX: ${known.name} is written as wire type ${field.wire}`);
    switch (known.of) {
      case "int":
        return whole(field.bytes);
      case "float":
        return exactNumber("f4", field.bytes);
      case "double":
        return exactNumber("f8", field.bytes);
      case "bytes":
        return { kind: "bytes", type: "bytes", bytes: field.bytes };
      // A name is content as it stands; what is said about a thing may hold folders and times of the run.
      case "name":
        return scalar("name", string(field.bytes));
      case "text":
        return textOfModel(string(field.bytes));
      default:
        return this.message(known.of, field.bytes, depth + 1);
    }
  }

  #packed(known: Kind, bytes: Uint8Array): Node[] {
    const size = known.of === "float" ? 4 : 8;
    const values: Node[] = [];
    let at = 0;
    while (at < bytes.length) {
      this.judge.spendSteps(10, "ONNX");
      let to = at + size;
      if (known.of === "int") {
        to = at;
        while ((bytes[to] ?? 0) >= 128) to += 1;
        to += 1;
        if (to - at > 10) throw new Unreadable("ONNX: a number too long");
      }
      if (to > bytes.length) throw new Unreadable("ONNX: packed numbers end early");
      const part = bytes.subarray(at, to);
      values.push(known.of === "int" ? whole(part) : exactNumber(known.of === "float" ? "f4" : "f8", part));
      at = to;
    }
    return values;
  }

  #tensor(fields: readonly Field[], depth: number): Node {
    const { array, rest } = readTensor(fields, this.judge);
    const entries: [Node, Node][] = [];
    for (const [number, all] of Map.groupBy(rest, (field) => field.number)) {
      const known = ONNX.Tensor[number];
      if (known === undefined) entries.push([text(`field ${number}`), list("fields", all.map(unknown))]);
      else entries.push([text(known.name), this.#field(known, all, depth)]);
    }
    if (array !== null) entries.push([text("values"), { kind: "array", array }]);
    return dictionary("Tensor", entries, false);
  }
}

const whole = (bytes: Uint8Array): Node => exactWhole(varintOf(bytes));

const unknown = (field: Field): Node => ({ kind: "bytes", type: `wire type ${field.wire}`, bytes: field.bytes });
const string = (bytes: Uint8Array): string => utf8Of(bytes) ?? `\u0000not UTF-8: ${latin1(bytes)}`;

/** Messages whose order has no meaning, each under its own name; a property is its value alone. */
function byKey(name: string, key: string, values: readonly Node[]): Node {
  const met = new Set<string>();
  const entries = values.map((value): [Node, Node] => {
    const found = member(value, key);
    const own = found?.kind === "scalar" || found?.kind === "text" ? found.text : "";
    if (met.has(own)) throw new Unreadable(`ONNX: ${name} ${own} twice`);
    met.add(own);
    const only = value.kind === "dictionary" && value.entries.length === 2 ? member(value, "value") : undefined;
    return [text(own), only ?? value];
  });
  return dictionary(name, entries, false);
}

function member(node: Node, name: string): Node | undefined {
  if (node.kind !== "dictionary") return undefined;
  return node.entries.find(([key]) => key.kind === "text" && key.text === name)?.[1];
}
