import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { fsckStore, openStore } from "#store";

/** What a program said that it had been told is kept. */
export class Acknowledged {
  readonly runs = new Set<string>();
  readonly facts = new Map<string, Set<number>>();
  readonly data = new Set<string>();

  /** Lines of deeds-program. Of a run whose removal was begun nothing is promised. */
  add(lines: readonly string[]): void {
    for (const line of lines) {
      const [kind, what = "", more = ""] = line.split(" ");
      if (kind === "run") this.runs.add(what);
      if (kind === "removing") this.#forget(what);
      if (kind === "data") this.data.add(what);
      if (kind === "fact") this.facts.set(what, (this.facts.get(what) ?? new Set()).add(Number(more)));
    }
  }

  get count(): number {
    return this.runs.size + this.data.size + [...this.facts.values()].reduce((sum, seqs) => sum + seqs.size, 0);
  }

  #forget(id: string): void {
    this.runs.delete(id);
    this.facts.delete(id);
  }

  /** Everything that was acknowledged is there, every object of every run reads right, and fsck agrees. */
  check(root: string, when: string): void {
    // Killed while it was made: the next one finishes that.
    if (!existsSync(join(root, "VERSION"))) openStore(root, { create: true }).close();
    expect(fsckStore(root).findings, when).toEqual([]);
    const store = openStore(root, { create: true });
    try {
      const kept = new Set(store.runs.list({ includeReplays: true }).map(({ id }) => id));
      const lost = [...this.runs].filter((id) => !kept.has(id));
      expect(lost, `runs lost, ${when}`).toEqual([]);
      for (const id of this.runs) expect(store.runs.get(id).id).toBe(id);
      for (const [id, seqs] of this.facts) {
        const there = new Set(store.runs.facts(id).map(({ seq }) => seq));
        expect(
          [...seqs].filter((seq) => !there.has(seq)),
          `facts of ${id} lost, ${when}`,
        ).toEqual([]);
      }
      for (const ref of this.data) {
        for (const { digest } of store.data.entries(store.data.find(ref).manifest))
          expect(digest !== null && store.objects.has(digest), `${ref} lost, ${when}`).toBe(true);
      }
      for (const { id, state } of store.runs.unfinished()) {
        expect(state, `${id} ${when}`).toBe("broken");
        expect(kept.has(id)).toBe(false);
      }
    } finally {
      store.close();
    }
  }
}
