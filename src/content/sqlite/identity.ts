import type { Origin, Origins } from "../origin.ts";

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}/gi;

export const holdsId = (text: string): boolean => text.search(ID) >= 0;

/** Which id of the one run stands for which of the other: the same one everywhere, or rows belong to something else. */
export class Identities {
  #there = new Map<string, string>();
  #back = new Map<string, string>();
  #log: string[] = [];

  constructor(readonly origins: Origins) {}

  /** Takes over what two texts say, unless it contradicts what is known. */
  join(a: string, b: string): boolean {
    const left = idsIn(a, this.origins.a);
    const right = idsIn(b, this.origins.b);
    if (left.length !== right.length) return false;
    return left.every((id, index) => this.#pair(id, right[index] ?? ""));
  }

  #pair(a: string, b: string): boolean {
    const [there, back] = [this.#there.get(a), this.#back.get(b)];
    if (there === b && back === a) return true;
    if (there !== undefined || back !== undefined) return false;
    this.#there.set(a, b);
    this.#back.set(b, a);
    this.#log.push(a);
    return true;
  }

  get mark(): number {
    return this.#log.length;
  }

  /** Forgets what was taken over since. */
  backTo(mark: number): void {
    for (const a of this.#log.splice(mark)) {
      this.#back.delete(this.#there.get(a) ?? "");
      this.#there.delete(a);
    }
  }
}

function idsIn(text: string, origin: Origin): string[] {
  let rest = text;
  for (const root of origin.roots.toSorted((a, b) => b.length - a.length))
    if (root.length > 1) rest = rest.replaceAll(root, "");
  return rest.match(ID)?.map((id) => id.replaceAll("-", "").toLowerCase()) ?? [];
}
