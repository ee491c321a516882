import type { Find, Finding, RedactedBytes } from "./finding.ts";

/** Redacts what streams by, in chunks of any size. */
export interface RedactingStream {
  /** What can be let go of; the rest, an incomplete line, is held back. */
  push(chunk: Uint8Array): Uint8Array;
  /** Everything that is still held. */
  flush(): Uint8Array;
  readonly count: number;
}

/** An incomplete line is held up to here, then cut where no finding is. */
const MOST_HELD = 65_536;
const KEPT_AT_CUT = 8192;

export function createRedactingStream(
  find: Find,
  replace: (bytes: Uint8Array, findings: readonly Finding[]) => RedactedBytes,
): RedactingStream {
  let held: Uint8Array = new Uint8Array();
  let count = 0;

  const release = (bytes: Uint8Array, last: boolean): Uint8Array => {
    const findings = find(bytes, "text");
    const cut = last ? bytes.length : cutOf(bytes, findings);
    held = cut === bytes.length ? new Uint8Array() : bytes.slice(cut);
    const result = replace(
      bytes.subarray(0, cut),
      findings.filter((finding) => finding.end <= cut),
    );
    count += result.count;
    return result.bytes;
  };

  return {
    push(chunk) {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const complete = Math.max(lastIndexOf(bytes, 10, held.length), lastIndexOf(bytes, 13, held.length));
      if (complete < 0 && bytes.length <= MOST_HELD) {
        held = bytes === chunk ? bytes.slice() : bytes;
        return new Uint8Array();
      }
      return release(bytes, false);
    },
    flush: () => release(held, true),
    get count() {
      return count;
    },
  };
}

/** The last complete line, or a place in the middle of a very long one; never inside a finding or after its name. */
function cutOf(bytes: Uint8Array, findings: readonly Finding[]): number {
  const line = Math.max(lastIndexOf(bytes, 10, 0), lastIndexOf(bytes, 13, 0)) + 1;
  let cut = bytes.length - line > MOST_HELD ? bytes.length - KEPT_AT_CUT : line;
  for (let i = findings.length - 1; i >= 0; i--) {
    const finding = findings[i];
    if (finding === undefined || finding.end < cut) break;
    // Touching the cut counts too: the value may go on in the next chunk.
    if (finding.open !== true && finding.end === cut && cut === line) continue;
    if (finding.from < cut) cut = startOfAll(findings, i);
  }
  return cut;
}

/** Where the finding begins that this one is a part of. */
function startOfAll(findings: readonly Finding[], index: number): number {
  let first = index;
  while (first > 0 && findings[first]?.further === true) first--;
  return findings[first]?.from ?? 0;
}

function lastIndexOf(bytes: Uint8Array, byte: number, from: number): number {
  const at = bytes.lastIndexOf(byte);
  return at >= from ? at : -1;
}
