/** Five kinds: what went wrong decides the exit code (cli/exit-codes.ts), never the message. */
export type ErrorKind = "usage" | "config" | "missing" | "storage" | "internal";

/**
 * What Reprise could not do. A failed run or a difference is never one of these: those are records and verdicts.
 * `code` is stable and listed in docs/errors.md; `hint` is the next command to type.
 */
export class RepriseError extends Error {
  override readonly name = "RepriseError";

  constructor(
    readonly code: string,
    readonly kind: ErrorKind,
    message: string,
    readonly hint?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
