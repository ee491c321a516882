import {
  type AgentEvent,
  type AgentFacts,
  type PolicyFacts,
  type PolicyLever,
  type PolicyMode,
  type PolicyViolation,
  RepriseError,
  type RunRecord,
  type Warning,
} from "#record";
import { LEVER_RULES, type LeverRule } from "./policy-lever.ts";
import type { SeedChoice } from "./seed.ts";

/** What a run is to be held to. */
export interface PolicyChoice {
  readonly mode: PolicyMode;
  /** Numbers of threads as recorded, such as "OMP_NUM_THREADS=2"; left out: as many as would be used. */
  readonly threads?: string;
  /** Only these levers; all of the mode when left out. */
  readonly only?: readonly string[];
}

const MODES: readonly PolicyMode[] = ["off", "warn", "strict"];
const FIXED_HASH_SEED = "0";

/** `off`, `warn` or `strict`, as `--deterministic` takes them. Throws RepriseError POLICY_INVALID. */
export function parsePolicy(text: string): PolicyChoice {
  const mode = MODES.find((known) => known === text);
  if (mode !== undefined) return { mode };
  throw new RepriseError(
    "POLICY_INVALID",
    "usage",
    `--deterministic ${text}: not a policy; there are off, warn and strict`,
    "reprise run --deterministic warn -- python train.py",
  );
}

const NUMBERS = /^[A-Z_]+_NUM_THREADS=\d+( |$)/;

/** The policy of a recorded run, for its replays: the same levers, the same numbers. */
export function policyOf({ policy }: RunRecord): PolicyChoice {
  if (policy === undefined) return { mode: "off" };
  const threads = policy.levers.find(
    ({ name, state, what }) => name === "threads" && state === "set" && NUMBERS.test(what),
  );
  return {
    mode: policy.mode,
    only: policy.levers.filter(({ state }) => state !== "left").map(({ name }) => name),
    ...(threads === undefined ? {} : { threads: threads.what }),
  };
}

function rulesOf({ mode, only }: PolicyChoice): LeverRule[] {
  if (mode === "off") return [];
  return LEVER_RULES.filter(
    (rule) => (only?.includes(rule.name) ?? true) && (mode === "strict" || rule.strictOnly !== true),
  );
}

/** The hash seed that the policy fixes: where neither the user nor a declared seed does. */
export function policyHashSeed(
  choice: PolicyChoice,
  seed: SeedChoice,
  env: Readonly<Record<string, string>>,
): string | null {
  const own = (env["PYTHONHASHSEED"] ?? "") !== "" || seed.mode === "declared";
  return own || !rulesOf(choice).some(({ name }) => name === "hash-seed") ? null : FIXED_HASH_SEED;
}

interface Variable {
  readonly lever: PolicyLever;
  readonly env: Readonly<Record<string, string>>;
}

function variableOf(rule: LeverRule, env: Readonly<Record<string, string>>): Variable | null {
  const { name, variable } = rule;
  if (variable === undefined) return null;
  const before = env[variable.name] ?? "";
  const flag = variable.value.split("=")[0] ?? "";
  if (before !== "" && (variable.add !== true || before.includes(flag)))
    return {
      lever: { name, state: "kept", what: variable.name, why: "set already" },
      env: {},
    };
  const value = before === "" ? variable.value : `${before} ${variable.value}`;
  return {
    lever: { name, state: "set", what: `${variable.name}=${variable.value}`, why: null },
    env: { [variable.name]: value },
  };
}

/** Variables that a policy adds to the child's, for the agent and for libraries. */
export function policyEnvironment(
  choice: PolicyChoice,
  env: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (choice.mode === "off") return {};
  const rules = rulesOf(choice);
  const inside = rules.filter((rule) => rule.library !== undefined).map(({ name }) => name);
  return {
    REPRISE_POLICY: `${choice.mode}:${inside.join(",")}`,
    ...(choice.threads === undefined ? {} : { REPRISE_THREADS: choice.threads }),
    ...Object.fromEntries(rules.flatMap((rule) => Object.entries(variableOf(rule, env)?.env ?? {}))),
  };
}

interface Question {
  readonly choice: PolicyChoice;
  readonly env: Readonly<Record<string, string>>;
  /** As the child had it, and whether the policy fixed it. */
  readonly hashSeed: { readonly seed: string | null; readonly ours: boolean };
  readonly events: readonly AgentEvent[];
  readonly agent: AgentFacts;
  readonly relative: (path: string) => string;
}

function insideLevers({ name, library }: LeverRule, { events, agent }: Question): PolicyLever[] {
  const told = new Map<string, PolicyLever>();
  for (const event of events) {
    if (event.e !== "policy" || event.lever !== name) continue;
    const { state, what, why } = event;
    // Children find what their parent has set.
    if (state === "kept" && told.size > 0) continue;
    if (!told.has(`${state}${what}`)) told.set(`${state}${what}`, { name, state, what, why });
  }
  if (told.size > 0) return [...told.values()];
  if (agent.state === "none")
    return [{ name, state: "failed", what: name, why: agent.reason ?? "the agent could not get in" }];
  const why = library === null || library === undefined ? "no Python process" : `no process imported ${library}`;
  return [{ name, state: "idle", what: name, why }];
}

function leversOf(question: Question): PolicyLever[] {
  const { choice, env, hashSeed } = question;
  if (choice.mode === "off") return [];
  const rules = new Set(rulesOf(choice));
  return LEVER_RULES.flatMap((rule): PolicyLever[] => {
    const { name } = rule;
    if (!rules.has(rule)) {
      const why =
        rule.strictOnly === true && choice.mode === "warn" ? "it can end a program: strict only" : "not asked for";
      return [{ name, state: "left", what: name, why }];
    }
    if (rule.library !== undefined) return insideLevers(rule, question);
    const variable = variableOf(rule, env);
    if (variable !== null) return [variable.lever];
    const what = `PYTHONHASHSEED=${hashSeed.seed ?? ""}`;
    const why = hashSeed.ours ? null : "set already, or from the declared seed";
    return [{ name, state: hashSeed.ours ? "set" : "kept", what, why }];
  });
}

/** What the policy set and what went against it; null where there was none. */
export function policyFacts(question: Question): PolicyFacts | null {
  const { choice, events, relative } = question;
  if (choice.mode === "off") return null;
  const violations = new Map<string, PolicyViolation>();
  for (const event of events) {
    if (event.e !== "violation") continue;
    const { kind, lever, name, l: line } = event;
    const file = event.f === null ? null : relative(event.f);
    violations.set([kind, name, file, line].join("\0"), { kind, lever, name, file, line });
  }
  return { mode: choice.mode, levers: leversOf(question), violations: [...violations.values()] };
}

const SHOWN = 10;

/** For people: what the policy could not hold. */
export function policyWarnings(policy: PolicyFacts | null): Warning[] {
  if (policy === null) return [];
  const failed = policy.levers.filter(({ state }) => state === "failed");
  const places = policy.violations.map(({ kind, name, file, line }) => {
    const place = file === null ? "" : `${file}:${line}: `;
    return kind === "operator"
      ? `${place}${name} has no deterministic implementation`
      : `${place}${name} was set back${file === null ? ", at a line that was not seen" : ""}`;
  });
  const more = places.length - SHOWN;
  return [
    ...failed.map(({ name, why }) => ({ code: "policy-failed", message: `${name} could not be set: ${why ?? ""}` })),
    ...places.slice(0, SHOWN).map((message) => ({ code: "policy-violation", message })),
    ...(more > 0 ? [{ code: "policy-violation", message: `${more} more places go against the policy` }] : []),
  ];
}
