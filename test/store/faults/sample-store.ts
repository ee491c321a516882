import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Digest, digestOf, isUnknown, RepriseError } from "#record";
import { openStore } from "#store";
import { recordNaming } from "../sample-record.ts";

const LOOSE = ["a", "some words", "z".repeat(5000)];
const PACKED = Array.from({ length: 20 }, (_, index) => `packed ${index}`);

/** What any content is; objects are asked for by these. */
const CONTENTS = new Map<Digest, string>([...LOOSE, ...PACKED].map((text) => [digestOf(text), text]));
const RUNS = ["first-run", "second-run", "third-run", "late-run"];

/**
 * A small store with something in every one of its files, as a process leaves it that is killed: the log of SQLite holds
 * the last run. `files` is a folder of files whose digests it remembers.
 */
export function makeStore(folder: string): { readonly root: string; readonly files: string } {
  const [live, root, files] = [join(folder, "live"), join(folder, "store"), join(folder, "files")];
  mkdirSync(files);
  for (const name of ["one", "two"]) writeFileSync(join(files, name), name);
  const first = openStore(live, { create: true });
  const loose = LOOSE.map((text) => first.objects.put(text));
  const batch = first.objects.batch();
  const packed = PACKED.map((text) => batch.put(text));
  batch.flush();
  first.runs.commit(recordNaming("first-run", loose, { name: "one", tags: { a: "b" } }));
  first.runs.commit(recordNaming("second-run", [...loose.slice(0, 1), ...packed]));
  first.runs.commit(
    recordNaming("third-run", loose.slice(1, 2), { replay: { of: "first-run", varied: [], held: [] } }),
  );
  first.runs.addFact("first-run", "verdict", { word: "reproduced", replays: 3 });
  first.runs.addFact("second-run", "note", "looks right");
  first.runs.begin("broken-run", {
    name: null,
    startedAt: "2026-03-02T03:04:05.678Z",
    argv: ["x"],
    replayOf: null,
    pid: 2 ** 22 + 1,
  });
  first.data.adding(() => {
    const writer = first.data.write("folder");
    writer.add({ path: "a", kind: "file", mode: "644", bytes: 1, digest: loose[0] ?? digestOf("a") });
    first.data.keep({ name: "letters", manifest: writer.finish().digest, source: "/data" });
  });
  first.close();
  const store = openStore(live, { create: false });
  store.files.digestFiles(["one", "two"].map((name) => join(files, name)));
  store.runs.commit(recordNaming("late-run", loose.slice(0, 1), { startedAt: "2026-05-02T03:04:05.678Z" }));
  store.runs.addFact("late-run", "note", "late");
  cpSync(live, root, { recursive: true });
  store.close();
  return { root, files };
}

export type Answers = ReadonlyMap<string, string>;

const ABSENT = "absent";

function answer(work: () => unknown): string {
  try {
    return JSON.stringify(work()) ?? ABSENT;
  } catch (error) {
    if (error instanceof RepriseError && error.code !== "INTERNAL") return `error ${error.code}`;
    throw error;
  }
}

/** Everything that a store can be asked, each question alone: the answer, or the code of the error. */
export function ask(root: string, files: string): Answers {
  const all = new Map<string, string>();
  const opened = answer(() => {
    const store = openStore(root, { create: false });
    const { runs, objects } = store;
    const put = (question: string, work: () => unknown): void => void all.set(question, answer(work));
    try {
      put("list", () => runs.list());
      put("last", () => runs.find("@last").id);
      for (const id of RUNS) {
        put(`find ${id}`, () => runs.find(id));
        put(`record ${id}`, () => runs.get(id));
        put(`facts ${id}`, () => runs.facts(id).map(({ kind, value }) => [kind, value]));
      }
      put("unfinished", () => runs.unfinished().map(({ id, name, state }) => [id, name, state]));
      put("data", () => store.data.list());
      put("key", () => [...store.key()]);
      for (const [digest, text] of CONTENTS)
        put(`object ${text.slice(0, 12)}`, () => Buffer.from(objects.read(digest)).toString());
      for (const name of ["one", "two"])
        put(`file ${name}`, () => {
          const [hashed] = store.files.digestFiles([join(files, name)]).values();
          return hashed === undefined || isUnknown(hashed) ? null : hashed.digest;
        });
    } finally {
      store.close();
    }
    return null;
  });
  if (opened !== "null") all.set("open", opened);
  return all;
}

const isRefused = (text: string): boolean => text.startsWith("error ");

/** Facts and list entries: each must be one of the right ones, none need be there. */
const isPart = (right: string, given: string): boolean => {
  const [all, some] = [JSON.parse(right) as unknown, JSON.parse(given) as unknown];
  if (!Array.isArray(all) || !Array.isArray(some)) return false;
  const known = new Set(all.map((one) => JSON.stringify(one)));
  return some.every((one) => known.has(JSON.stringify(one)));
};

export interface Judged {
  /** Questions whose answer is something that was never kept. */
  readonly wrong: readonly string[];
  /** Whether all is answered as before. */
  readonly same: boolean;
}

/** Holds answers against those of the whole store. */
export function judge(right: Answers, given: Answers): Judged {
  const wrong: string[] = [];
  let same = !given.has("open");
  for (const [question, text] of given) {
    const before = right.get(question);
    if (text === before) continue;
    same = false;
    if (isRefused(text)) continue;
    // Less than there was is a loss, which fsck must find; something else is a lie. Which run is the last follows from the list.
    if (before !== undefined && (question === "last" || isPart(before, text))) continue;
    wrong.push(`${question}: ${text.slice(0, 200)}`);
  }
  return { wrong, same };
}
