// node writer-program.mjs STORE SEED RUNS: commits runs and prints the id of each once it is acknowledged.
import { writeSync } from "node:fs";
import type { Digest } from "#record";
import { openStore } from "#store";
import { recordNaming } from "./sample-record.ts";

const [root = "", seed = "0", count = "10"] = process.argv.slice(2);
let state = Number(seed) + 1;
const random = (below: number): number => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >>> 8) % below;
};

const store = openStore(root, { create: true });
for (let index = 0; index < Number(count); index++) {
  const id = `run-${seed}-${String(index).padStart(4, "0")}`;
  store.runs.begin(id, { name: null, startedAt: new Date().toISOString(), argv: ["true"], replayOf: null });
  const digests: Digest[] = [store.objects.put(`stdout ${id}`), store.objects.put("shared by all")];
  const writer = store.objects.writer();
  for (let piece = 0; piece < 3; piece++) writer.write(Buffer.alloc(random(200_000), random(256)));
  digests.push(writer.finish().digest);
  const batch = store.objects.batch();
  for (let small = random(60); small >= 0; small--) digests.push(batch.put(`small ${id} ${small}`));
  batch.flush();
  store.runs.commit(recordNaming(id, digests));
  writeSync(1, `${id}\n`);
  if (index % 4 === 3) store.collectGarbage();
}
store.close();
writeSync(1, "closed\n");
