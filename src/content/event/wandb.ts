import { crc32 } from "node:zlib";
import { latin1, utf8Of } from "../bytes.ts";
import { Unreadable } from "../unseen.ts";
import { doubleOf, type Field, fieldsOf, varintOf } from "./protobuf.ts";

/** What the log of a W&B run (`run-ID.wandb`) says. Values are JSON texts, as W&B keeps them. */
export interface WandbLog {
  readonly run: {
    readonly id: string;
    readonly project: string;
    readonly group: string;
    readonly jobType: string;
    readonly name: string;
    readonly notes: string;
    readonly tags: readonly string[];
    readonly host: string;
    /** Seconds since 1970. */
    readonly started: number | null;
    readonly git: { readonly remote: string; readonly commit: string } | null;
  } | null;
  readonly config: ReadonlyMap<string, string>;
  readonly history: readonly { readonly step: number | null; readonly items: ReadonlyMap<string, string> }[];
  readonly environment: {
    readonly os: string;
    readonly python: string;
    readonly args: readonly string[];
    readonly program: string;
    readonly executable: string;
    readonly root: string;
    readonly git: { readonly remote: string; readonly commit: string } | null;
  } | null;
  /** null: it has not said that it ended. */
  readonly exit: { readonly code: number; readonly runtime: number } | null;
  readonly torn: boolean;
}

const BLOCK = 32_768;
const HEAD = 7;

/** LevelDB's log: blocks of 32 KiB, in them whole records (1) or their first (2), middle (3) and last (4) part. */
function* recordsOf(bytes: Uint8Array): Generator<Uint8Array | "torn", void> {
  if (bytes.length < HEAD || latin1(bytes.subarray(0, 4)) !== ":W&B" || bytes[4] !== 0xe1 || bytes[5] !== 0xbe)
    throw new Unreadable("W&B log: it does not begin like one");
  if (bytes[6] !== 0) throw new Unreadable(`W&B log: version ${bytes[6]}, and only 0 is known`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = HEAD;
  let parts: Uint8Array[] = [];
  while (at < bytes.length) {
    const left = BLOCK - (at % BLOCK);
    if (left < HEAD) {
      at += left;
      continue;
    }
    if (at + HEAD > bytes.length) {
      yield "torn";
      return;
    }
    const [sum, length, type] = [view.getUint32(at, true), view.getUint16(at + 4, true), bytes[at + 6] ?? 0];
    if (sum === 0 && length === 0 && type === 0) return;
    const end = at + HEAD + length;
    if (end > bytes.length) {
      yield "torn";
      return;
    }
    if (type < 1 || type > 4 || length > left - HEAD) throw new Unreadable("W&B log: damaged");
    if (crc32(bytes.subarray(at + 6, end)) !== sum) throw new Unreadable("W&B log: wrong checksum");
    const data = bytes.subarray(at + HEAD, end);
    at = end;
    if (type === 1 || type === 2) parts = [];
    parts.push(data);
    if (type === 1 || type === 4) yield parts.length === 1 ? data : Buffer.concat(parts);
  }
}

const text = (bytes: Uint8Array): string => utf8Of(bytes) ?? latin1(bytes);
const all = (fields: readonly Field[], number: number): Uint8Array[] =>
  fields.filter((field) => field.number === number && field.wire === 2).map(({ bytes }) => bytes);
const one = (fields: readonly Field[], number: number): string => {
  const found = all(fields, number).at(-1);
  return found === undefined ? "" : text(found);
};
const whole = (fields: readonly Field[], number: number): number => {
  const found = fields.findLast((field) => field.number === number && field.wire === 0);
  return found === undefined ? 0 : Number(BigInt.asIntN(64, varintOf(found.bytes)));
};

/** Items of a configuration or of a point of the history: a key or its parts, and a value. */
function itemsOf(fields: readonly Field[], number: number, found: Map<string, string>): void {
  for (const bytes of all(fields, number)) {
    const item = fieldsOf(bytes);
    const nested = all(item, 2).map(text);
    const key = nested.length > 0 ? nested.join(".") : one(item, 1);
    const value = heldBy(item);
    if (key !== "" && value !== null) found.set(key, value);
  }
}

/** As JSON (16, of configurations 16 too), or in a field of its own kind. */
function heldBy(item: readonly Field[]): string | null {
  for (const field of item) {
    if (field.number === 16 || field.number === 8) return text(field.bytes);
    if (field.number === 3) return "null";
    if (field.number === 4) return String(varintOf(field.bytes) !== 0n);
    if (field.number === 5) {
      const raw = varintOf(field.bytes);
      return String((raw >> 1n) ^ -(raw & 1n)); // zigzag
    }
    if (field.number === 6 && field.wire === 1) return String(doubleOf(field.bytes));
    if (field.number === 7) return JSON.stringify(text(field.bytes));
  }
  return null;
}

function gitOf(bytes: Uint8Array | undefined): { remote: string; commit: string } | null {
  if (bytes === undefined) return null;
  const fields = fieldsOf(bytes);
  return { remote: one(fields, 1), commit: one(fields, 2) };
}

function runOf(fields: readonly Field[]): NonNullable<WandbLog["run"]> {
  const time = all(fields, 17).at(0);
  const started = time === undefined ? null : fieldsOf(time);
  return {
    id: one(fields, 1),
    project: one(fields, 3),
    group: one(fields, 6),
    jobType: one(fields, 7),
    name: one(fields, 8),
    notes: one(fields, 9),
    tags: all(fields, 10).map(text),
    host: one(fields, 13),
    started: started === null ? null : whole(started, 1) + whole(started, 2) / 1e9,
    git: gitOf(all(fields, 21).at(0)),
  };
}

/** Told more than once, and in parts. */
function environmentOf(fields: readonly Field[], before: WandbLog["environment"]): WandbLog["environment"] {
  const args = all(fields, 5).map(text);
  return {
    os: one(fields, 1) || (before?.os ?? ""),
    python: one(fields, 2) || (before?.python ?? ""),
    args: args.length > 0 ? args : (before?.args ?? []),
    program: one(fields, 6) || (before?.program ?? ""),
    executable: one(fields, 14) || (before?.executable ?? ""),
    root: one(fields, 11) || (before?.root ?? ""),
    git: gitOf(all(fields, 9).at(0)) ?? before?.git ?? null,
  };
}

/** Throws Unreadable where the bytes are no such log, or a damaged one. Nothing in it is run. */
export function readWandbLog(bytes: Uint8Array): WandbLog {
  let run: WandbLog["run"] = null;
  let environment: WandbLog["environment"] = null;
  let exit: WandbLog["exit"] = null;
  let torn = false;
  const config = new Map<string, string>();
  const history: { step: number | null; items: Map<string, string> }[] = [];
  for (const record of recordsOf(bytes)) {
    if (record === "torn") {
      torn = true;
      break;
    }
    for (const { number, wire, bytes: inner } of fieldsOf(record)) {
      if (wire !== 2 || ![2, 5, 17, 18, 26].includes(number)) continue;
      const fields = fieldsOf(inner);
      if (number === 17) {
        run = runOf(fields);
        for (const given of all(fields, 4)) itemsOf(fieldsOf(given), 1, config);
      } else if (number === 5) itemsOf(fields, 1, config);
      else if (number === 18) exit = { code: whole(fields, 1), runtime: whole(fields, 2) };
      else if (number === 26) environment = environmentOf(fields, environment);
      else {
        const items = new Map<string, string>();
        itemsOf(fields, 1, items);
        const step = all(fields, 2).at(0);
        history.push({ step: step === undefined ? null : whole(fieldsOf(step), 1), items });
      }
    }
  }
  return { run, config, history, environment, exit, torn };
}
