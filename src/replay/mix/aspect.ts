import type {
  AgentEvent,
  EnvironmentFacts,
  InputFile,
  NamedSeed,
  PolicyFacts,
  RunRecord,
  SeedMode,
  TerminalFacts,
  VariableFact,
} from "#record";
import type { LineMap } from "../change/file-change.ts";
import type { TreeLine } from "../change/tree.ts";
import type { Stream } from "../vary/conditions.ts";
import type { Choice, Ingredient, Unmixable } from "./ingredient.ts";
import type { PackageNeed } from "./package-need.ts";

/** A run that is being put together: begins as B, and every aspect lays A's part of the choice over it. */
export interface Draft {
  argv: readonly string[];
  executable: RunRecord["command"]["executable"];
  workdir: string;
  terminal: TerminalFacts;
  environment: EnvironmentFacts;
  readonly variables: Map<string, VariableFact>;
  code: RunRecord["code"];
  readonly inputs: Map<string, InputFile>;
  readonly tree: Map<string, TreeLine>;
  policy: PolicyFacts | undefined;
  seedMode: SeedMode;
  root: string | null;
  hashSeed: string | null;
  namedSeeds: readonly NamedSeed[];
  streams: ReadonlyMap<string, Stream>;
  heldEvents: readonly AgentEvent[];
  /** Where the lines of mixed files came from. */
  readonly lines: Map<string, LineMap>;
  packages: readonly PackageNeed[];
}

/** One side of what two runs are made of: what of it differs, and how a mixture gets it. */
export interface Aspect {
  readonly ingredients: readonly Ingredient[];
  readonly unmixable: readonly Unmixable[];
  apply(choice: Choice, draft: Draft): void;
}

/** Paths that lead into A's project lead into B's, which a mixture stands for. */
export function moved(text: string, a: RunRecord, b: RunRecord): string {
  const [from, to] = [a.command.project, b.command.project];
  if (from === to || !text.includes(from)) return text;
  const after = /^(?:$|[/:;,"'\s])/;
  return text.split(from).reduce((done, part) => `${done}${after.test(part) ? to : from}${part}`);
}
