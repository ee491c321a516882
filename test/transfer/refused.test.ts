import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonicalJson, digestOf, type RunRecord } from "#record";
import { openStore, type Store } from "#store";
import { packRun, readSigningKey, readVerifyKey, unpackRun } from "#transfer";
import { folderProject, type Project } from "../run/project.ts";

let project: Project;
let record: RunRecord;
let folder: string;
let good: Buffer;

beforeAll(async () => {
  project = folderProject({ "train.py": "print('loss=1')\nopen('out.txt','w').write('x' * 70000)\n" });
  record = await project.run(["python3", "train.py"]);
  folder = mkdtempSync(join(tmpdir(), "refused-"));
  const output = join(folder, "good.tar");
  await packRun({ ...common(), output });
  good = readFileSync(output);
});
afterAll(() => {
  project.remove();
  rmSync(folder, { recursive: true, force: true });
});

const common = () =>
  ({
    store: project.store,
    record,
    inputs: "all",
    mostBytes: 1e9,
    env: {},
    version: "0.1.0",
    packedAt: "2026-01-01T00:00:00.000Z",
  }) as const;

let count = 0;

/** What unpacking says: the code of the refusal, or how it went; and what the store holds afterwards. */
async function unpack(bytes: Uint8Array, options: { limit?: number } = {}): Promise<{ word: string; store: Store }> {
  count += 1;
  const file = join(folder, `${count}.tar`);
  writeFileSync(file, bytes);
  const store = openStore(join(folder, `store-${count}`), { create: true });
  try {
    const { state } = await unpackRun({ store, file, shown: "it", ...options });
    return { word: state, store };
  } catch (error) {
    return { word: String((error as { code?: string }).code ?? error), store };
  }
}

/** Its files, to be changed and put together again by tar itself. */
function laidOut(): string {
  const into = mkdtempSync(join(folder, "laid-"));
  execFileSync("tar", ["xf", join(folder, "good.tar"), "-C", into]);
  return into;
}

const names = (): string[] =>
  execFileSync("tar", ["tf", join(folder, "good.tar")], { encoding: "utf8" })
    .trim()
    .split("\n");

const again = (from: string, list: readonly string[], ...options: string[]): Buffer =>
  spawnSync("tar", ["cf", "-", "--format=ustar", ...options, "-C", from, ...list], { maxBuffer: 1 << 28 }).stdout;

function manifestWith(from: string, change: (manifest: Record<string, unknown>) => void): void {
  const path = join(from, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

describe("a pack that is not as it was made is refused, and the store stays without a run", () => {
  test("it is taken when it is whole, and a second time it is known; tar may have put it together", async () => {
    expect((await unpack(good)).word).toBe("new");
    expect((await unpack(again(laidOut(), names()))).word).toBe("new");
    expect((await unpack(gzipSync(good))).word).toBe("new");
  });

  test("one flipped bit anywhere in what counts", async () => {
    const taken: number[] = [];
    for (let at = 0; at < good.length; at += Math.ceil(good.length / 150)) {
      const bytes = Buffer.from(good);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      const { word, store } = await unpack(bytes);
      if (word === "new") {
        // Padding, or a manifest's word that decides nothing: the run itself is the same.
        expect(store.runs.get(record.id)).toEqual(project.store.runs.get(record.id));
        taken.push(at);
      } else expect(store.runs.list()).toEqual([]);
      store.close();
    }
    expect(taken.length).toBeLessThan(75);
  });

  test("cut off at any place", async () => {
    for (let at = 1; at < good.length - 1024; at += Math.ceil(good.length / 40)) {
      const { word, store } = await unpack(good.subarray(0, at));
      expect(word).toMatch(/^PACK_(DAMAGED|TAMPERED)$/);
      expect(store.runs.list()).toEqual([]);
    }
    const zipped = gzipSync(good);
    expect((await unpack(zipped.subarray(0, zipped.length - 4))).word).toBe("PACK_DAMAGED");
  });

  test.each([
    ["../outside", "PACK_UNSAFE"],
    ["/tmp/absolute", "PACK_UNSAFE"],
    ["objects/../../outside", "PACK_UNSAFE"],
    ["objects/surplus", "PACK_TAMPERED"],
  ])("a file called %s", async (name, code) => {
    const from = laidOut();
    writeFileSync(join(from, "surplus"), "x");
    const list = again(from, [...names(), "surplus"], "-P", `--transform=s#^surplus$#${name}#`);
    expect((await unpack(list)).word).toBe(code);
  });

  test("links, folders and devices", async () => {
    const from = laidOut();
    symlinkSync("/etc/passwd", join(from, "link"));
    mkdirSync(join(from, "folder"));
    execFileSync("mkfifo", [join(from, "pipe")]);
    for (const name of ["link", "folder", "pipe"])
      expect((await unpack(again(from, [...names(), name]))).word).toBe("PACK_UNSAFE");
    expect((await unpack(again("/", [...names().map((name) => join(from, name).slice(1)), "dev/null"]))).word).toMatch(
      /^PACK_(UNSAFE|TAMPERED)$/,
    );
    rmSync(join(from, "record.json"));
    symlinkSync("/etc/passwd", join(from, "record.json"));
    expect((await unpack(again(from, names()))).word).toBe("PACK_UNSAFE");
  });

  test("an entry that is there twice, in another order, or something behind the end", async () => {
    const from = laidOut();
    const twice = again(from, [...names().slice(0, 3), names()[2] ?? "", ...names().slice(3)], "--hard-dereference");
    expect((await unpack(twice)).word).toMatch(/^PACK_(UNSAFE|TAMPERED)$/);
    expect((await unpack(again(from, names().toReversed()))).word).toBe("PACK_TAMPERED");
    expect((await unpack(Buffer.concat([good, good]))).word).toBe("PACK_TAMPERED");
  });

  test("an object with another content, also where the manifest was changed with it", async () => {
    const from = laidOut();
    const object = names().find((name) => name.startsWith("objects/")) ?? "";
    writeFileSync(join(from, object), "another content");
    expect((await unpack(again(from, names()))).word).toBe("PACK_TAMPERED");
    manifestWith(from, (manifest) => {
      const [first] = manifest["objects"] as { bytes: number }[];
      if (first !== undefined) first.bytes = "another content".length;
    });
    expect((await unpack(again(from, names()))).word).toBe("PACK_TAMPERED");
  });

  test("a bomb: more than a file of its size should hold, or than was allowed", async () => {
    const from = laidOut();
    manifestWith(from, (manifest) => {
      for (const one of manifest["objects"] as { bytes: number }[]) one.bytes = 2 ** 40;
    });
    expect((await unpack(again(from, names()))).word).toBe("PACK_TOO_LARGE");
    const { word } = await unpack(gzipSync(Buffer.concat([good, Buffer.alloc(1 << 26)])), { limit: 1 << 20 });
    expect(word).toBe("PACK_TOO_LARGE");
  });

  test("a newer format, no manifest, no JSON, a million of objects", async () => {
    const change = async (edit: (manifest: Record<string, unknown>) => void): Promise<string> => {
      const from = laidOut();
      manifestWith(from, edit);
      return (await unpack(again(from, names()))).word;
    };
    expect(await change((m) => Object.assign(m, { format: "reprise/pack@2" }))).toBe("PACK_NEWER");
    expect(await change((m) => Object.assign(m, { format: "zip" }))).toBe("PACK_INVALID");
    expect(await change((m) => Object.assign(m, { objects: "none" }))).toBe("PACK_INVALID");
    expect(await change((m) => Object.assign(m, { __proto__: 1, files: [{ path: "../x" }] }))).toBe("PACK_INVALID");
    expect((await unpack(Buffer.alloc(2048))).word).toBe("PACK_DAMAGED");
    expect((await unpack(Buffer.from("no tar at all"))).word).toBe("PACK_DAMAGED");
    expect((await unpack(Buffer.alloc(0))).word).toBe("PACK_DAMAGED");
  });

  test("a record that names files outside of its project", async () => {
    const hostile = async (change: (record: Record<string, unknown>) => void): Promise<string> => {
      const from = laidOut();
      const value = JSON.parse(readFileSync(join(from, "record.json"), "utf8")) as Record<string, unknown>;
      change(value);
      const text = canonicalJson(value);
      writeFileSync(join(from, "record.json"), text);
      manifestWith(from, (manifest) => {
        manifest["record"] = { digest: digestOf(text), bytes: Buffer.byteLength(text) };
      });
      return (await unpack(again(from, names()))).word;
    };
    const input = { scope: "project", bytes: 1, digest: `sha256:${"0".repeat(64)}`, stored: false, seen: [] };
    for (const path of ["../../.bashrc", "/etc/cron.d/x", "a/../../b", ".git/config", "a/.GIT/hooks/x"])
      expect(await hostile((value) => Object.assign(value, { inputs: [{ ...input, path }] }))).toBe("PACK_UNSAFE");
    expect(await hostile((value) => Object.assign(value["command"] as object, { workdir: "../.." }))).toBe(
      "PACK_UNSAFE",
    );
    expect(await hostile((value) => Object.assign(value, { inputs: [null] }))).toBe("PACK_INVALID");
    expect(await hostile((value) => Object.assign(value, { format: "reprise/record@9" }))).toBe("RECORD_NEWER");
  });
});

describe("signatures are those of minisign", () => {
  const there = spawnSync("minisign", ["-v"]).error === undefined;

  test.skipIf(!there)("minisign checks ours, and its keys sign; with a password too", async () => {
    for (const password of ["", "correct horse"]) {
      const at = (name: string): string => join(folder, `${password.length}-${name}`);
      const words = ["-G", "-p", at("key.pub"), "-s", at("key.sec"), ...(password === "" ? ["-W"] : [])];
      expect(spawnSync("minisign", words, { input: `${password}\n${password}\n` }).status).toBe(0);
      const key = readSigningKey(readFileSync(at("key.sec"), "utf8"), "key", password || undefined);
      const output = at("signed.tar");
      await packRun({ ...common(), output, key });
      const into = mkdtempSync(join(folder, "signed-"));
      execFileSync("tar", ["xf", output, "-C", into]);
      const check = spawnSync("minisign", ["-V", "-p", at("key.pub"), "-m", join(into, "manifest.json")]);
      expect(check.stdout.toString()).toContain("Signature and comment signature verified");
      const store = openStore(at("store"), { create: true });
      const verify = readVerifyKey(readFileSync(at("key.pub"), "utf8"), "key");
      const taken = await unpackRun({ store, file: output, shown: "it", key: verify });
      expect(taken.signedBy).toMatch(/^[0-9A-F]{16}$/);
      manifestWith(into, (manifest) => Object.assign(manifest, { host: "another" }));
      const list = execFileSync("tar", ["tf", output], { encoding: "utf8" }).trim().split("\n");
      writeFileSync(output, again(into, list));
      await expect(unpackRun({ store, file: output, shown: "it", key: verify })).rejects.toMatchObject({
        code: "PACK_TAMPERED",
      });
      if (password !== "")
        for (const wrong of [undefined])
          expect(() => readSigningKey(readFileSync(at("key.sec"), "utf8"), "key", wrong)).toThrow("password");
    }
  });
});
