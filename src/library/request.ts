import { readFileSync } from "node:fs";
import type { Writable } from "node:stream";
import { RepriseError } from "#record";
import type { Store } from "#store";

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
