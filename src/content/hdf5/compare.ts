import { readerOf } from "../array/element.ts";
import { Cursor } from "../bytes.ts";
import { type Difference, differentNames, type Judge, within } from "../comparison.ts";
import { type Data, wholeOf } from "../source.ts";
import { compareTrees } from "../tree/compare.ts";
import { dictionary, float, list, type Node, scalar, text } from "../tree/node.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import { readAttribute } from "./attribute.ts";
import { readData, readFill, readSpace } from "./dataset.ts";
import { Hdf5File } from "./file.ts";
import { type Link, linksOf, refuseDense } from "./group.ts";
import { MESSAGE, type Message, messagesAt } from "./header.ts";
import { typeIn } from "./shared-type.ts";
import { Values } from "./values.ts";

interface Found {
  readonly path: string;
  readonly messages: readonly Message[];
  /** Of another name for an object met before, or of a link by words: where it leads. */
  readonly leads: string | null;
  readonly isGroup: boolean;
}

/** Compares files of HDF5 path by path: groups, datasets by type, shape and values, attributes by name. */
export function compareHdf5(a: Data, b: Data, judge: Judge): Difference | null {
  const [left, right] = [new Reader(a, judge), new Reader(b, judge)];
  judge.setAside("HDF5: times of objects, places in the file");
  const paths = (reader: Reader): string[] => reader.found.map(({ path }) => path);
  const others = differentNames("paths", paths(left), paths(right));
  if (others !== null) return others;
  for (const [index, one] of left.found.entries()) {
    const other = right.found[index];
    if (other === undefined) continue;
    const [x, y] = [left.nodeOf(one), right.nodeOf(other)];
    const name = one.path.slice(one.path.lastIndexOf("/") + 1);
    const trial = judge.trial();
    const apart =
      compareTrees(x.about, y.about, trial) ??
      (x.values === null || y.values === null ? null : compareTrees(x.values, y.values, trial, name));
    judge.adopt(trial.under(one.path));
    if (apart !== null) return within(one.path, { ...apart, where: apart.where.replace(/^: /, "") });
  }
  return null;
}

class Reader {
  readonly file: Hdf5File;
  readonly found: Found[] = [];
  readonly values: Values;
  /** The first path of each object by its place. */
  readonly #paths = new Map<number, string>();

  constructor(
    bytes: Data,
    readonly judge: Judge,
  ) {
    this.file = new Hdf5File(bytes, judge);
    this.values = new Values(this.file, (place) => this.#paths.get(place));
    this.#walk();
  }

  /** Every name once, in the order of names; an object with several names is told under the first. */
  #walk(): void {
    const open: { path: string; link: Link }[] = [{ path: "/", link: { name: "", place: this.file.root, words: "" } }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      this.judge.spendSteps(20, "HDF5");
      const { path, link } = next;
      const known = link.place === null ? link.words : this.#paths.get(link.place);
      if (link.place === null || known !== undefined) {
        this.found.push({ path, messages: [], leads: known ?? "", isGroup: false });
        continue;
      }
      this.#paths.set(link.place, path);
      const messages = messagesAt(this.file, link.place);
      const links = linksOf(this.file, messages);
      this.found.push({ path, messages, leads: null, isGroup: links !== null });
      const inside = path === "/" ? "/" : `${path}/`;
      for (const one of (links ?? []).toReversed()) {
        if (path.length + one.name.length > 2 ** 14) throw new Unreadable("HDF5: paths beyond all measure");
        open.push({ path: inside + one.name, link: one });
      }
    }
  }

  nodeOf({ messages, leads, isGroup }: Found): { about: Node; values: Node | null } {
    if (leads !== null) return { about: scalar("link", leads), values: null };
    const entries: [Node, Node][] = [[text("attributes"), this.#attributes(messages)]];
    const comment = messages.find(({ type }) => type === MESSAGE.comment);
    if (comment !== undefined) entries.push([text("comment"), { kind: "bytes", type: "bytes", bytes: comment.bytes }]);
    if (messages.some(({ type }) => type === MESSAGE.time || type === MESSAGE.oldTime))
      this.judge.setAside("HDF5: times of objects");
    const kind = isGroup ? "group" : messages.some(({ type }) => type === MESSAGE.space) ? "dataset" : "type";
    if (kind === "group") return { about: dictionary(kind, entries, false), values: null };
    const type = typeIn(this.file, messages);
    entries.push([text("type of the elements"), scalar("type", type.words)]);
    if (kind === "type") return { about: dictionary(kind, entries, false), values: null };
    const space = readSpace(this.#only(messages, MESSAGE.space).bytes);
    entries.push([text("shape"), scalar("shape", space.shape === null ? "none" : `[${space.shape.join(", ")}]`)]);
    entries.push([text("room to grow"), scalar("shape", space.most)]);
    const fill = readFill(messages);
    if (messages.some((message) => message.type === MESSAGE.oldFill) && fill === null)
      throw new Unseen("HDF5: fill values of the oldest form are not read in this version");
    const given = fill?.some((byte) => byte !== 0) === true ? fill : new Uint8Array(0);
    entries.push([text("fill value"), { kind: "bytes", type: "bytes", bytes: given }]);
    const about = dictionary(kind, entries, false);
    if (space.shape === null) return { about, values: null };
    const data = readData(this.file, messages, space.shape, type.size, fill);
    return { about, values: this.values.read(type, space.shape, data) };
  }

  #attributes(messages: readonly Message[]): Node {
    const dense = messages.find(({ type }) => type === MESSAGE.attributeInfo);
    if (dense !== undefined) refuseDense(dense.bytes, 2, "attributes");
    const entries: [Node, Node][] = [];
    const met = new Set<string>();
    for (const { bytes } of messages.filter(({ type }) => type === MESSAGE.attribute)) {
      const { name, type, shape, data } = readAttribute(this.file, new Cursor(bytes));
      if (met.has(name)) throw new Unreadable(`HDF5: attribute ${name} twice`);
      met.add(name);
      const value = shape === null ? scalar("none", "none") : named(this.values.read(type, shape, data));
      entries.push([text(name), list(`${type.words} [${shape?.join(", ") ?? ""}]`, [value])]);
    }
    return dictionary("attributes", entries, false);
  }

  #only(messages: readonly Message[], type: number): Message {
    const [only, ...more] = messages.filter((message) => message.type === type);
    if (only === undefined || more.length > 0 || only.shared) throw new Unreadable("HDF5: an object said twice or not");
    return only;
  }
}

/** A single number of an attribute may be a moment or a duration by its name; one of a dataset is content. */
function named(value: Node): Node {
  if (value.kind !== "array" || value.array.shape.length > 0) return value;
  const { dtype } = value.array;
  const data = wholeOf(value.array.data);
  const read = readerOf(dtype)?.read(new DataView(data.buffer, data.byteOffset, data.byteLength), 0);
  if (read === undefined) return value;
  const bits = Buffer.from(data).toString("hex");
  if (typeof read === "number" && readerOf(dtype)?.float === true) return { ...float(read, bits), type: dtype };
  return scalar(dtype, String(read), Number(read));
}
