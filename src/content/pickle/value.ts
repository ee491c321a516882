import { type Cursor, latin1, utf8Of } from "../bytes.ts";
import { float, type Node, scalar, text } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";
import { doubleAt, integer, unquoted } from "./literal.ts";

/** What an opcode that carries its value puts on the stack; null: it is another kind of opcode. */
export function readValue(opcode: number, cursor: Cursor): Node | null {
  return number(opcode, cursor) ?? string(opcode, cursor);
}

/** The text up to the end of a line, which ends the argument of old opcodes. */
export function lineAt(cursor: Cursor): string {
  const line = cursor.upTo(0x0a);
  if (line === null) throw new Unreadable("pickle: a line without end");
  return latin1(line);
}

function number(opcode: number, cursor: Cursor): Node | null {
  const int = (value: number): Node => scalar("int", String(value), value);
  switch (opcode) {
    case 0x4e: // NONE
      return scalar("none", "None");
    case 0x88: // NEWTRUE
      return scalar("bool", "True");
    case 0x89: // NEWFALSE
      return scalar("bool", "False");
    case 0x4a: // BININT
      return int(cursor.i32());
    case 0x4b: // BININT1
      return int(cursor.u8());
    case 0x4d: // BININT2
      return int(cursor.u16());
    case 0x49: // INT
    case 0x4c: {
      // LONG
      const line = lineAt(cursor);
      if (opcode === 0x49 && (line === "01" || line === "00")) return scalar("bool", line === "01" ? "True" : "False");
      return integer(line.replace(/L$/, ""));
    }
    case 0x8a: // LONG1
      return integer(cursor.take(cursor.u8()));
    case 0x8b: // LONG4
      return integer(cursor.take(cursor.i32()));
    case 0x46: // FLOAT
      return float(doubleOf(lineAt(cursor)));
    case 0x47: // BINFLOAT
      return doubleAt(cursor.take(8));
    default:
      return null;
  }
}

function string(opcode: number, cursor: Cursor): Node | null {
  const utf8 = (length: number): Node => {
    const bytes = cursor.take(length);
    const read = utf8Of(bytes);
    // Lone surrogates are legal in Python: kept byte by byte, so that no two of them look alike.
    return read === null ? text(latin1(bytes), "str with surrogates") : text(read);
  };
  const bytes = (length: number, type = "bytes"): Node => ({ kind: "bytes", type, bytes: cursor.span(length) });
  switch (opcode) {
    case 0x53: // STRING
      return text(unquoted(lineAt(cursor)), "str8");
    case 0x54: // BINSTRING
      return text(latin1(cursor.take(cursor.i32())), "str8");
    case 0x55: // SHORT_BINSTRING
      return text(latin1(cursor.take(cursor.u8())), "str8");
    case 0x56: // UNICODE
      return text(unescaped(lineAt(cursor)));
    case 0x58: // BINUNICODE
      return utf8(cursor.u32());
    case 0x8c: // SHORT_BINUNICODE
      return utf8(cursor.u8());
    case 0x8d: // BINUNICODE8
      return utf8(cursor.u64());
    case 0x42: // BINBYTES
      return bytes(cursor.u32());
    case 0x43: // SHORT_BINBYTES
      return bytes(cursor.u8());
    case 0x8e: // BINBYTES8
      return bytes(cursor.u64());
    case 0x96: // BYTEARRAY8
      return bytes(cursor.u64(), "bytearray");
    default:
      return null;
  }
}

/** Protocol 0 writes characters beyond Latin-1 as \\u and \\U. */
function unescaped(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short?: string, long?: string) =>
    String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(short ?? long ?? "0", 16))),
  );
}

function doubleOf(line: string): number {
  const words: Readonly<Record<string, number>> = {
    nan: Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    "-inf": Number.NEGATIVE_INFINITY,
  };
  const value = words[line] ?? (/^[-+\d.eE]+$/.test(line) ? Number(line) : undefined);
  if (value === undefined) throw new Unreadable(`pickle: no number: ${line.slice(0, 40)}`);
  return value;
}
