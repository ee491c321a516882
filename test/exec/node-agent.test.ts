import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { describe, expect, test } from "vitest";
import { type AgentOptions, agentEnvironment, type Events, readEvents } from "#exec";
import type { AgentEvent } from "#record";
import { environment, folder, type Ran, ran } from "./driver.ts";

interface Recorded extends Ran {
  readonly events: Events;
  readonly project: string;
  readonly keep: string;
}

/** Runs `main` of the files with the agent inside. */
async function recorded(
  files: Record<string, string>,
  options: Partial<AgentOptions> = {},
  main?: string[],
): Promise<Recorded> {
  const [project, eventsDir, keep] = [folder(), folder(), folder()];
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(project, name, ".."), { recursive: true });
    writeFileSync(join(project, name), text);
  }
  const own = environment();
  const start = Date.now() / 1000 + 0.02;
  while (Date.now() / 1000 <= start);
  const agent = agentEnvironment({ env: own, eventsDir, project, root: "root", keep, start, ...options });
  const argv = main ?? [process.execPath, Object.keys(files)[0] ?? ""];
  const result = await ran(argv, { cwd: project, env: { ...own, ...agent } });
  return { ...result, events: await readEvents(eventsDir), project, keep };
}

const only = <K extends AgentEvent["e"]>(events: Events, kind: K): Extract<AgentEvent, { e: K }>[] =>
  events.events.filter((event): event is Extract<AgentEvent, { e: K }> => event.e === kind);

describe("Math.random", () => {
  const DRAW = {
    "main.mjs": `import { Worker } from "node:worker_threads"; import { execFileSync } from "node:child_process"; import { x } from "./other.mjs";
      console.log(x, Math.random());
      console.log(execFileSync(process.execPath, ["-p", "Math.random()"], { encoding: "utf8" }));
      console.log(execFileSync("sh", ["-c", "node -p 'Math.random()'; node -p 'Math.random()'"], { encoding: "utf8" }));
      new Worker("console.log(Math.random())", { eval: true });`,
    "other.mjs": "export const x = Math.random();\n",
  };

  test("an equal root gives equal numbers in every process and thread, another root others", async () => {
    const [a, b, c] = [await recorded(DRAW), await recorded(DRAW), await recorded(DRAW, { root: "other" })];
    expect(a.err).toBe("");
    expect(a.out).toBe(b.out);
    const numbers = (text: string): string[] => text.match(/0\.\d+/g) ?? [];
    expect(new Set([...numbers(a.out), ...numbers(c.out)]).size).toBe(12);
    expect(only(a.events, "gen").map(({ f, l }) => `${f}:${l}`)).toEqual(
      expect.arrayContaining(["other.mjs:1", "main.mjs:2"]),
    );
    const keys = (events: Events): string[] =>
      only(events, "hello")
        .map((one) => one.proc)
        .sort();
    expect(new Set(keys(a.events)).size).toBe(5);
    expect(keys(a.events)).toEqual(keys(b.events));
  });

  test("a line of TypeScript is told where it was written, not where its compiled code stands", async () => {
    const text = `interface Never {\n  used: string;\n}\nconst unused: Never | null = null;\n\nfunction draw(): number {\n  return Math.random();\n}\nconsole.log(draw(), unused);\n`;
    const { code } = await transform(text, {
      loader: "ts",
      sourcefile: "main.ts",
      sourcemap: "inline",
      minifyWhitespace: true,
    });
    const files = { "main.js": code, "main.ts": text };
    for (const [options, place] of [
      [["--enable-source-maps"], "main.ts:7"],
      [[], "main.js:1"],
    ] as const) {
      const { events } = await recorded(files, {}, [process.execPath, ...options, "main.js"]);
      expect(only(events, "gen").map(({ f, l }) => `${f}:${l}`)).toEqual([place]);
    }
  });

  test("without a root it is left alone", async () => {
    const files = { "a.js": "console.log(Math.random(), Math.random.toString())" };
    const [a, b] = [await recorded(files, { root: null }), await recorded(files, { root: null })];
    expect(a.out).not.toBe(b.out);
    expect(a.out).toContain("[native code]");
    expect(only(a.events, "gen")).toEqual([]);
  });

  test("its numbers are spread as random ones are", async () => {
    const main = `const n = 1e6, bins = new Array(100).fill(0); let sum = 0, equal = 0, last = -1;
      for (let i = 0; i < n; i++) { const x = Math.random(); if (!(x >= 0 && x < 1)) throw x; sum += x; bins[Math.floor(x * 100)]++; if (x === last) equal++; last = x; }
      const chi = bins.reduce((s, b) => s + (b - n / 100) ** 2 / (n / 100), 0);
      console.log(JSON.stringify({ mean: sum / n, chi, equal }));`;
    const { mean, chi, equal } = JSON.parse((await recorded({ "a.js": main })).out) as Record<string, number>;
    expect(Math.abs((mean ?? 0) - 0.5)).toBeLessThan(0.0015);
    expect(chi).toBeGreaterThan(50);
    expect(chi).toBeLessThan(170);
    expect(equal).toBe(0);
  });

  test("its stream can be taken from another run", async () => {
    const files = { "a.js": "console.log(Math.random())" };
    const streams = join(folder(), "streams");
    writeFileSync(streams, "elsewhere:1\tx\nMath.random\troot\n");
    expect((await recorded(files, { root: "new", streams })).out).toBe((await recorded(files)).out);
  });
});

test("files read, written, renamed and removed are told, with their old content", async () => {
  const main = `const fs = require("node:fs"); const { readFile, open } = require("node:fs/promises");
    fs.readFileSync("in.txt", "utf8"); fs.existsSync("in.txt");
    (async () => {
      await readFile(new URL("file://" + __dirname + "/in2.txt"));
      const handle = await open("in3.txt"); await handle.close();
      fs.createReadStream("in4.txt").resume();
      fs.createWriteStream("out1.txt").end("x");
      fs.writeFileSync("old.txt", "new"); fs.appendFileSync("old.txt", "more");
      fs.writeFileSync("tmp", "x"); fs.renameSync("tmp", "old2.txt"); fs.unlinkSync("gone.txt");
      try { fs.readFileSync("missing") } catch { /* it is not there */ }
    })();`;
  const old = {
    "in.txt": "1",
    "in2.txt": "2",
    "in3.txt": "3",
    "in4.txt": "4",
    "old.txt": "before",
    "old2.txt": "before2",
    "gone.txt": "g",
  };
  const { events, project, keep, err } = await recorded({ "a.js": main, ...old });
  expect(err).toBe("");
  const name = (p: string): string => p.slice(project.length + 1);
  const reads = only(events, "read").map(({ p }) => name(p));
  expect(reads.filter((p) => p.endsWith(".txt"))).toEqual(["in.txt", "in2.txt", "in3.txt", "in4.txt"]);
  const writes = only(events, "write").map(({ p, m, existed }) => [name(p), m, existed]);
  expect(writes).toEqual(
    expect.arrayContaining([
      ["out1.txt", "w", false],
      ["old.txt", "w", true],
      ["tmp", "w", false],
    ]),
  );
  expect(writes.length).toBe(3);
  expect(only(events, "rename").map(({ p, to, existed }) => [name(p), name(to), existed])).toEqual([
    ["tmp", "old2.txt", true],
  ]);
  expect(only(events, "remove").map(({ p }) => name(p))).toEqual(["gone.txt"]);
  expect(
    readdirSync(keep)
      .map((one) => readFileSync(join(keep, one), "utf8"))
      .sort(),
  ).toEqual(["before", "before2", "g"]);
});

test("modules are told at the end, of both kinds, packages once each", async () => {
  const files = {
    "main.mjs": `import "./b.cjs"; import "pkg"; import("./late.mjs");`,
    "b.cjs": "require('./c.js')",
    "c.js": "",
    "late.mjs": "export {};",
    "node_modules/pkg/package.json": `{"name":"pkg","main":"index.js"}`,
    "node_modules/pkg/index.js": "require('./deep.js')",
    "node_modules/pkg/deep.js": "",
  };
  const [end] = only((await recorded(files)).events, "end");
  expect(end?.modules.map(([name]) => name)).toEqual(
    expect.arrayContaining(["b.cjs", "c.js", "late.mjs", "main.mjs", "pkg"]),
  );
  expect(end?.modules.length).toBe(5);
  expect(end?.maps.some((path) => path.includes("libc"))).toBe(true);
});

test("clock and entropy asked for by the user's own files are noted, and not changed", async () => {
  const files = {
    "a.js": `const { randomUUID, randomBytes } = require("node:crypto");
console.log(JSON.stringify([Date.now(), randomUUID(), randomBytes(4).toString("hex"), require("dep")()]));`,
    "node_modules/dep/index.js": "module.exports = () => Date.now();",
  };
  const { events, out } = await recorded(files);
  const [clock, uuid, bytes] = JSON.parse(out) as [number, string, string];
  expect(only(events, "val").map(({ kind, name, f, l, v }) => [kind, name, f, l, v])).toEqual([
    ["clock", "Date.now", "a.js", 2, String(clock)],
    ["os-entropy", "crypto.randomUUID", "a.js", 2, uuid],
    ["os-entropy", "crypto.randomBytes", "a.js", 2, bytes],
  ]);
});

test("recorded values are given back at the same calls, and a clock goes on from there", async () => {
  const files = {
    "a.js": `const { randomUUID, randomBytes } = require("node:crypto");
const now = () => Date.now();
console.log(JSON.stringify([now(), randomUUID(), randomBytes(4).toString("hex")]));
setTimeout(() => console.log(now()), 30);`,
  };
  const first = await recorded(files);
  const hold = join(folder(), "hold");
  const lines = only(first.events, "val").filter((event) => !(event.kind === "clock" && event.n > 0));
  writeFileSync(hold, lines.map((event) => `${JSON.stringify({ proc: "0", ...event })}\n`).join(""));
  const second = await recorded(files, { hold });
  const [values, later] = second.out.split("\n");
  expect(values).toBe(first.out.split("\n")[0]);
  const [clock] = JSON.parse(values ?? "") as [number];
  expect(Number(later) - clock).toBeGreaterThanOrEqual(25);
  expect(Number(later) - clock).toBeLessThan(2000);
});

describe("the program notices nothing", () => {
  test.each([
    [
      "ten listeners on exit",
      "for (let i = 0; i < 10; i++) process.on('exit', () => {}); console.log(process.listenerCount('exit'))",
      "10\n",
      0,
    ],
    ["its exit code", "process.on('exit', () => console.log('bye')); process.exit(3)", "bye\n", 3],
    [
      "its own prepareStackTrace",
      "Error.prepareStackTrace = () => 'mine'; Math.random(); Date.now(); console.log(new Error().stack, Error.stackTraceLimit)",
      "mine 10\n",
      0,
    ],
    ["its own Math.random", "Math.random = () => 4; console.log(Math.random())", "4\n", 0],
    [
      "names and lengths",
      "const fs = require('fs'); console.log(fs.openSync.name, fs.readFile.length, Object.keys(Math).length, Math.random.name, require('util').promisify(fs.exists).name !== '')",
      "openSync 3 0 random true\n",
      0,
    ],
    [
      "a frozen world",
      "Object.freeze(Math); Object.freeze(require('fs')); console.log(typeof Math.random())",
      "number\n",
      0,
    ],
  ])("%s", async (_, main, out, exitCode) => {
    expect(await recorded({ "a.js": main })).toMatchObject({ out, err: "", exitCode });
  });

  test("a folder of events that is gone", async () => {
    const result = await recorded({ "a.js": "console.log(typeof Math.random())" }, { eventsDir: "/no/such/folder" });
    expect(result).toMatchObject({ out: "number\n", err: "", exitCode: 0 });
  });

  test("package managers are left alone, what they start is not", async () => {
    const files = { "package.json": `{"scripts":{"go":"node a.js"}}`, "a.js": "console.log(Math.random())" };
    const { events, exitCode } = await recorded(files, {}, ["npm", "run", "--silent", "go"]);
    expect(exitCode).toBe(0);
    expect(only(events, "hello").map((one) => one.argv.at(-1)?.endsWith("a.js"))).toEqual([true]);
  });
});
