import { gunzipSync } from "node:zlib";
import { diffParts } from "#compare";
import {
  canonicalJson,
  type Digest,
  digestOf,
  EXPORT_FORMAT,
  type ExportDocument,
  type ExportedVerdict,
  type Json,
  parseRecord,
  RepriseError,
  type ShownOn,
} from "#record";
import { memoryReader } from "#store";
import { gatherEvidence, type Side } from "../evidence.ts";
import { shownOn } from "../level/document.ts";
import { originOf } from "../origin.ts";
import { showsRepeating } from "./export.ts";

/** A colleague's run, as a file brought it. */
export interface Colleague {
  readonly file: string;
  readonly side: Side;
  /** Whether it was shown on its own machine to come out the same each time, with conditions varied. */
  readonly verified: boolean;
  /** What was said of it where replays of it were made; null: nothing, or by a version that did not say where. */
  readonly said: Said | null;
}

export type Said = Required<ExportedVerdict>;

const MOST = 1 << 28;

const invalid = (file: string, why: string, cause?: unknown): RepriseError =>
  new RepriseError(
    "EXPORT_INVALID",
    "usage",
    `${file} is no exported run: ${why}`,
    "reprise export RUN --output run.json.gz",
    {
      cause,
    },
  );

function textOf(file: string, bytes: Uint8Array): string {
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(
      zipped ? gunzipSync(bytes, { maxOutputLength: MOST }) : bytes,
    );
  } catch (error) {
    throw invalid(file, zipped ? "it cannot be unpacked, or is larger than 256 MiB" : "it is no text", error);
  }
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = <T>(value: unknown, is: (one: unknown) => one is T): T[] =>
  Array.isArray(value) ? value.filter(is) : [];
const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number";

/** A record that lacks what comparing needs shows it when it is compared with itself. */
function probe(file: string, make: () => Side): Side {
  try {
    const side = make();
    gatherEvidence(side, side);
    shownOn(side.run);
    diffParts(side.run, side.run);
    return side;
  } catch (error) {
    throw invalid(file, `its record cannot be compared: ${(error as Error).message}`, error);
  }
}

const isShown = (value: unknown): value is ShownOn =>
  isTable(value) &&
  isText(value["cpu"]) &&
  isText(value["os"]) &&
  Array.isArray(value["gpus"]) &&
  value["gpus"].every(isText) &&
  (value["python"] === null || isText(value["python"])) &&
  isTable(value["frameworks"]) &&
  Object.values(value["frameworks"]).every(isText);

function saidOf(verdict: unknown): Said | null {
  if (!isTable(verdict) || !isText(verdict["hostname"]) || !isShown(verdict["shownOn"])) return null;
  if (!isText(verdict["verdict"]) || !isText(verdict["reason"]) || !Array.isArray(verdict["replays"])) return null;
  return verdict as unknown as Said;
}

// Plain data; the type only lacks the index signature of Json. What was kept has its keys in another order.
const text = (shown: ShownOn): string => canonicalJson(shown as unknown as Json);
export const sameShown = (a: ShownOn, b: ShownOn): boolean => text(a) === text(b);

/** What replays elsewhere than on the run's own machine showed; null: none were made, or they were made there. */
export function saidElsewhere({ side: { run }, said }: Pick<Colleague, "side" | "said">): Said | null {
  if (said === null) return null;
  return said.hostname !== run.hardware.hostname || !sameShown(said.shownOn, shownOn(run)) ? said : null;
}

/** Reads what `reprise export` wrote; nothing in it is run. Throws EXPORT_INVALID. */
export function readColleague(file: string, bytes: Uint8Array): Colleague {
  let value: unknown;
  const text = textOf(file, bytes);
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(file, "it is not JSON", error);
  }
  if (!isTable(value) || value["format"] !== EXPORT_FORMAT || !isTable(value["record"])) {
    const format = isTable(value) && isText(value["format"]) ? `its format is ${value["format"]}` : "it has no format";
    throw invalid(file, `${format}, and ${EXPORT_FORMAT} was expected`);
  }
  const document = value as unknown as ExportDocument;
  let record: Side["run"];
  try {
    record = parseRecord(JSON.stringify(value["record"]));
  } catch (error) {
    throw invalid(file, error instanceof Error ? error.message : "its record cannot be read", error);
  }
  const origin: Readonly<Record<string, unknown>> = isTable(value["origin"]) ? value["origin"] : {};
  const contents: Readonly<Record<string, unknown>> = isTable(value["contents"]) ? value["contents"] : {};
  const open = (digest: Digest): ReturnType<Side["open"]> => {
    const kept = Object.hasOwn(contents, digest) ? contents[digest] : undefined;
    if (!isText(kept)) return null;
    const held = Buffer.from(kept, "base64");
    if (digestOf(held) !== digest) throw invalid(file, `the content of ${digest} is another one`);
    return memoryReader(held, digest);
  };
  const { verdict } = document;
  const said = saidOf(verdict);
  const side = probe(file, () => ({
    run: record,
    origin: {
      ...originOf(record, []),
      roots: listOf(origin["roots"], isText),
      pids: listOf(origin["pids"], isNumber),
      uuids: listOf(origin["uuids"], isText),
      clockValues: listOf(origin["clockValues"], isNumber),
    },
    open,
  }));
  // A container has another name each time: one of the same kind shows what the run's own machine would.
  const isThere =
    said === null || said.hostname === record.hardware.hostname || sameShown(said.shownOn, shownOn(record));
  const verified = isTable(verdict) && showsRepeating(verdict) && isThere;
  return { file, side, verified, said };
}

/** Every run once: a second file of one machine's run shows nothing more, but may bring the verdict that the first lacks. */
export function onceEach(all: readonly Colleague[]): { readonly each: readonly Colleague[]; readonly twice: string[] } {
  const each = new Map<string, Colleague>();
  const twice: string[] = [];
  for (const one of all) {
    const { run } = one.side;
    const elsewhere = saidElsewhere(one);
    const key = JSON.stringify([run.id, shownOn(run), elsewhere?.hostname, elsewhere?.shownOn]);
    const before = each.get(key);
    if (before !== undefined) twice.push(`${one.file} is the run of ${before.file}: counted once`);
    each.set(key, before === undefined || (one.verified && !before.verified) ? one : before);
  }
  return { each: [...each.values()], twice };
}
