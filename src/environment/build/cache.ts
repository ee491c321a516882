import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Digest, digestHex } from "#record";

/**
 * A folder of environments by digest. `KEY` is a link to `KEY.PID-xxxxxx`, where the environment was built and stays: scripts of
 * environments hold their own path, so it cannot be moved. The link is set last, in one step; without it there is nothing.
 */
export interface EnvironmentCache {
  readonly root: string;
}

const MARK = "reprise-environment.json";
const keyOf = (digest: Digest): string => digestHex(digest).slice(0, 32);

/** The environment of this digest, at the place where it was built; null: there is none. */
export function findCached(cache: EnvironmentCache, digest: Digest): string | null {
  const link = join(cache.root, keyOf(digest));
  try {
    const folder = realpathSync(link);
    return existsSync(join(folder, MARK)) ? folder : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Removes a lock whose owner has ended; the owner writes its number right after it made the file. */
function breakStale(path: string): void {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    const old = Date.now() - statSync(path).mtimeMs > 5000;
    if (Number.isInteger(pid) && pid > 0 ? !isAlive(pid) : old) rmSync(path, { force: true });
  } catch {
    // gone in between
  }
}

async function lock(path: string, onWait: () => void): Promise<() => void> {
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx", mode: 0o600 });
      const release = (): void => rmSync(path, { force: true });
      process.once("exit", release);
      return () => {
        process.off("exit", release);
        release();
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (!waited) onWait();
    breakStale(path);
    await sleep(200);
  }
}

/** What builds that broke off left behind: folders of this key that nothing points to, and whose builder has ended. */
function sweep(cache: EnvironmentCache, key: string): void {
  let current: string | null = null;
  try {
    current = readlinkSync(join(cache.root, key));
  } catch {
    // no link yet
  }
  for (const name of readdirSync(cache.root)) {
    const builder = name.startsWith(`${key}.`) ? /^\.(\d+)-\w+$/.exec(name.slice(key.length))?.[1] : undefined;
    if (builder !== undefined && name !== current && !isAlive(Number(builder)))
      rmSync(join(cache.root, name), { recursive: true, force: true });
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * The environment of this digest, built by `build` into an empty folder where it is not there yet. Of two that ask at once
 * one builds and the other waits; a build that fails or is killed leaves nothing under the key.
 */
export async function cached(
  cache: EnvironmentCache,
  digest: Digest,
  build: (folder: string) => Promise<Readonly<Record<string, unknown>>>,
  onWait: () => void = () => undefined,
): Promise<{ readonly folder: string; readonly fresh: boolean }> {
  mkdirSync(cache.root, { recursive: true, mode: 0o700 });
  const before = findCached(cache, digest);
  if (before !== null) return { folder: before, fresh: false };
  const key = keyOf(digest);
  const release = await lock(join(cache.root, `${key}.lock`), onWait);
  try {
    const meanwhile = findCached(cache, digest);
    if (meanwhile !== null) return { folder: meanwhile, fresh: false };
    sweep(cache, key);
    const folder = mkdtempSync(join(realpathSync(cache.root), `${key}.${process.pid}-`));
    try {
      const mark = await build(folder);
      writeFileSync(join(folder, MARK), `${JSON.stringify(mark, null, 2)}\n`, { flush: true });
      const link = join(cache.root, `${key}.link`);
      rmSync(link, { force: true });
      symlinkSync(folder.slice(folder.lastIndexOf("/") + 1), link);
      renameSync(link, join(cache.root, key));
      syncFolder(cache.root);
      return { folder, fresh: true };
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  } finally {
    release();
  }
}

/** Takes away one that does not work any more, such as when the interpreter below it was removed. */
export function forget(cache: EnvironmentCache, digest: Digest): void {
  const folder = findCached(cache, digest);
  rmSync(join(cache.root, keyOf(digest)), { force: true });
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}

/** What was written beside an environment when it was built. */
export function markOf(folder: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(folder, MARK), "utf8")) as Readonly<Record<string, unknown>>;
}
