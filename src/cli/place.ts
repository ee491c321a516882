import { realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { findProject } from "#capture";
import { RepriseError } from "#record";
import type { Store } from "#store";
import { type Config, loadConfig } from "./config.ts";
import type { Context } from "./context.ts";

const STORE_NAME = ".reprise";

/** The project that we stand in, what it configures, and where its runs are kept. */
export interface Place {
  readonly project: string;
  readonly config: Config;
  readonly store: string;
}

const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** With the links of the part that exists resolved, so that none leads out unseen. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), relative(parent, path));
  }
}

/** A project comes from others: its configuration must not send the records elsewhere unasked. */
function configured(config: Config, path: string, project: string, env: Context["env"]): string {
  const folder = realPath(resolve(dirname(config.file ?? project), path));
  if (isInside(folder, project) || env.REPRISE_TRUST_CONFIG === "1") return folder;
  throw new RepriseError(
    "CONFIG_UNTRUSTED",
    "config",
    `${config.file ?? ""} puts the store outside the project, into ${folder}`,
    `allow it with REPRISE_TRUST_CONFIG=1, or name the folder yourself: --store '${folder}'`,
  );
}

/** A store of ours, from here upwards; homes and other users' folders do not count. */
function storeAbove(cwd: string): string | null {
  const home = realPath(homedir());
  for (let folder = cwd; folder !== home && folder !== dirname(folder); folder = dirname(folder)) {
    const stat = statSync(join(folder, STORE_NAME, "VERSION"), { throwIfNoEntry: false });
    if (stat !== undefined && (process.getuid === undefined || stat.uid === process.getuid()))
      return join(folder, STORE_NAME);
  }
  return null;
}

/**
 * Where the store is: --store, REPRISE_HOME, the project's configuration, else `.reprise` beside the project. Commands
 * that only read also find one further up.
 */
export async function findPlace(context: Context, flag: string | undefined, use: "read" | "write"): Promise<Place> {
  const cwd = realPath(context.cwd);
  const project = findProject(cwd).root;
  const config = await loadConfig(cwd, project);
  if (flag === "") throw new RepriseError("USAGE", "usage", "--store needs a folder", "--store DIR");
  const named = flag ?? (context.env.REPRISE_HOME || undefined);
  if (named !== undefined) return { project, config, store: isAbsolute(named) ? named : resolve(cwd, named) };
  if (config.store.path !== undefined)
    return { project, config, store: configured(config, config.store.path, project, context.env) };
  const above = use === "read" ? storeAbove(cwd) : null;
  return { project, config, store: above ?? join(project, STORE_NAME) };
}

/** Opens the store of this place, does the work, closes it whatever comes. */
export async function withStore<T>(
  place: Place,
  how: { readonly create?: boolean; readonly readonly?: boolean },
  work: (store: Store) => T | Promise<T>,
): Promise<T> {
  const { openStore } = await import("#store");
  const store = openStore(place.store, {
    create: how.create === true,
    ...(how.readonly === true ? { readonly: true } : {}),
  });
  try {
    return await work(store);
  } finally {
    store.close();
  }
}
