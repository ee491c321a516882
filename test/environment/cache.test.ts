import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOf } from "#record";
import { cached, findCached } from "../../src/environment/build/cache.ts";

const digest = digestOf("numpy");
const key = digest.slice("sha256:".length, "sha256:".length + 32);
let root: string;
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), "environments-")), "cache");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function build(folder: string): Promise<Readonly<Record<string, unknown>>> {
  writeFileSync(join(folder, "python"), "1");
  await sleep(300);
  writeFileSync(join(folder, "numpy"), "1");
  return { done: true };
}

test("of two that ask at once one builds, and both have the same whole environment", async () => {
  let builds = 0;
  let waits = 0;
  const counted = (folder: string): ReturnType<typeof build> => {
    builds += 1;
    return build(folder);
  };
  const asked = () =>
    cached({ root }, digest, counted, () => {
      waits += 1;
    });
  const [one, two, three] = await Promise.all([asked(), asked(), asked()]);
  expect(builds).toBe(1);
  expect(waits).toBe(2);
  expect(new Set([one?.folder, two?.folder, three?.folder]).size).toBe(1);
  expect(readdirSync(one.folder).sort()).toEqual(["numpy", "python", "reprise-environment.json"]);
  expect(readdirSync(root).filter((name) => name.endsWith(".lock"))).toEqual([]);
});

test("a build that fails leaves nothing, and the next one begins anew", async () => {
  const broken = async (folder: string): Promise<never> => {
    writeFileSync(join(folder, "python"), "1");
    throw new Error("no such package");
  };
  await expect(cached({ root }, digest, broken)).rejects.toThrow("no such package");
  expect(readdirSync(root)).toEqual([]);
  expect((await cached({ root }, digest, build)).fresh).toBe(true);
  expect((await cached({ root }, digest, build)).fresh).toBe(false);
});

test("a builder that was killed leaves no environment under the key; its lock and its folder do not stand in the way", async () => {
  mkdirSync(root, { recursive: true });
  const killed = spawn("sleep", ["60"]);
  const pid = killed.pid ?? 0;
  const left = join(root, `${key}.${pid}-abcdef`);
  mkdirSync(left);
  writeFileSync(join(left, "python"), "half");
  writeFileSync(join(root, `${key}.lock`), String(pid));
  expect(findCached({ root }, digest)).toBeNull();
  const built = cached({ root }, digest, build);
  await sleep(500);
  // It lives: it is waited for, and its folder is not touched.
  expect(findCached({ root }, digest)).toBeNull();
  expect(existsSync(left)).toBe(true);
  killed.kill("SIGKILL");
  expect((await built).fresh).toBe(true);
  expect(existsSync(left)).toBe(false);
  expect(readdirSync(root).filter((name) => name.startsWith(key)).length).toBe(2);
});
