import {
  type Digest,
  EXPORT_FORMAT,
  type ExportDocument,
  isUnknown,
  type RunRecord,
  type VerifyDocument,
  writtenMetrics,
} from "#record";
import type { Store } from "#store";
import { originOf } from "../origin.ts";
import { eventsOf, temporaryOf } from "../replay.ts";

/** What is kept of each result, and of all of them. */
const [MOST_EACH, MOST_ALL] = [1 << 20, 1 << 24];

function resultsOf(run: RunRecord): Digest[] {
  const streams = [run.stdout, run.stderr].flatMap((stream) => (isUnknown(stream) ? [] : [stream.digest]));
  const outputs = isUnknown(run.outputs)
    ? []
    : run.outputs.flatMap(({ digest }) => (isUnknown(digest) ? [] : [digest]));
  const told = (run.references ?? []).flatMap(({ predictions }) =>
    isUnknown(predictions) ? [] : [predictions.digest],
  );
  return [...new Set([...streams, ...told, ...outputs])];
}

export function verdictsOf(store: Store, run: RunRecord): VerifyDocument[] {
  // `verify` wrote them.
  return store.runs.facts(run.id, "verdict").map((fact) => fact.value as unknown as VerifyDocument);
}

/**
 * The last answer to whether every result comes out the same: what another level said since does not change it, and neither
 * does a repetition in which nothing varied, unless it parted even so.
 */
export function numericalVerdict(verdicts: readonly VerifyDocument[]): VerifyDocument | undefined {
  const answers = verdicts.filter(({ asked, level }) => asked === "numerical" || level === "numerical");
  return answers.findLast(({ varied, verdict }) => varied.length > 0 || verdict === "differs") ?? answers.at(-1);
}

/** Whether a verdict shows that a run comes out the same each time. Under equal conditions it does so by accident. */
export const showsRepeating = (found: Partial<Pick<VerifyDocument, "verdict" | "level" | "varied">>): boolean =>
  found.verdict === "reproduced" &&
  found.level === "numerical" &&
  Array.isArray(found.varied) &&
  found.varied.length > 0;

/**
 * A run as one file that speaks for itself. Secrets are as the record has them: left out already. Random bytes that the
 * program drew go along only where its results show them anyway. `verdicts` are those of the store, where nothing else is given.
 */
export function exportRun(
  store: Store,
  record: RunRecord,
  version: string,
  verdicts: readonly VerifyDocument[] = verdictsOf(store, record),
): ExportDocument {
  const contents: Record<Digest, string> = {};
  const left: Digest[] = [];
  const shown: string[] = [];
  let room = MOST_ALL;
  for (const digest of resultsOf(record)) {
    const size = store.objects.has(digest) ? store.objects.size(digest) : Number.POSITIVE_INFINITY;
    if (size > Math.min(MOST_EACH, room)) left.push(digest);
    else {
      const bytes = Buffer.from(store.objects.read(digest));
      room -= size;
      contents[digest] = bytes.toString("base64");
      shown.push(bytes.toString("latin1"));
    }
  }
  const origin = originOf(record, eventsOf(record, store), [temporaryOf(record)]);
  const names = isUnknown(record.outputs) ? [] : record.outputs.map(({ path }) => path);
  const isShown = (id: string): boolean => [...shown, ...names].some((text) => text.includes(id));
  const last = numericalVerdict(verdicts) ?? verdicts.at(-1);
  return {
    format: EXPORT_FORMAT,
    version,
    record: { ...record, metrics: writtenMetrics(record.metrics) as RunRecord["metrics"] },
    verdict:
      last === undefined
        ? null
        : {
            verdict: last.verdict,
            level: last.level,
            replays: last.replays,
            agreeing: last.agreeing,
            reason: last.reason,
            varied: last.varied,
            shownOn: last.shownOn,
            ...(last.hostname === undefined ? {} : { hostname: last.hostname }),
          },
    origin: {
      roots: origin.roots,
      pids: origin.pids,
      uuids: origin.uuids.filter(isShown),
      clockValues: origin.clockValues ?? [],
    },
    contents,
    left,
  };
}
