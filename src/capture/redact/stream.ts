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
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let count = 0;

  const hold = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return;
    // The caller may use its buffer again.
    held.push(Buffer.from(bytes));
    heldBytes += bytes.length;
  };
  const takeAll = (chunk: Uint8Array): Uint8Array => {
    const bytes = held.length === 0 ? chunk : Buffer.concat([...held, chunk]);
    held = [];
    heldBytes = 0;
    return bytes;
  };
  const release = (bytes: Uint8Array, last: boolean): Uint8Array => {
    const findings = find(bytes, "text");
    const cut = last ? bytes.length : cutOf(bytes, findings);
    hold(bytes.subarray(cut));
    const result = replace(
      bytes.subarray(0, cut),
      findings.filter((finding) => finding.end <= cut),
    );
    count += result.count;
    return result.bytes;
  };

  return {
    push(chunk) {
      const complete = chunk.includes(10) || chunk.includes(13);
      if (complete || heldBytes + chunk.length > MOST_HELD) return release(takeAll(chunk), false);
      hold(chunk);
      return new Uint8Array();
    },
    flush: () => release(takeAll(new Uint8Array()), true),
    get count() {
      return count;
    },
  };
}

/** The last complete line, or a place in the middle of a very long one; never inside a finding or after its name. */
function cutOf(bytes: Uint8Array, findings: readonly Finding[]): number {
  const line = Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13)) + 1;
  let cut = bytes.length - line > MOST_HELD ? bytes.length - KEPT_AT_CUT : line;
  for (let i = findings.length - 1; i >= 0; i--) {
    const finding = findings[i];
    if (finding === undefined || (finding.end < cut && finding.open !== true)) break;
    // Touching the cut counts too: the value may go on in the next chunk.
    if (finding.open !== true && finding.end === cut && cut === line) continue;
    if (finding.open === true || finding.from < cut) cut = Math.min(cut, startOfAll(findings, i));
  }
  return cut;
}

/** Where the finding begins that this one is a part of. */
function startOfAll(findings: readonly Finding[], index: number): number {
  let first = index;
  while (first > 0 && findings[first]?.further === true) first--;
  return findings[first]?.from ?? 0;
}
