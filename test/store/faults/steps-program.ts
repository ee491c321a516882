// node steps-program.mjs STORE STEP: does one thing to a store, between two marks that strace sees.
import { accessSync } from "node:fs";
import { openStore } from "#store";
import { sampleRecord } from "../sample-record.ts";

const [root = "", step = ""] = process.argv.slice(2);
const mark = (name: string): void => {
  try {
    accessSync(`/mark/${name}`);
  } catch {
    // it is not there: only that it was asked for matters
  }
};

const store = openStore(root, { create: true });
const steps: Readonly<Record<string, () => void>> = {
  open: () => {},
  put: () => void store.objects.put("some bytes of an object"),
  batch: () => {
    const batch = store.objects.batch();
    for (let index = 0; index < 500; index++) batch.put(`object ${index}`);
    batch.flush();
  },
  commit: () => store.runs.commit(sampleRecord("a-run")),
  fact: () => void store.runs.addFact("a-run", "note", "n"),
};
mark("begin");
try {
  steps[step]?.();
  mark("end");
  process.stdout.write("done\n");
} catch (error) {
  mark("end");
  process.stdout.write(`${(error as { code?: string }).code}\n`);
}
store.close();
