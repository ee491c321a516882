import type { ErrorKind, RepriseError, RunRecord, VerdictWord } from "#record";

/** Every exit code there is besides a child's own (docs/errors.md). */
export const EXIT = {
  ok: 0,
  no: 1,
  usage: 2,
  inconclusive: 3,
  storage: 4,
  config: 5,
  missing: 6,
  internal: 70,
  notExecutable: 126,
  notFound: 127,
  interrupted: 130,
} as const;

const BY_KIND: Readonly<Record<ErrorKind, number>> = {
  usage: EXIT.usage,
  config: EXIT.config,
  missing: EXIT.missing,
  storage: EXIT.storage,
  internal: EXIT.internal,
};

const BY_VERDICT: Readonly<Record<VerdictWord, number>> = {
  reproduced: EXIT.ok,
  conditional: EXIT.no,
  differs: EXIT.no,
  inconclusive: EXIT.inconclusive,
};

/** Two that a shell would report of a command; scripts know their numbers. */
const BY_CODE: Readonly<Record<string, number>> = {
  COMMAND_NOT_FOUND: EXIT.notFound,
  COMMAND_NOT_EXECUTABLE: EXIT.notExecutable,
};

export const exitOfError = ({ code, kind }: RepriseError): number => BY_CODE[code] ?? BY_KIND[kind];
export const exitOfVerdict = (verdict: VerdictWord): number => BY_VERDICT[verdict];

/** What a shell would report of the child: its own code, or 128 + the number of the signal that ended it. */
export function exitOfChild(
  run: Pick<RunRecord, "exitCode" | "signal">,
  signals: Readonly<Record<string, number>>,
): number {
  if (run.signal !== null) return 128 + (signals[run.signal] ?? 0);
  return run.exitCode ?? EXIT.notExecutable;
}
