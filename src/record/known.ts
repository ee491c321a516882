/** A fact, or the reason why it could not be had ("unknown, because …" is a recorded value). */
export interface Unknown {
  readonly unknown: string;
}

export type Known<T> = T | Unknown;

export function unknown(reason: string): Unknown {
  return Object.freeze({ unknown: reason });
}

export function isUnknown(value: unknown): value is Unknown {
  return typeof value === "object" && value !== null && typeof (value as { unknown?: unknown }).unknown === "string";
}

/** The value when it is known, else undefined. */
export function knownOr<T, D>(value: Known<T> | undefined, otherwise: D): T | D {
  return value === undefined || isUnknown(value) ? otherwise : value;
}
