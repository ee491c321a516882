import type { Cursor } from "../bytes.ts";
import type { Judge } from "../comparison.ts";
import { call, dictionary, globalOf, list, type Node, scalar, text } from "../tree/node.ts";
import { Unreadable } from "../unseen.ts";
import { lineAt, readValue } from "./value.ts";

/** Called after an object got its state: formats that put raw bytes behind it read them here. */
export type AfterBuild = (object: Node, cursor: Cursor) => Node | null;

const MARK = Symbol("mark");
type Slot = Node | typeof MARK;

/**
 * Reads one pickle from the cursor as a plain tree. Opcodes build data only: a global is its name, a call is a node with
 * what would be called and with what. Nothing is imported, looked up or run.
 */
export function readPickle(cursor: Cursor, judge: Judge, afterBuild?: AfterBuild): Node {
  return new Machine(cursor, judge, afterBuild).run();
}

class Machine {
  #stack: Slot[] = [];
  #memo = new Map<number, Node>();

  constructor(
    readonly cursor: Cursor,
    readonly judge: Judge,
    readonly afterBuild: AfterBuild | undefined,
  ) {}

  run(): Node {
    for (;;) {
      this.judge.spendSteps(1, "pickle");
      const opcode = this.cursor.u8();
      if (opcode === 0x2e) {
        const result = this.#pop();
        if (this.#stack.length > 0) throw new Unreadable("pickle: leaves values behind");
        return result;
      }
      if (!this.#value(opcode) && !this.#collection(opcode) && !this.#memory(opcode) && !this.#object(opcode))
        throw new Unreadable(`pickle: unknown opcode 0x${opcode.toString(16)} at byte ${this.cursor.at - 1}`);
    }
  }

  #push(node: Slot): true {
    this.judge.spendNodes(1, "pickle");
    this.#stack.push(node);
    return true;
  }

  #value(opcode: number): boolean {
    const node = readValue(opcode, this.cursor);
    return node !== null && this.#push(node);
  }

  #pop(): Node {
    const node = this.#stack.pop();
    if (node === undefined || node === MARK) throw new Unreadable("pickle: takes a value that is not there");
    return node;
  }

  #top(): Node {
    const node = this.#stack.at(-1);
    if (node === undefined || node === MARK) throw new Unreadable("pickle: takes a value that is not there");
    return node;
  }

  #marked(): Node[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw new Unreadable("pickle: no mark");
    const nodes = this.#stack.splice(at).slice(1);
    return nodes.filter((node) => node !== MARK);
  }

  #collection(opcode: number): boolean {
    switch (opcode) {
      case 0x28: // MARK
        return this.#push(MARK);
      case 0x29: // EMPTY_TUPLE
        return this.#push(list("tuple", []));
      case 0x5d: // EMPTY_LIST
        return this.#push(list("list", []));
      case 0x7d: // EMPTY_DICT
        return this.#push(dictionary("dict", [], true));
      case 0x8f: // EMPTY_SET
        return this.#push(list("set", [], true));
      case 0x74: // TUPLE
        return this.#push(list("tuple", this.#marked()));
      case 0x85: // TUPLE1, 2, 3
      case 0x86:
      case 0x87: {
        const items: Node[] = [];
        for (let count = opcode - 0x84; count > 0; count -= 1) items.unshift(this.#pop());
        return this.#push(list("tuple", items));
      }
      case 0x6c: // LIST
        return this.#push(list("list", this.#marked()));
      case 0x64: // DICT
        return this.#push(dictionary("dict", pairs(this.#marked()), true));
      case 0x91: // FROZENSET
        return this.#push(list("frozenset", this.#marked(), true));
      case 0x61: {
        // APPEND
        const item = this.#pop();
        return append(this.#top(), [item]);
      }
      case 0x65: // APPENDS
      case 0x90: {
        // ADDITEMS
        const items = this.#marked();
        return append(this.#top(), items);
      }
      case 0x73: {
        // SETITEM
        const value = this.#pop();
        const key = this.#pop();
        return put(this.#top(), [[key, value]]);
      }
      case 0x75: {
        // SETITEMS
        const entries = pairs(this.#marked());
        return put(this.#top(), entries);
      }
      default:
        return false;
    }
  }

  #memory(opcode: number): boolean {
    const { cursor } = this;
    switch (opcode) {
      case 0x80: // PROTO
        if (cursor.u8() > 5) throw new Unreadable("pickle: a protocol above 5");
        return true;
      case 0x95: // FRAME
        cursor.u64();
        return true;
      case 0x70: // PUT
        return this.#remember(Number(lineAt(this.cursor)));
      case 0x71: // BINPUT
        return this.#remember(cursor.u8());
      case 0x72: // LONG_BINPUT
        return this.#remember(cursor.u32());
      case 0x94: // MEMOIZE
        return this.#remember(this.#memo.size);
      case 0x67: // GET
        return this.#recall(Number(lineAt(this.cursor)));
      case 0x68: // BINGET
        return this.#recall(cursor.u8());
      case 0x6a: // LONG_BINGET
        return this.#recall(cursor.u32());
      case 0x30: // POP
        this.#stack.pop();
        return true;
      case 0x31: // POP_MARK
        this.#marked();
        return true;
      case 0x32: // DUP
        return this.#push(this.#top());
      default:
        return false;
    }
  }

  #remember(index: number): true {
    this.#memo.set(index, this.#top());
    return true;
  }

  #recall(index: number): true {
    const node = this.#memo.get(index);
    if (node === undefined) throw new Unreadable("pickle: recalls what was not remembered");
    return this.#push(node);
  }

  #object(opcode: number): boolean {
    switch (opcode) {
      case 0x63: // GLOBAL
        return this.#push(global(lineAt(this.cursor), lineAt(this.cursor)));
      case 0x93: {
        // STACK_GLOBAL
        const name = this.#pop();
        const module = this.#pop();
        if (name.kind !== "text" || module.kind !== "text") throw new Unreadable("pickle: a global without a name");
        return this.#push(global(module.text, name.text));
      }
      case 0x69: {
        // INST
        const what = global(lineAt(this.cursor), lineAt(this.cursor));
        return this.#push(made(what, list("tuple", this.#marked())));
      }
      case 0x6f: {
        // OBJ
        const [what, ...args] = this.#marked();
        if (what === undefined) throw new Unreadable("pickle: an object of nothing");
        return this.#push(made(what, list("tuple", args)));
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const args = this.#pop();
        return this.#push(made(this.#pop(), args));
      }
      case 0x92: {
        // NEWOBJ_EX
        const named = this.#pop();
        const args = this.#pop();
        return this.#push(call(this.#pop(), list("arguments", [args, named])));
      }
      case 0x62: {
        // BUILD
        const state = this.#pop();
        const object = this.#top();
        if (object.kind !== "call") throw new Unreadable("pickle: a state for what is no object");
        object.state.push(state);
        const instead = this.afterBuild?.(object, this.cursor) ?? null;
        // The array stands for its place holder from here on, also where that is recalled.
        if (instead !== null) object.items.push(instead);
        return true;
      }
      case 0x50: // PERSID
        return this.#push(call(scalar("global", "<persistent>"), text(lineAt(this.cursor))));
      case 0x51: // BINPERSID
        return this.#push(call(scalar("global", "<persistent>"), this.#pop()));
      case 0x82: // EXT1, EXT2, EXT4
        return this.#push(scalar("extension", String(this.cursor.u8())));
      case 0x83:
        return this.#push(scalar("extension", String(this.cursor.u16())));
      case 0x84:
        return this.#push(scalar("extension", String(this.cursor.u32())));
      // NEXT_BUFFER and READONLY_BUFFER take data that is not in the file: nothing may be said about it.
      default:
        return false;
    }
  }
}

/** Modules that were renamed by a library without any change of what is in them. */
const global = (module: string, name: string): Node =>
  scalar("global", `${module.replace(/^numpy\._core/, "numpy.core").replace(/^__builtin__$/, "builtins")}.${name}`);

function append(target: Node, items: Node[]): true {
  if (target.kind !== "call" && (target.kind !== "list" || target.type === "tuple"))
    throw new Unreadable("pickle: appends to what is no list");
  for (const item of items) target.items.push(item);
  return true;
}

function put(target: Node, entries: [Node, Node][]): true {
  if (target.kind !== "dictionary" && target.kind !== "call")
    throw new Unreadable("pickle: sets an item of what is no dictionary");
  for (const entry of entries) target.entries.push(entry);
  return true;
}

function pairs(nodes: readonly Node[]): [Node, Node][] {
  if (nodes.length % 2 !== 0) throw new Unreadable("pickle: a key without a value");
  const found: [Node, Node][] = [];
  for (let index = 0; index < nodes.length; index += 2) {
    const [key, value] = [nodes[index], nodes[index + 1]];
    if (key !== undefined && value !== undefined) found.push([key, value]);
  }
  return found;
}

/** Calls whose result is plain data: sets of old protocols, bytes of old protocols. */
function made(what: Node, args: Node): Node {
  const name = globalOf(what);
  if (args.kind !== "list") return call(what, args);
  const [first, second] = args.items;
  if ((name === "builtins.set" || name === "builtins.frozenset") && args.items.length === 1 && first?.kind === "list")
    return list(name.slice("builtins.".length), first.items, true);
  if (
    name === "_codecs.encode" &&
    args.items.length === 2 &&
    first?.kind === "text" &&
    second?.kind === "text" &&
    second.text === "latin1" &&
    !/[\u0100-\uffff]/.test(first.text)
  )
    return { kind: "bytes", type: "bytes", bytes: Buffer.from(first.text, "latin1") };
  if (name === "builtins.bytes" && args.items.length === 0)
    return { kind: "bytes", type: "bytes", bytes: new Uint8Array() };
  return call(what, args);
}
