import { existsSync, readdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { RepriseError } from "#record";
import type { Context } from "../context.ts";
import { readRemotes } from "../transfer/remotes.ts";

const MARKER = "reprise-remote.json";

const usage = (what: string, hint: string): RepriseError => new RepriseError("USAGE", "usage", what, hint);

/**
 * Whether a word is a remote: a name of one, an address, a path, or a folder that is one. A bare word else is data: beside
 * `pets` there is a folder `pets` more often than not.
 */
function isRemote(word: string, context: Context): boolean {
  if (Object.hasOwn(readRemotes(context), word) || word.includes("/")) return true;
  return word === "." || word === ".." || existsSync(resolve(context.cwd, word, MARKER));
}

/** Pushing into a folder with other things would leave our objects among them: a path of data is easily typed here. */
function checkFolder(word: string, context: Context): void {
  if (word.includes("://")) return;
  const folder = resolve(context.cwd, word);
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined || existsSync(resolve(folder, MARKER))) return;
  if (stat.isDirectory() && readdirSync(folder).length === 0) return;
  throw usage(
    `${word} is no remote: other things lie there`,
    "a new folder for the remote; data is meant by its name: reprise data ls",
  );
}

export interface DataWords {
  readonly refs: readonly string[];
  readonly remote: string;
}

/** [DATA…] [REMOTE]: the last word, or the only remote that has a name. */
export function dataWords(words: readonly string[], verb: "push" | "pull", context: Context): DataWords {
  const last = words.at(-1);
  if (last !== undefined && isRemote(last, context)) {
    if (!Object.hasOwn(readRemotes(context), last)) checkFolder(last, context);
    return { refs: words.slice(0, -1), remote: last };
  }
  const named = Object.keys(readRemotes(context));
  const [only] = named;
  if (only !== undefined && named.length === 1) return { refs: words, remote: only };
  const hint =
    only === undefined
      ? "reprise remote add NAME ADDRESS, or give an address: ./folder, s3://bucket/prefix, ssh://host/path"
      : `reprise data ${verb} ${[...words, named.join("|")].join(" ")}`;
  throw usage(only === undefined ? "which remote? there is none yet" : `which remote? ${named.join(", ")}`, hint);
}

/** One name for all that goes: of versions of one name alone. */
export function checkAs(as: string | undefined, names: readonly string[]): void {
  if (as !== undefined && new Set(names).size !== 1)
    throw usage("--as takes the versions of one name", "reprise data push NAME@2 REMOTE --as ANOTHER-NAME");
}
