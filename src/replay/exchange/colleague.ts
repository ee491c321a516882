import { gunzipSync } from "node:zlib";
import { diffParts } from "#compare";
import { type Digest, digestOf, EXPORT_FORMAT, type ExportDocument, parseRecord, RepriseError } from "#record";
import { memoryReader } from "#store";
import { gatherEvidence, type Side } from "../evidence.ts";
import { shownOn } from "../level/document.ts";
import { originOf } from "../origin.ts";

/** A colleague's run, as a file brought it. */
export interface Colleague {
  readonly file: string;
  readonly side: Side;
  /** Whether it was shown on its own machine to come out the same each time. */
  readonly verified: boolean;
}

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
  return {
    file,
    side: probe(file, () => ({
      run: record,
      origin: {
        ...originOf(record, []),
        roots: listOf(origin["roots"], isText),
        pids: listOf(origin["pids"], isNumber),
        uuids: listOf(origin["uuids"], isText),
        clockValues: listOf(origin["clockValues"], isNumber),
      },
      open,
    })),
    verified: isTable(verdict) && verdict.verdict === "reproduced" && verdict.level === "numerical",
  };
}
