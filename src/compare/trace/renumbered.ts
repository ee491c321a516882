import type { TraceFunction, TraceRecord } from "#record";

/** The line of other code that stands in the place of this one; where none does a number that no line of that code has. */
export type Standing = (file: string, line: number) => number;

/** A trace as if its lines were those of other code, so that a line that an edit has moved is the same line. */
export function* renumbered(records: Iterable<TraceRecord>, standing: Standing): Generator<TraceRecord> {
  const functions = new Map<TraceFunction, TraceFunction>();
  const files = new Map<number, string>();
  const lineIn = (activation: number, number: number): number => {
    const file = files.get(activation);
    return file === undefined ? number : standing(file, number);
  };
  for (const record of records) {
    switch (record.kind) {
      case "call": {
        const { function: code } = record;
        files.set(record.activation, code.file);
        // A module begins where its file does, whatever stands there.
        const line = code.name === "<module>" ? code.line : standing(code.file, code.line);
        const known = functions.get(code) ?? { ...code, line };
        functions.set(code, known);
        yield { ...record, function: known, callerLine: lineIn(record.caller, record.callerLine) };
        break;
      }
      case "again":
        yield { ...record, callerLine: lineIn(record.caller, record.callerLine) };
        break;
      case "line":
      case "yield":
      case "return":
        yield { ...record, line: lineIn(record.activation, record.line) };
        if (record.kind === "return") files.delete(record.activation);
        break;
      case "operator":
        yield record.file === null || record.line === null
          ? record
          : { ...record, line: standing(record.file, record.line) };
        break;
      default:
        yield record;
    }
  }
}
