import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RepriseError } from "#record";
import type { Listed, Shelf } from "../shelf/shelf.ts";

const PREFIX = "leases/";
/** A lease that nobody renewed for so long is of a process that is gone. */
const EXPIRES_MS = 2 * 3_600_000;
const RENEW_MS = 5 * 60_000;

/** `data` and the hash of a name: who writes a version under it. */
export type LeaseKind = "push" | "gc" | `data-${string}`;

const kindOf = ({ name }: Listed): string => /^leases\/(push|gc|data-[0-9a-f]{64})-/.exec(name)?.[1] ?? "";

/** Whether two things must not go on at once: collecting and all else, and two that write versions under one name. */
const excludes = (one: string, other: string): boolean =>
  one === "gc" || other === "gc" || (one === other && one !== "push");

/**
 * Says that something is going on at a remote. Who collects garbage and who adds objects first leaves a lease and then looks
 * for those of the others: of two that begin at once at least one sees the other. Ages are by the remote's own clock.
 */
export class Lease {
  readonly #name: string;
  #renewed = 0;

  private constructor(
    readonly shelf: Shelf,
    readonly kind: LeaseKind,
    readonly scratch: string,
  ) {
    this.#name = `${PREFIX}${kind}-${randomUUID()}`;
  }

  /** Throws REMOTE_BUSY: somebody is doing what must not happen at once. */
  static async take(shelf: Shelf, kind: LeaseKind, scratch: string): Promise<Lease> {
    const lease = new Lease(shelf, kind, scratch);
    await lease.renew();
    try {
      const others = await lease.#others();
      const inTheWay = others.find((other) => excludes(kind, kindOf(other)));
      if (inTheWay !== undefined) {
        const what = kindOf(inTheWay) === "gc" ? "its garbage is being collected" : "somebody is pushing to it";
        throw new RepriseError("REMOTE_BUSY", "missing", `${shelf.where}: ${what}`, "try again in a few minutes");
      }
    } catch (error) {
      await lease.release();
      throw error;
    }
    return lease;
  }

  async #others(): Promise<readonly Listed[]> {
    const all = await this.shelf.list(PREFIX);
    const now = all.find(({ name }) => name === this.#name)?.modifiedMs ?? Date.now();
    return all.filter(({ name, modifiedMs }) => name !== this.#name && modifiedMs > now - EXPIRES_MS);
  }

  async renew(): Promise<void> {
    if (Date.now() - this.#renewed < RENEW_MS) return;
    this.#checkAge();
    const path = join(this.scratch, "lease");
    writeFileSync(path, `${this.kind} ${new Date().toISOString()}\n`);
    await this.shelf.put([{ name: this.#name, path }]);
    this.#renewed = Date.now();
  }

  /** Before something is said to be whole: a lease that was lost (this machine slept) has protected nothing. */
  async hold(): Promise<void> {
    this.#checkAge();
    if (!(await this.shelf.sizes([this.#name])).has(this.#name)) throw this.#ranOut();
  }

  /** One that lay there unrenewed for too long counted for nobody, though it still lies there. */
  #checkAge(): void {
    if (this.#renewed > 0 && Date.now() - this.#renewed >= EXPIRES_MS) throw this.#ranOut();
  }

  #ranOut(): RepriseError {
    return new RepriseError(
      "REMOTE_BUSY",
      "missing",
      `${this.shelf.where}: this took so long that its lease ran out`,
      "try again: what is there already is not sent twice",
    );
  }

  async release(): Promise<void> {
    await this.shelf.remove([this.#name]);
  }
}
