import type { RunRecord } from "#record";

/** What may have made even a replay with everything held differ, though the program did not. */
export function notRestored(baseline: RunRecord, lost: readonly string[]): string | null {
  if (lost.length > 0)
    return `results differ, but not all that lay in the project could be brought back: ${lost.join("; ")}`;
  return baseline.warnings.some((warning) => warning.code === "stdin-pipe")
    ? "results differ, and the run had a pipe as standard input, whose content, if any, was not kept"
    : null;
}
