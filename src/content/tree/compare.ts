import { compareArrays, differentBytes } from "../array/dtype.ts";
import { type Difference, differs, type Judge, within } from "../comparison.ts";
import { type Data, equalData, readData } from "../source.ts";
import { matchOutput, matchText } from "../text/text.ts";
import { benignNumber } from "./key.ts";
import { type Call, type Dictionary, globalOf, type List, type Node } from "./node.ts";
import { benignObject, pathOf } from "./object.ts";
import { signature } from "./signature.ts";
import { nameOfEntry } from "./work.ts";

/** Compares two trees. Shared and cyclic parts are compared once per pair, so it ends and does not grow with sharing. */
export function compareTrees(a: Node, b: Node, judge: Judge, name = "", path = ""): Difference | null {
  const difference = new TreeWalk(judge).compare(a, b, path, name);
  // How an array is packed into a pickle says nothing about where it is.
  return (
    difference && { ...difference, where: difference.where.replace(/<(?:numpy\.core|joblib)\.[^>]*>(?:\[\d+\])?/g, "") }
  );
}

/** Base64 of the first bytes of a pickle of protocol 4 or 5, and nothing but base64 behind. */
const PACKED = /^gA[SW]V[A-Za-z0-9+/]{8,}={0,2}$/;
/** What a cell printed, where notebooks keep it. */
const STREAM = /\["cells"\]\[\d+\]\["outputs"\]\[\d+\]\["text"\]$/;
const LEFTOVER_LIMIT = 400;
const DEPTH_LIMIT = 2000;

class TreeWalk {
  /** Pairs met, by the name they were met under: another name may mask less. */
  #met = new Map<string, Map<Node, Set<Node>>>();
  #depth = 0;

  constructor(readonly judge: Judge) {}

  /** `path` says where; `name` is the nearest name above: a key, for values that only a name explains. */
  compare(a: Node, b: Node, path: string, name: string): Difference | null {
    if (a === b) return null;
    this.judge.spendSteps(1, "tree");
    if (a.kind !== b.kind) return differs(path, show(a), show(b));
    if (a.kind === "scalar" || a.kind === "text" || a.kind === "bytes" || a.kind === "array")
      return this.#leaf(a, b, path, name);
    if (this.#again(a, b, name)) return null;
    if (this.#depth >= DEPTH_LIMIT) return differs(`${path}: nested too deep to compare`, "", "");
    this.#depth += 1;
    const difference = this.#branch(a, b, path, name);
    this.#depth -= 1;
    return difference;
  }

  #again(a: Node, b: Node, name: string): boolean {
    const named = this.#met.get(name) ?? new Map<Node, Set<Node>>();
    this.#met.set(name, named);
    const met = named.get(a) ?? new Set<Node>();
    named.set(a, met);
    if (met.has(b)) return true;
    met.add(b);
    return false;
  }

  #leaf(a: Node, b: Node, path: string, name: string): Difference | null {
    if (a.kind === "scalar" && b.kind === "scalar") {
      if (a.type === b.type && a.text === b.text) return null;
      const why = benignNumber(a, b, name, this.judge.origins);
      if (why !== null) this.judge.mask(`${path}: ${why} ${a.text} / ${b.text}`);
      if (why !== null) return null;
      const gap = a.value === undefined || b.value === undefined ? null : Math.abs(a.value - b.value);
      const typed = a.type === b.type ? ["", ""] : [`${a.type} `, `${b.type} `];
      return differs(
        path,
        `${typed[0]}${a.text}`,
        `${typed[1]}${b.text}`,
        gap !== null && Number.isFinite(gap) ? gap : null,
      );
    }
    if (a.kind === "text" && b.kind === "text") {
      if (a.type !== b.type) return differs(path, `${a.type} ${a.text}`, `${b.type} ${b.text}`);
      return a.text === b.text ? null : this.#texts(a.text, b.text, path, name);
    }
    if (a.kind === "bytes" && b.kind === "bytes") {
      if (a.type !== b.type) return differs(path, a.type, b.type);
      if (equalData(a.bytes, b.bytes)) return null;
      const file = packedAs(a.bytes, b.bytes);
      return file === null
        ? within(path, differentBytes(a.bytes, b.bytes))
        : this.#packed(file, a.bytes, b.bytes, path);
    }
    return a.kind === "array" && b.kind === "array"
      ? within(path, compareArrays(a.array, b.array))
      : differs(path, show(a), show(b));
  }

  #texts(a: string, b: string, path: string, name: string): Difference | null {
    if (PACKED.test(a) && PACKED.test(b)) return this.#packed("packed.pkl", fromBase64(a), fromBase64(b), path);
    const [left, right] = [pictureIn(a), pictureIn(b)];
    if (left !== null && right !== null) return this.#packed("picture.png", left, right, path);
    if (isPacked(a) && isPacked(b) && !this.#namesFolder(a, b)) return differs(path, a, b);
    if (name === "image/svg+xml") return this.#packed("picture.svg", Buffer.from(a), Buffer.from(b), path);
    const trial = this.judge.trial();
    const isStream = STREAM.test(path);
    if (!isStream && spacedApart(a, b)) return differs(path, JSON.stringify(a), JSON.stringify(b));
    const match = isStream ? matchOutput : matchText;
    const difference = match(a.split("\n"), b.split("\n"), trial, name === "" ? undefined : name);
    if (difference !== null) return { ...differs(path, a, b), distance: difference.distance };
    this.judge.adopt(trial.under(path));
    return null;
  }

  /** A long path may be made of the letters of base64, too. */
  #namesFolder(a: string, b: string): boolean {
    const { origins } = this.judge;
    return origins.a.roots.some((root) => a.includes(root)) || origins.b.roots.some((root) => b.includes(root));
  }

  /** A pickle as text, as Stable-Baselines3 keeps its objects; a picture, as notebooks keep them. */
  #packed(file: string, a: Data, b: Data, path: string): Difference | null {
    if (this.judge.inside === null) return equalData(a, b) ? null : within(path, differentBytes(a, b));
    const trial = this.judge.trial();
    const difference = this.judge.inside(file, a, b, trial);
    if (difference === null) this.judge.adopt(trial.under(path));
    return within(path, difference);
  }

  #branch(a: Node, b: Node, path: string, name: string): Difference | null {
    if (a.kind === "list" && b.kind === "list") return this.#lists(a, b, path, name);
    if (a.kind === "dictionary" && b.kind === "dictionary") return this.#dictionaries(a, b, path, name);
    return a.kind === "call" && b.kind === "call" ? this.#calls(a, b, path, name) : null;
  }

  #lists(a: List, b: List, path: string, name: string): Difference | null {
    if (a.type !== b.type) return differs(path, a.type, b.type);
    if (a.items.length !== b.items.length)
      return differs(`${path}: number of elements`, `${a.items.length}`, `${b.items.length}`);
    if (a.unordered) return this.#sets(a, b, path, name);
    for (const [index, item] of a.items.entries()) {
      const other = b.items[index];
      const difference = other === undefined ? null : this.compare(item, other, `${path}[${index}]`, name);
      if (difference !== null) return difference;
    }
    return null;
  }

  /** Elements that are equal as they are first; the few left over may still be equal once masked. */
  #sets(a: List, b: List, path: string, name: string): Difference | null {
    const rest = Map.groupBy(b.items, (item) => signature(item, this.judge));
    let moved = false;
    const left = a.items.filter((item, index) => {
      const same = rest.get(signature(item, this.judge))?.shift();
      if (same !== undefined && same !== b.items[index]) moved = true;
      return same === undefined;
    });
    const right = [...rest.values()].flat();
    if (left.length > LEFTOVER_LIMIT)
      return differs(`${path}: elements of the set`, `${left.length} others`, `${right.length} others`);
    for (const item of left) {
      const at = right.findIndex((other) => this.#would(item, other, path, name));
      if (at < 0) return differs(`${path}: element of the set`, show(item), right.map(show).slice(0, 5).join(", "));
      right.splice(at, 1);
    }
    if (moved) this.judge.setAside("order of sets");
    return null;
  }

  #would(a: Node, b: Node, path: string, name: string): boolean {
    const trial = this.judge.trial();
    if (new TreeWalk(trial).compare(a, b, path, name) !== null) return false;
    this.judge.adopt(trial);
    return true;
  }

  #dictionaries(a: Dictionary, b: Dictionary, path: string, name: string): Difference | null {
    if (a.type !== b.type) return differs(path, a.type, b.type);
    return this.#entries(a.entries, b.entries, a.ordered, path, name);
  }

  #entries(a: [Node, Node][], b: [Node, Node][], ordered: boolean, path: string, name: string): Difference | null {
    if (a.length !== b.length) return differs(`${path}: keys`, keys(a), keys(b));
    const right = ordered ? b : inOrderOf(a, b, this.judge);
    if (!ordered && right !== b) this.judge.setAside("order of keys");
    for (const [index, [key, value]] of a.entries()) {
      const other = right[index];
      if (other === undefined) return differs(`${path}: keys`, keys(a), keys(b));
      const apart = this.compare(key, other[0], path, "");
      if (apart !== null) return differs(`${path}: ${ordered ? "keys in their order" : "keys"}`, keys(a), keys(b));
      const own = nameOfEntry(a, right, index, name, this.judge.origins);
      const difference = this.compare(value, other[1], `${path}[${show(key)}]`, own);
      if (difference !== null) return difference;
    }
    return null;
  }

  #calls(a: Call, b: Call, path: string, name: string): Difference | null {
    const [pathA, pathB] = [pathOf(a), pathOf(b)];
    if (pathA !== null && pathB !== null) return pathA === pathB ? null : this.#texts(pathA, pathB, path, name);
    const why = benignObject(a, b, this.judge.origins);
    if (why !== null) {
      this.judge.mask(`${path}: ${why}`);
      return null;
    }
    const what = globalOf(a.of);
    const inside = what === "" || /^(?:copyreg|copy_reg)\./.test(what) ? path : `${path}<${what}>`;
    // The name is that of the object, not of the numbers it is made of; a NumPy scalar is the number itself.
    const own = what === "numpy.core.multiarray.scalar" ? name : "";
    return (
      this.compare(a.of, b.of, path, "") ??
      this.compare(a.args, b.args, inside, own) ??
      this.compare(asList(a.state), asList(b.state), inside, "") ??
      this.compare(asList(a.items), asList(b.items), inside, "") ??
      this.#entries(a.entries, b.entries, true, inside, name)
    );
  }
}

const isLaidOut = (text: string): boolean => ["\n", "\r", "\b", "\u001b"].some((one) => text.includes(one));
const plain = (text: string): string => text.replace(/\s+/g, " ").trim();

/**
 * Whether two texts of one line differ in nothing but white space: unlike in a log, in a value that is content ("cat " is
 * another label than "cat"). Where they differ in more, what is masked may have another width; and so may lines and columns
 * around it in texts of several lines, which are read as any text.
 */
const spacedApart = (a: string, b: string): boolean => !isLaidOut(a) && !isLaidOut(b) && plain(a) === plain(b);

/** Bytes as text: numbers of plots, pictures. "12s" between its letters is no duration. */
const isPacked = (text: string): boolean =>
  text.length >= 64 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);

const fromBase64 = (text: string): Buffer => Buffer.from(text, "base64");

/** What files within files begin with, in hexadecimal digits. */
const MARKS: readonly [RegExp, string][] = [
  [/^800[2-5](?!00)/, "packed.pkl"],
  [/^504b0304/, "packed.zip"],
  [/^934e554d5059/, "packed.npy"],
  [/^1f8b08/, "packed.gz"],
  [/^894844460d0a/, "packed.h5"],
];

/** Bytes that are a file of their own on both sides, such as the weights that skorch saves into its pickle. */
function packedAs(a: Data, b: Data): string | null {
  const [left, right] = [a, b].map((data) => Buffer.from(readData(data, 0, Math.min(8, data.length))).toString("hex"));
  const mark = MARKS.find(([start]) => start.test(left ?? "") && start.test(right ?? ""));
  return mark === undefined ? null : mark[1];
}

/** A PNG in base64, which may be broken into lines. Nothing but base64 is taken for it. */
function pictureIn(text: string): Uint8Array | null {
  if (!text.startsWith("iVBORw0KGgo")) return null;
  const bytes = fromBase64(text);
  return bytes.toString("base64") === text.replaceAll("\n", "") ? bytes : null;
}

/** One state is the rule: then it is the object's own, without an index. */
function asList(nodes: Node[]): Node {
  const only = nodes.length === 1 ? nodes[0] : undefined;
  return only ?? { kind: "list", type: "several", items: nodes, unordered: false };
}

/** The entries of `b` under the keys of `a`: equal keys of one name (JSON allows several) stay in their order. */
function inOrderOf(a: [Node, Node][], b: [Node, Node][], judge: Judge): [Node, Node][] {
  const moved = a.some(([key], index) => signature(key, judge) !== signature(b[index]?.[0] ?? key, judge));
  if (!moved) return b;
  const rest = Map.groupBy(b, ([key]) => signature(key, judge));
  const found = a.map(([key]) => rest.get(signature(key, judge))?.shift());
  const left = [...rest.values()].flat();
  return found.map((entry) => entry ?? left.shift() ?? b[0]).filter((entry) => entry !== undefined);
}

const keys = (entries: [Node, Node][]): string => entries.map(([key]) => show(key)).join(", ");

/** A node in a few words. */
function show(node: Node): string {
  switch (node.kind) {
    case "scalar":
      return node.text;
    case "text":
      return JSON.stringify(node.text);
    case "bytes":
      return `${node.bytes.length} bytes`;
    case "list":
      return `${node.type} of ${node.items.length}`;
    case "dictionary":
      return `${node.type} of ${node.entries.length}`;
    case "call":
      return `${globalOf(node.of) || "object"}`;
    case "array":
      return `array ${node.array.dtype} [${node.array.shape.join(", ")}]`;
  }
}
