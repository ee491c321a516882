import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type AgentOptions, agentEnvironment, agentRoot, readEvents } from "#exec";
import type { AgentEvent } from "#record";
import { environment, folder, ran } from "./driver.ts";

type Kind<K extends AgentEvent["e"]> = Extract<AgentEvent, { e: K }>;

const seedOf = (root: string, name: string): number =>
  createHash("sha256").update(`${root}\0seed\0${name}`).digest().readUInt32BE();

const PROGRAM = `const reprise = require("reprise/log");
reprise.metric("loss", 0.5, 1);
reprise.metric("loss", NaN);
reprise.metric("text", "no number");
reprise.param("lr", 0.1); reprise.param("lr", 0.1); reprise.param("api_key", "hunter2"); reprise.param("token", "hunter2");
console.log(reprise.seed("split"), reprise.seed("init"), reprise.seed("split"), reprise.recorded());
reprise.claim("loss < 0.3");
reprise.checkpoint("out/model.json", 3);
reprise.reference("held-out", { a: [[1, 2]], b: "x" }, Float32Array.of(0.5, 0.25));
reprise.reference("nested", [[1], [2, 3]], [["cat"], ["doge"]]);
reprise.reference("odd", () => 1, [[1], [2, 3]]);
try { reprise.seed("a b"); } catch (error) { console.log(error.name); }
try { require("reprise/nothing"); } catch (error) { console.log(error.code); }
`;

async function recorded(text: string, options: Partial<AgentOptions> = {}) {
  const [project, eventsDir] = [folder(), folder()];
  writeFileSync(join(project, "main.cjs"), text);
  const own = environment();
  const agent = agentEnvironment({ env: own, eventsDir, project, root: "root", ...options });
  const result = await ran([process.execPath, "main.cjs"], { cwd: project, env: { ...own, ...agent } });
  const { events, torn, unknown } = await readEvents(eventsDir);
  expect([torn, unknown]).toEqual([0, 0]);
  const of = <K extends AgentEvent["e"]>(kind: K) => events.filter((event): event is Kind<K> => event.e === kind);
  return { ...result, of, project, eventsDir };
}

test("a recorded program tells what it means, without the package being installed", async () => {
  const { out, err, of, project, eventsDir } = await recorded(PROGRAM);
  expect(err).toBe("");
  const [split, init] = [seedOf("root", "split"), seedOf("root", "init")];
  expect(out).toBe(`${split} ${init} ${split} true\nRangeError\nMODULE_NOT_FOUND\n`);
  expect(of("metric").map(({ src, name, step, value }) => [src, name, step, value])).toEqual([
    ["reprise", "loss", 1, 0.5],
    ["reprise", "loss", null, "NaN"],
  ]);
  expect(of("param").map(({ name, value }) => [name, value])).toEqual([
    ["lr", "0.1"],
    ["api_key", "<secret>"],
    ["token", "<secret>"],
  ]);
  expect(of("seed").map(({ name, value, declared, f, l }) => [name, value, declared, f, l])).toEqual([
    ["split", split, false, "main.cjs", 6],
    ["init", init, false, "main.cjs", 6],
  ]);
  expect(of("claim")).toMatchObject([{ text: "loss < 0.3", f: "main.cjs", l: 7 }]);
  expect(of("checkpoint")).toMatchObject([{ p: join(project, "out/model.json"), step: 3, l: 8 }]);
  expect(of("fault").map(({ what, why }) => `${what}: ${why}`)).toEqual(["reprise.metric: text: string is no number"]);
  const [held, nested, odd] = of("reference");
  expect([held?.inputs, nested?.inputs].every((digest) => /^sha256:[0-9a-f]{64}$/.test(digest ?? ""))).toBe(true);
  const npy = readFileSync(join(eventsDir, held?.kept ?? ""));
  expect(npy.toString("latin1", 10, 128)).toContain("'descr': '<f4', 'fortran_order': False, 'shape': (2,)");
  expect([npy.length, npy.readFloatLE(128), npy.readFloatLE(132)]).toEqual([136, 0.5, 0.25]);
  const texts = readFileSync(join(eventsDir, nested?.kept ?? ""));
  expect(texts.toString("latin1", 10, 128)).toContain("'<U4', 'fortran_order': False, 'shape': (2, 1)");
  expect(odd).toMatchObject({ inputs: null, lost: "the predictions are no array of numbers or texts" });
  expect(of("write")).toEqual([]);
});

test("a declared seed leaves the others; without a root they follow from their names", async () => {
  const text = `const { seed } = require("reprise/log"); console.log(seed("split"), seed("init"));`;
  expect((await recorded(text, { seeds: { x: 1, split: 7 } })).out).toBe(`7 ${seedOf("root", "init")}\n`);
  expect((await recorded(text, { root: null })).out).toBe(`${seedOf("", "split")} ${seedOf("", "init")}\n`);
});

test("points beyond the hundred thousandth are counted and digested", async () => {
  const text = (late: number): string =>
    `const { metric } = require("reprise/log"); for (let i = 0; i < 100005; i += 1) metric("loss", i === 100003 ? ${late} : 1);`;
  const digests: (string | undefined)[] = [];
  for (const late of [1, 1, 2]) {
    const points = (await recorded(text(late))).of("metric");
    expect(points.length).toBe(100_002);
    expect(points.at(-1)).toMatchObject({ value: null, count: 100_005 });
    digests.push(points.at(-1)?.rest);
  }
  expect(digests.map((one) => one === digests[0])).toEqual([true, true, false]);
});

test("outside of a recorded run nothing happens, by require and by import", async () => {
  const project = folder();
  const installed = join(project, "node_modules/reprise");
  mkdirSync(installed, { recursive: true });
  cpSync(join(agentRoot(), "node"), join(installed, "agent/node"), { recursive: true });
  cpSync(join(agentRoot(), "../package.json"), join(installed, "package.json"));
  writeFileSync(join(project, "main.cjs"), PROGRAM);
  writeFileSync(
    join(project, "main.mjs"),
    `import { metric, seed } from "reprise/log"; metric("a", 1); console.log(seed("a"));`,
  );
  const cjs = await ran([process.execPath, "main.cjs"], { cwd: project, env: environment() });
  const split = seedOf("", "split");
  expect([cjs.err, cjs.out.split("\n")[0]]).toEqual(["", `${split} ${seedOf("", "init")} ${split} false`]);
  const esm = await ran([process.execPath, "main.mjs"], { cwd: project, env: environment() });
  expect([esm.err, esm.out]).toEqual(["", `${seedOf("", "a")}\n`]);
});
