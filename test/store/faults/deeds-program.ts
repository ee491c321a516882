// node deeds-program.mjs STORE SEED COUNT [GC-EVERY [GC-AGE]]: does everything that a store is for, and says what was acknowledged, a line each.
// What a line says of a run was durable before it.
import { writeSync } from "node:fs";
import type { Digest } from "#record";
import { openStore } from "#store";
import { recordNaming } from "../sample-record.ts";

const [root = "", seed = "0", count = "10", gcEvery = "4", age = "-60000"] = process.argv.slice(2);
let state = Number(seed) + 1;
const random = (below: number): number => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >>> 8) % below;
};
const say = (...words: string[]): void => void writeSync(1, `${words.join(" ")}\n`);

try {
  const store = openStore(root, { create: true });
  for (let index = 0; index < Number(count); index++) {
    const id = `run-${seed}-${String(index).padStart(4, "0")}`;
    store.runs.begin(id, { name: null, startedAt: new Date().toISOString(), argv: ["true"], replayOf: null });
    const digests: Digest[] = [store.objects.put(`stdout ${id}`), store.objects.put("shared by all")];
    const writer = store.objects.writer();
    for (let piece = 0; piece < 3; piece++) writer.write(Buffer.alloc(random(50_000), random(256)));
    digests.push(writer.finish().digest);
    const batch = store.objects.batch();
    for (let small = random(40); small >= 0; small--) digests.push(batch.put(`small ${id} ${small}`));
    // What nobody names: gc writes what is left of such a pack anew.
    if (index % 3 === 0) for (let at = 0; at < 60; at++) batch.put(`surplus ${id} ${at} `.repeat(90));
    batch.flush();
    store.runs.commit(recordNaming(id, digests));
    say("run", id);
    const { seq } = store.runs.addFact(id, "note", { of: id, at: index });
    say("fact", id, String(seq));
    if (index % 2 === 0) {
      const { version } = store.data.adding(() => {
        const data = store.data.write("folder");
        const files = store.objects.batch();
        for (let at = 100; at < 103; at++) {
          const content = `row of ${id}\n`.repeat(at);
          const bytes = Buffer.byteLength(content);
          data.add({ path: `part-${at}.csv`, kind: "file", mode: "644", bytes, digest: files.put(content) });
        }
        files.flush();
        return store.data.keep({ name: `rows-${seed}`, manifest: data.finish().digest, source: "/data" });
      });
      say("data", `${version.name}@${version.version}`);
    }
    if (random(5) === 0) {
      // Said before: from here on nothing is promised of it.
      say("removing", id);
      store.runs.remove(id);
    }
    if (index % Number(gcEvery) === Number(gcEvery) - 1) {
      store.collectGarbage({ minimumAgeMs: Number(age) });
      say("collected");
    }
  }
  store.close();
  say("closed");
} catch (error) {
  say("error", String((error as { code?: string }).code));
  process.stderr.write(`${(error as Error).stack} ${String((error as Error).cause)}\n`);
  process.exitCode = 4;
}
