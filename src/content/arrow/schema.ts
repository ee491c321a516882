import type { Judge } from "../comparison.ts";
import { Unreadable, Unseen } from "../unseen.ts";
import type { Table } from "./flatbuffer.ts";

/** How values of a type lie in their buffers. */
type Layout = "null" | "bits" | "fixed" | "varying" | "view" | "list" | "fixed list" | "struct" | "dictionary";

export interface Field {
  readonly name: string;
  /** Type, parts and metadata in words: equal exactly when the columns are of one type. */
  readonly words: string;
  readonly layout: Layout;
  /** Bytes of a value of fixed length or of an offset; elements of a list of fixed length. */
  readonly width: number;
  /** How to read a number, as array/dtype.ts calls it; "text" and "bytes" for those. */
  readonly reads: string;
  readonly children: readonly Field[];
  /** Of a column whose values are kept apart: which ones, and what they are. */
  readonly dictionary: { readonly id: number; readonly values: Field } | null;
}

export interface Schema {
  readonly fields: readonly Field[];
  readonly metadata: ReadonlyMap<string, string>;
}

type Shape = Pick<Field, "layout" | "width" | "reads"> & { readonly type: string };

const DEPTH = 64;
const UNITS = ["s", "ms", "us", "ns"];

export function schemaOf(table: Table, judge: Judge): Schema {
  if (table.int16(0) !== 0) throw new Unseen("Arrow: big-endian files are not read in this version");
  return { fields: table.tables(1).map((field) => fieldOf(field, judge, 0)), metadata: pairsOf(table, 2) };
}

function pairsOf(table: Table, field: number): ReadonlyMap<string, string> {
  return new Map(table.tables(field).map((pair) => [pair.text(0), pair.text(1)]));
}

function fieldOf(table: Table, judge: Judge, depth: number): Field {
  if (depth > DEPTH) throw new Unreadable("Arrow: columns nested too deep");
  judge.spendSteps(100, "Arrow");
  const name = table.text(0);
  const children = table.tables(5).map((child) => fieldOf(child, judge, depth + 1));
  const about = table.table(3);
  if (about === null) throw new Unreadable(`Arrow: column ${name} has no type`);
  const { type, ...shape } = shapeOf(table.int8(2), about, children);
  const metadata = [...pairsOf(table, 6)].map((pair) => pair.join("=")).join(", ");
  const parts = children.map((child) => `${child.name}: ${child.words}`).join(", ");
  const may = table.int8(1) === 0 ? " not null" : "";
  const words = `${type}${parts === "" ? "" : `<${parts}>`}${may}${metadata === "" ? "" : ` {${metadata}}`}`;
  const own = { name, words, children, dictionary: null, ...shape };
  const encoding = table.table(4);
  if (encoding === null) return own;
  const index = encoding.table(1);
  const indices = index === null ? integer(32, true) : integer(index.int32(0), index.int8(1) !== 0);
  const ordered = encoding.int8(2) === 0 ? "" : ", ordered";
  return {
    ...own,
    layout: "dictionary",
    width: indices.width,
    reads: indices.reads,
    words: `dictionary<${indices.type}${ordered}> of ${words}`,
    children: [],
    dictionary: { id: encoding.int64(0), values: own },
  };
}

const fixed = (type: string, width: number, reads = "bytes"): Shape => ({ layout: "fixed", type, width, reads });
const varying = (type: string, width: number, reads: string): Shape => ({ layout: "varying", type, width, reads });
const nested = (layout: Layout, type: string, width = 0): Shape => ({ layout, type, width, reads: "" });

function integer(bits: number, signed: boolean): Shape {
  if (![8, 16, 32, 64].includes(bits)) throw new Unreadable("Arrow: whole numbers of an unknown width");
  return fixed(`${signed ? "int" : "uint"}${bits}`, bits / 8, `${signed ? "i" : "u"}${bits / 8}`);
}

/** By the numbers of the format. */
function shapeOf(kind: number, about: Table, children: readonly Field[]): Shape {
  const unit = (otherwise: number): string => UNITS[about.int16(0, otherwise)] ?? "?";
  const only = (shape: Shape, count = 1): Shape => {
    if (children.length !== count) throw new Unreadable("Arrow: a list of another number of parts");
    return shape;
  };
  switch (kind) {
    case 1:
      return nested("null", "null");
    case 2:
      return integer(about.int32(0), about.int8(1) !== 0);
    case 3: {
      const width = [2, 4, 8][about.int16(0)];
      if (width === undefined) throw new Unreadable("Arrow: floats of an unknown width");
      return fixed(`float${width * 8}`, width, `f${width}`);
    }
    case 4:
      return varying("binary", 4, "bytes");
    case 5:
      return varying("string", 4, "text");
    case 6:
      return nested("bits", "bool");
    case 7: {
      const bits = about.int32(2, 128);
      return fixed(`decimal${bits}(${about.int32(0)}, ${about.int32(1)})`, widthOf(bits / 8), "decimal");
    }
    case 8:
      return about.int16(0, 1) === 0 ? fixed("date32[day]", 4, "i4") : fixed("date64[ms]", 8, "i8");
    case 9:
      return fixed(`time[${unit(1)}]`, about.int32(1, 32) === 64 ? 8 : 4, about.int32(1, 32) === 64 ? "i8" : "i4");
    case 10:
      return fixed(`timestamp[${unit(0)}${about.has(1) ? `, ${about.text(1)}` : ""}]`, 8, "i8");
    case 11:
      return fixed(`interval ${about.int16(0)}`, [4, 8, 16][about.int16(0)] ?? 0);
    case 12:
      return only(nested("list", "list", 4));
    case 13:
      return nested("struct", "struct");
    case 15:
      return fixed(`binary(${about.int32(0)})`, widthOf(about.int32(0)));
    case 16:
      return only(nested("fixed list", `list(${about.int32(0)})`, widthOf(about.int32(0))));
    case 17:
      return only(nested("list", about.int8(0) === 0 ? "map" : "map, keys sorted", 4));
    case 18:
      return fixed(`duration[${unit(1)}]`, 8, "i8");
    case 19:
      return varying("large binary", 8, "bytes");
    case 20:
      return varying("large string", 8, "text");
    case 21:
      return only(nested("list", "large list", 8));
    case 23:
      return { layout: "view", type: "binary view", width: 16, reads: "bytes" };
    case 24:
      return { layout: "view", type: "string view", width: 16, reads: "text" };
    default:
      throw new Unseen(`Arrow: a column of type ${kind} is not read in this version`);
  }
}

function widthOf(bytes: number): number {
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > 2 ** 24) throw new Unreadable("Arrow: an impossible width");
  return bytes;
}
