import { type Hashed, hashedIn, hashShare, waitForOthers, workOn } from "./hash-share.ts";
import { PATIENCE_MS, type Threads } from "./threads.ts";

export interface ToHash {
  readonly path: string;
  readonly bytes: number;
}

/** A thread takes some 50 ms to start, on a core that this one may need (measured): below this nothing was gained. */
const LEAST_MS = 100;
/** Once they run, to tell them takes next to nothing. */
const LEAST_RUNNING_MS = 5;
const BYTES_A_MS = 2e6;
const FILES_A_MS = 100;

const FILES_AT_ONCE = 1 << 16;

/** Hashes files by several threads. This one works too, so all of it is synchronous. */
export class HashPool {
  constructor(private readonly threads: Threads) {}

  /**
   * What files hold, for as many as could be hashed; nothing when it would not pay. A file that is left out, or that looks
   * otherwise by now, is to be read in the usual way, which tells why.
   */
  hash(files: readonly ToHash[]): ReadonlyMap<string, Hashed> {
    const work = files.reduce((sum, { bytes }) => sum + bytes / BYTES_A_MS + 1 / FILES_A_MS, 0);
    const least = this.threads.running === 0 ? LEAST_MS : LEAST_RUNNING_MS;
    if (files.length < 2 || work < least || this.threads.start(files.length - 1) === 0) return new Map();
    const found = new Map<string, Hashed>();
    for (let at = 0; at < files.length; at += FILES_AT_ONCE) {
      // The largest first: the end, where one thread waits for the others, is short then.
      const lot = files.slice(at, at + FILES_AT_ONCE).sort((a, b) => b.bytes - a.bytes);
      for (const [path, hashed] of this.#together(lot.map(({ path }) => path))) found.set(path, hashed);
    }
    return found;
  }

  #together(paths: readonly string[]): ReadonlyMap<string, Hashed> {
    const share = hashShare(paths);
    this.threads.shareAll(share);
    workOn(share);
    if (!waitForOthers(share, PATIENCE_MS)) this.threads.giveUp();
    return hashedIn(share);
  }
}
