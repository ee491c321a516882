import {
  canonicalJson,
  type Digest,
  digestOf,
  isUnknown,
  type Json,
  type Known,
  type PackageFact,
  type PackageOrigin,
  type PythonFacts,
  type RunRecord,
  unknown,
} from "#record";
import { withoutCredentials } from "./location.ts";
import { normalName } from "./name.ts";
import { platformOf } from "./platform.ts";
import { requirementOf, taggedIndexes } from "./requirement.ts";

const RECIPE_FORMAT = "reprise/environment@1";

/** What a record asks of an environment: enough to make it again on another machine. Holds no secret. */
export interface EnvironmentRecipe {
  readonly format: typeof RECIPE_FORMAT;
  /** Of all that it asks, and of nothing else: two runs with one digest can share an environment. */
  readonly digest: Digest;
  readonly python: { readonly version: string; readonly implementation: string };
  /** Such as x86_64-linux-gnu. */
  readonly platform: Known<string>;
  readonly manager: PythonFacts["manager"];
  readonly packages: readonly PackageFact[];
  /** Indexes beside the usual one that have builds with a local tag (+cpu). */
  readonly indexes: readonly string[];
  /** Of the project's files that say what it wants. */
  readonly lockFiles: readonly { readonly path: string; readonly digest: Known<Digest> }[];
  /** As pip and uv read it, without hashes. */
  readonly requirements: string;
  /** What the text cannot say, in words. */
  readonly notes: readonly string[];
}

/** Names come from records of others: none of them ends a comment. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?");

function cleaned(origin: PackageOrigin): PackageOrigin {
  return "url" in origin ? { ...origin, url: withoutCredentials(origin.url) } : origin;
}

/** The origin as far as it decides what is installed: who installed it does not. */
function askedOrigin(origin: PackageOrigin): Json {
  if (origin.kind === "registry" || origin.kind === "unclear") return "registry";
  return JSON.parse(JSON.stringify(origin)) as Json;
}

function digestOfAsked(python: PythonFacts, packages: readonly PackageFact[], platform: Known<string>): Digest {
  const asked: Json = {
    python: `${python.implementation} ${python.version}`,
    platform: isUnknown(platform) ? null : platform,
    conda: python.manager === "conda",
    packages: packages.map(({ name, version, origin }) => [normalName(name), version, askedOrigin(origin)]),
  };
  return digestOf(canonicalJson(asked));
}

/** The recipe of a run's environment; unknown where the run told of no Python. */
export function environmentRecipe(run: RunRecord): Known<EnvironmentRecipe> {
  const { python, lockFiles } = run.environment;
  if (isUnknown(python)) return unknown(python.unknown);
  if (isUnknown(python.packages)) return unknown(`its packages are not known: ${python.packages.unknown}`);
  const packages = python.packages.map((item) => ({ ...item, origin: cleaned(item.origin) }));
  const platform = platformOf(run);
  const indexes = taggedIndexes(packages);
  const said = packages.map(requirementOf);
  const lines = said.flatMap((item) => ("line" in item ? [item.line] : []));
  const notes = said.flatMap((item) => ("why" in item ? [item.why] : []));
  const head = [
    `# ${python.implementation} ${python.version}${isUnknown(platform) ? "" : ` on ${platform}`}: the environment of run ${run.id}`,
    ...notes.map((note) => `# not here: ${oneLine(note)}`),
    ...indexes.map((index) => `--extra-index-url ${index}`),
  ];
  return {
    format: RECIPE_FORMAT,
    digest: digestOfAsked(python, packages, platform),
    python: { version: python.version, implementation: python.implementation },
    platform,
    manager: python.manager,
    packages,
    indexes,
    lockFiles,
    requirements: `${[...head, ...lines].join("\n")}\n`,
    notes,
  };
}
