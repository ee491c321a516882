export type PolicyMode = "off" | "warn" | "strict";

/** One lever of a determinism policy (docs/determinism.md): what was set, and where not, why. */
export interface PolicyLever {
  readonly name: string;
  /**
   * set · kept: as the user had it · left: not in this mode · idle: no process loaded the library · failed: see `why`.
   */
  readonly state: "set" | "kept" | "left" | "idle" | "failed";
  readonly what: string;
  readonly why: string | null;
}

/** Where the program went against the policy; once for each place. */
export interface PolicyViolation {
  /** An operator without a deterministic implementation ran, or a switch was set back. */
  readonly kind: "operator" | "flipped";
  readonly lever: string;
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
}

/** What was forced on a run from outside. It is part of the recipe: replays force the same. */
export interface PolicyFacts {
  readonly mode: Exclude<PolicyMode, "off">;
  readonly levers: readonly PolicyLever[];
  readonly violations: readonly PolicyViolation[];
}
