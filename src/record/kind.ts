/** What can make two runs part (docs/verdict.md). Fixed words: other tools key on them. */
export const CAUSE_KINDS = [
  "unseeded-rng",
  "wall-clock",
  "os-entropy",
  "hash-order",
  "listing-order",
  "threads",
  "worker-order",
  "address-order",
  "uninitialised-memory",
  "network",
  "leftover-state",
  "code",
  "data-content",
  "data-order",
  "config",
  "environment-variable",
  "package-version",
  "hardware",
  "seed",
  "other",
] as const;

export type CauseKind = (typeof CAUSE_KINDS)[number];
