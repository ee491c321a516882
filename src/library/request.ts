import { readFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import type { Writable } from "node:stream";
import { RepriseError } from "#record";
import { type Chosen, chooseEnvironment, type EnvironmentChoice, requireAllowed, runHere } from "#replay";
import type { RunRef, Store } from "#store";

/** An environment as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What every question needs. */
export interface Asking {
  readonly store: Store;
  /** Gives the values that a record does not keep; what is not in it is named in the warnings. */
  readonly env: Environment;
  /** Told what is being done, before each replay. An error thrown here ends it. */
  readonly onProgress?: (words: string) => void;
}

/** In which environment a run is done again. */
export interface Surroundings {
  readonly run: RunRef;
  readonly store: Store;
  readonly env: Environment;
  /** "recorded" while it is what the run used, else "rebuild", when left out; "present": the Python that PATH of `env` gives. */
  readonly environment?: EnvironmentChoice;
  /** The folder of rebuilt environments; `reprise/environments` below XDG_CACHE_HOME or HOME/.cache of `env` when left out. */
  readonly environments?: string;
  readonly onProgress?: (words: string) => void;
}

/** Where the output of a program also goes; it is recorded in any case. */
export interface Output {
  readonly stdout?: Writable;
  readonly stderr?: Writable;
}

/** From src/library/ two folders up, from the bundle in dist/ one. */
const MANIFESTS = ["../../package.json", "../package.json"];

function manifestAt(place: string): { readonly name?: string; readonly version?: string } | null {
  try {
    return JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8")) as { name?: string; version?: string };
  } catch {
    return null; // not there: the other one is
  }
}

/** That of this package, which a record keeps. */
export function version(): string {
  for (const place of MANIFESTS) {
    const found = manifestAt(place);
    if (found?.name === "reprise" && found.version !== undefined) return found.version;
  }
  throw new RepriseError("INTERNAL", "internal", "the package of Reprise has no manifest", "install it anew");
}

export function definedOnly(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

export const streams = ({ stdout, stderr }: Output): Output => ({
  ...(stdout === undefined ? {} : { stdout }),
  ...(stderr === undefined ? {} : { stderr }),
});

/** Store, version and environment as the rooms below take them. */
export const placeOf = ({ store, env, onProgress }: Asking) => ({
  store,
  version: version(),
  env: definedOnly(env),
  ...(onProgress === undefined ? {} : { onProgress }),
});

function cacheOf({ environments }: Surroundings, { XDG_CACHE_HOME = "", HOME }: Record<string, string>): string {
  if (environments !== undefined) return resolve(environments);
  if (isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, "reprise", "environments");
  if (HOME !== undefined) return join(HOME, ".cache", "reprise", "environments");
  throw new RepriseError(
    "ENVIRONMENT_UNAVAILABLE",
    "missing",
    "there is no folder to build environments in: env has no HOME, and environments is not given",
    'environments: "/var/cache/environments"',
  );
}

/** The run as it is done again: in the recorded environment, or in the one that was asked for or built. */
export async function chosenRun(request: Surroundings): Promise<Chosen> {
  const { store, run, environment, onProgress } = request;
  const env = definedOnly(request.env);
  const here = runHere(store, run);
  // Before anything of its environment is looked at: that starts the interpreter which its record names.
  requireAllowed(store, here);
  return chooseEnvironment({
    store,
    run: here,
    env,
    cwd: process.cwd(),
    cache: () => ({ root: cacheOf(request, env) }),
    ...(environment === undefined ? {} : { choice: environment }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}
