interface Variable {
  readonly name: string;
  readonly value: string;
  readonly add?: true;
}

/** What a policy can set. Names are in records and in the agent (agent/python, policy.py): they do not change. */
export interface LeverRule {
  readonly name: string;
  /** Variables of the child, where the user has not set them; `add` goes behind what is there. */
  readonly variable?: Variable;
  /** The library that a process must have loaded; null: any Python process. */
  readonly library?: string | null;
  /** It can end a program that would run without it, so `warn` leaves it. */
  readonly strictOnly?: true;
}

const variable = (name: string, value: string): Variable => ({ name, value });

/** In the order in which they are told. */
export const LEVER_RULES: readonly LeverRule[] = [
  { name: "torch-algorithms", library: "torch" },
  { name: "torch-fill", library: "torch" },
  { name: "cudnn", library: "torch" },
  { name: "tf32", library: "torch" },
  { name: "cublas-workspace", variable: variable("CUBLAS_WORKSPACE_CONFIG", ":4096:8") },
  { name: "inductor", variable: variable("TORCHINDUCTOR_DETERMINISTIC", "1") },
  { name: "flash-attention", variable: variable("FLASH_ATTENTION_DETERMINISTIC", "1") },
  { name: "tensorflow-ops", library: "tensorflow", strictOnly: true },
  {
    name: "xla",
    variable: { name: "XLA_FLAGS", value: "--xla_gpu_deterministic_ops=true", add: true },
    strictOnly: true,
  },
  { name: "lightgbm", library: "lightgbm" },
  { name: "threads", library: null },
  { name: "listing-order", library: null },
  { name: "hash-seed" },
];

/** Levers that act on a graphics processor alone. */
export const GPU_LEVERS: ReadonlySet<string> = new Set([
  "cudnn",
  "tf32",
  "cublas-workspace",
  "flash-attention",
  "xla",
  "tensorflow-ops",
]);
