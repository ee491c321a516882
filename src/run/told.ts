import { join } from "node:path";
import { type AgentEvent, type Digest, isDigest, type Known, type Reference, type Told, unknown } from "#record";

export interface TellQuestion {
  readonly events: readonly AgentEvent[];
  readonly eventsDir: string;
  readonly relative: (path: string) => string;
  readonly redacted: (text: string) => string;
  /** Puts a file into the store; null where it holds a secret. */
  readonly keep: (path: string) => { digest: Digest; bytes: number } | null;
}

type ReferenceEvent = Extract<AgentEvent, { e: "reference" }>;

function predictionsOf({ kept, lost }: ReferenceEvent, { eventsDir, keep }: TellQuestion): Reference["predictions"] {
  // A name of its own making, never one that leads out of the folder.
  if (kept === undefined || !/^reference-[\w-]+\.npy$/.test(kept)) return unknown(lost ?? "no file was written");
  try {
    return keep(join(eventsDir, kept)) ?? unknown("not kept: it holds a secret");
  } catch (error) {
    return unknown(`not kept: ${(error as Error).message}`);
  }
}

const inputsOf = (digest: string | null): Known<Digest> =>
  digest !== null && isDigest(digest) ? digest : unknown("the inputs have no form of which a digest could be made");

function unique<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** What the program told by `import reprise`; what several processes say alike is said once. */
export function toldBy(question: TellQuestion): Told {
  const { events, relative, redacted } = question;
  const place = ({ f, l }: { f: string | null; l: number | null }) => ({
    file: f === null ? null : relative(f),
    line: l,
  });
  return {
    claims: unique(
      events.flatMap((event) => (event.e === "claim" ? [{ text: redacted(event.text), ...place(event) }] : [])),
    ),
    references: unique(
      events.flatMap((event) =>
        event.e === "reference"
          ? [
              {
                name: redacted(event.name),
                inputs: inputsOf(event.inputs),
                predictions: predictionsOf(event, question),
                ...place(event),
              },
            ]
          : [],
      ),
    ),
    checkpoints: unique(
      events.flatMap((event) =>
        event.e === "checkpoint" ? [{ path: relative(event.p), step: event.step, ...place(event) }] : [],
      ),
    ),
  };
}
