import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { WhyDocument } from "#record";
import { why } from "#replay";
import { environment, gitProject, type Project, PYTHON } from "../../run/project.ts";

/** Runs what the project has and asks why it does not come out again; `hear` is told each question, and may stop the search. */
async function ask(
  project: Project,
  argv: readonly string[],
  hear: (words: string, stop: AbortController) => void,
): Promise<WhyDocument> {
  const baseline = await project.run(argv);
  const stop = new AbortController();
  return why({
    baseline,
    store: project.store,
    version: "test",
    env: environment(),
    budget: { replays: 100 },
    signal: stop.signal,
    onProgress: (words) => hear(words, stop),
  });
}

/** A server that sends one word to whoever connects, and the Python expression that asks it. */
async function answering(answer: () => string): Promise<{ readonly call: string; close(): void }> {
  const server = createServer((socket) => void socket.end(answer()));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const call = `__import__("socket").create_connection(("127.0.0.1", ${port})).recv(1)`;
  return { call, close: () => void server.close() };
}

const THREE = `import random
import numpy as np
first = random.random()
second = np.random.rand()
unused = np.random.default_rng()
third = np.random.default_rng().random()
unused = np.random.default_rng()
unused = np.random.default_rng()
print("loss=%.9f" % (first + second + third))
`;

test("a search that is cut short tells what was shown, and what must be held without calling it proved", async () => {
  const project = gitProject({ "train.py": THREE });
  let alone = 0;
  const found = await ask(project, [PYTHON, "train.py"], (words, stop) => {
    if (words.startsWith("only ")) alone += 1;
    if (alone === 2) stop.abort();
  });
  expect(found.complete).toBe(false);
  expect(new Set(found.causes.map(({ line }) => line))).toEqual(new Set([3, 4, 6]));
  const shown = found.causes.map(({ certainty, proof }) => `${certainty} by ${proof.length}`);
  expect(shown).toContain("proved by 2");
  expect(shown).toContain("consistent by 0");
  expect(new Set(shown).size).toBe(2);
  project.remove();
});

const SLOW = `import random, time
import numpy as np
loss = random.random() + np.random.rand()
time.sleep(0.7)
print("loss=%.9f" % loss)
`;

test("a replay that Ctrl-C cut short shows nothing: neither that results part nor that a cause does it", async () => {
  const project = gitProject({ "train.py": SLOW });
  const found = await ask(project, [PYTHON, "train.py"], (words, stop) => {
    if (!words.startsWith("only ")) return;
    const before = process.listenerCount("SIGINT");
    const press = (): void => {
      if (process.listenerCount("SIGINT") === before) return void setTimeout(press, 20);
      stop.abort();
      // As from a keyboard: exec hears it and passes it on.
      process.emit("SIGINT");
    };
    // Not before the program runs, however busy the machine is.
    setTimeout(press, 100);
  });
  const cut = project.store.runs.list({ includeReplays: true }).filter(({ status }) => status === "interrupted");
  expect(cut).toHaveLength(1);
  expect(found).toMatchObject({ complete: false, reason: "stopped before the search had ended" });
  expect(found.causes.map(({ certainty, proof }) => `${certainty} by ${proof.length}`)).toEqual([
    "consistent by 0",
    "consistent by 0",
  ]);
  project.remove();
});

const WORKERS = readFileSync(join(import.meta.dirname, "cases", "workers.py"), "utf8");

test.each([
  ["trying one worker, one thread (", [], ["threads", "worker-order"]],
  ["trying one worker (", ["worker-order consistent"], []],
])(
  "what an intervention has shown when the search is cut short is told: from the fourth %s",
  async (from, causes, open) => {
    const project = gitProject({ "train.py": WORKERS });
    let under = 0;
    const found = await ask(project, [PYTHON, "train.py"], (words, stop) => {
      if (words.startsWith(from) || under > 0) under += 1;
      if (under === 4) stop.abort();
    });
    expect(found.causes.map(({ kind, certainty }) => `${kind} ${certainty}`)).toEqual(causes);
    expect(found.unresolved.map(({ kind }) => kind).sort()).toEqual(open);
    expect(found.complete).toBe(false);
    project.remove();
  },
);

/** The same from a process that no agent is in: no lever gives its answer back. */
const unseen = (call: string): string =>
  `__import__("subprocess").run([__import__("sys").executable, "-I", "-S", "-c", ${JSON.stringify(`print(${call})`)}], capture_output=True).stdout`;

/** Beside the order of its workers, a flip: every other time, from the first replay on that is to prove one worker. */
async function flipping(asking: (call: string) => string): Promise<Awaited<ReturnType<typeof why>>> {
  let [asked, under] = [0, 0];
  const server = await answering(() => {
    asked += 1;
    return under > 3 && asked % 2 === 0 ? "1" : "0";
  });
  const project = gitProject({ "train.py": `print("flip", ${asking(server.call)})\n${WORKERS}` });
  const found = await ask(project, [PYTHON, "train.py"], (words) => {
    if (words.startsWith("trying one worker (")) under += 1;
  });
  server.close();
  project.remove();
  return found;
}

test("an intervention under which pairs agree at first and part when asked again is no cause", async () => {
  const found = await flipping(unseen);
  expect(found).toMatchObject({ parts: true, complete: false, causes: [] });
  expect(found.reason).toMatch(/under one .* pairs agreed at first and parted when asked again.*what parts: loss/);
});

test("the search goes on then, to what takes the flip away too", async () => {
  const found = await flipping((call) => call);
  expect(found.causes.map(({ kind, certainty }) => `${kind} ${certainty}`).sort()).toEqual([
    "network controlled",
    "worker-order controlled",
  ]);
  expect(found.complete).toBe(true);
});

test("no replays are made to trace lines of a program that cannot be traced", async () => {
  const project = gitProject({ "train.js": 'const w = Math.random();\nconsole.log("loss=" + w);\n' });
  const words: string[] = [];
  const found = await ask(project, [process.execPath, "train.js"], (text) => void words.push(text));
  expect(found.causes).toMatchObject([{ kind: "unseeded-rng", file: "train.js", line: 1, certainty: "proved" }]);
  expect(words.filter((text) => /line|steps/.test(text))).toEqual([]);
  project.remove();
});

test("a replay that was ended where it parted is not held against whole ones", async () => {
  // Another answer from the search for what must be held on, and the same one in every replay from there on.
  let since = "0";
  const server = await answering(() => since);
  const project = gitProject({
    "train.py": `import random, time
print("loss=%.9f" % int(${server.call}), flush=True)
time.sleep(0.7)
print("accuracy=%.9f" % random.random())
`,
  });
  const found = await ask(project, [PYTHON, "train.py"], (words) => {
    if (words.startsWith("what must be held?")) since = "1";
  });
  server.close();
  expect(found).toMatchObject({ parts: true, complete: false, causes: [] });
  expect(found.reason).toMatch(/^replays with everything recorded held agree with one another/);
  project.remove();
});
