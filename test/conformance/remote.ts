import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Digest, digestHex, type RunRecord } from "#record";
import { openStore, type Store } from "#store";
import { collectRemote, type Encryption, openRemote, pullRuns, pushRuns, type Remote, shelfAt } from "#transfer";
import { Lease } from "../../src/transfer/remote/lease.ts";
import { folderProject, type Project } from "../run/project.ts";

export interface Place {
  /** Another one at each call; nothing lies there yet. */
  address(): string;
  readonly env: Readonly<Record<string, string>>;
}

/** What every kind of remote must do, encrypted or not. `place` is asked once the tests begin. */
export function describeRemote(kind: string, place: () => Place, encryption?: Encryption): void {
  describe(`a remote: ${kind}`, () => {
    let project: Project;
    let records: RunRecord[];
    let folder: string;
    let count = 0;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "remote-"));
      project = folderProject({
        "train.py": "import sys\nopen('out.bin', 'wb').write(sys.argv[1].encode() * 40000)\n",
      });
      records = [];
      for (const word of ["one", "two"]) records.push(await project.run(["python3", "train.py", word]));
    });
    afterAll(() => {
      project.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    const remoteAt = (address: string): Remote =>
      openRemote(address, { cwd: folder, env: place().env, ...(encryption === undefined ? {} : { encryption }) });
    const push = (remote: Remote, which: readonly RunRecord[] = records) =>
      pushRuns(which, {
        store: project.store,
        remote,
        inputs: "all",
        mostBytes: 1e9,
        env: {},
        version: "0.1.0",
        packedAt: "2026-01-01T00:00:00.000Z",
      });
    const newStore = (): Store => {
      count += 1;
      return openStore(join(folder, `store-${count}`), { create: true });
    };
    const lay = (name: string, content: string | Uint8Array): string => {
      count += 1;
      const path = join(folder, `${count}-${name}`);
      writeFileSync(path, content);
      return path;
    };
    const outputOf = (record: RunRecord): Digest => {
      const [output] = record.outputs as readonly { digest: Digest }[];
      if (output === undefined) throw new Error("no output");
      return output.digest;
    };
    const nameOf = (digest: Digest): string => {
      const hex = digestHex(digest);
      return `objects/${hex.slice(0, 2)}/${hex.slice(2)}${encryption === undefined ? "" : ".age"}`;
    };

    test("its shelf keeps bytes by name, replaces them whole, lists them, and knows what is not there", async () => {
      const shelf = shelfAt(place().address(), { cwd: folder, env: place().env });
      const names = ["a/b/first", "a/second with blanks (1)", "a/b/Third"];
      const big = Buffer.alloc(3 << 20, 7);
      await shelf.put(names.map((name, i) => ({ name, path: lay(`${i}`, i === 0 ? "" : big) })));
      expect(await shelf.sizes([...names, "a/none", "none/at/all"])).toEqual(
        new Map(names.map((name, i) => [name, i === 0 ? 0 : big.length])),
      );
      const listed = await shelf.list("a/");
      expect(listed.map(({ name }) => name).sort()).toEqual([...names].sort());
      for (const { modifiedMs } of listed) expect(Math.abs(Date.now() - modifiedMs)).toBeLessThan(300_000);
      expect(await shelf.list("empty/")).toEqual([]);
      await shelf.put([{ name: "a/b/first", path: lay("new", "new") }]);
      const into = join(folder, `got-${count}`);
      await shelf.get([
        { name: "a/b/first", path: into },
        { name: "a/none", path: `${into}-none` },
      ]);
      expect(readFileSync(into, "utf8")).toBe("new");
      expect(() => readFileSync(`${into}-none`)).toThrow("ENOENT");
      await shelf.remove(["a/b/first", "a/none"]);
      expect((await shelf.sizes(["a/b/first"])).size).toBe(0);
    });

    test("what is pushed is pulled, byte for byte, by id, by a part of it, and all; twice is once", async () => {
      const address = place().address();
      const [remote, store] = [remoteAt(address), newStore()];
      await expect(pullRuns({ store, remote, refs: [] })).rejects.toMatchObject({ code: "REMOTE_EMPTY" });
      expect((await push(remote)).map(({ state }) => state)).toEqual(["new", "new"]);
      expect((await push(remote)).map(({ state }) => state)).toEqual(["known", "known"]);
      const [first, second] = records as [RunRecord, RunRecord];
      const got = await pullRuns({ store, remote, refs: [first.id.slice(-8)] });
      expect(got).toMatchObject([{ run: first.id, state: "new" }]);
      expect(store.runs.get(first.id)).toEqual(project.store.runs.get(first.id));
      expect(store.objects.read(outputOf(first))).toEqual(project.store.objects.read(outputOf(first)));
      expect((await pullRuns({ store, remote, refs: [] })).map(({ state }) => state)).toEqual(["known", "new"]);
      expect(store.runs.facts(second.id, "origin")).toHaveLength(1);
      await expect(pullRuns({ store, remote, refs: ["no such run"] })).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
      remote.close();
      store.close();
    });

    test("a push that broke off is no run there; the next one sends what is missing, and gc takes the rest", async () => {
      const address = place().address();
      const remote = remoteAt(address);
      const [first, second] = records as [RunRecord, RunRecord];
      const write = remote.writeManifest.bind(remote);
      remote.writeManifest = () => Promise.reject(new Error("cut off"));
      await expect(push(remote, [first])).rejects.toThrow("cut off");
      remote.writeManifest = write;
      expect(await remote.runs()).toEqual([]);
      const [again] = await push(remote, [first]);
      expect(again).toMatchObject({ state: "new", objects: 0 });
      remote.writeManifest = () => Promise.reject(new Error("cut off"));
      await expect(push(remote, [second])).rejects.toThrow("cut off");
      const collected = await collectRemote(remote);
      expect(collected.objects).toBeGreaterThan(0);
      const store = newStore();
      expect(await pullRuns({ store, remote, refs: [] })).toMatchObject([{ run: first.id, state: "new" }]);
      expect(await collectRemote(remote)).toEqual({ objects: 0, bytes: 0 });
      remote.close();
      store.close();
    });

    test("a changed object is found, named and not taken; pushed again it is whole", async () => {
      const address = place().address();
      const remote = remoteAt(address);
      const [first] = records as [RunRecord, RunRecord];
      await push(remote, [first]);
      const name = nameOf(outputOf(first));
      const size = (await remote.shelf.sizes([name])).get(name) ?? 0;
      await remote.shelf.put([{ name, path: lay("bad", Buffer.alloc(size, 1)) }]);
      const store = newStore();
      await expect(pullRuns({ store, remote, refs: [] })).rejects.toMatchObject({ code: "REMOTE_CORRUPT" });
      expect(store.runs.list()).toEqual([]);
      expect(store.objects.has(outputOf(first))).toBe(false);
      expect(await remote.fetch(outputOf(first), join(folder, `fetched-${count}`))).toBe(false);
      await remote.shelf.remove([name]);
      await expect(pullRuns({ store, remote, refs: [] })).rejects.toMatchObject({ code: "REMOTE_MISSING" });
      remote.close();
      store.close();
    });

    test("several push at once, none while garbage is collected, and none the other way round", async () => {
      const address = place().address();
      const remotes = [remoteAt(address), remoteAt(address)] as const;
      await remotes[0].make();
      const both = await Promise.all([push(remotes[0], records.slice(0, 1)), push(remotes[1])]);
      expect(both.flat().every(({ state }) => state === "new" || state === "known")).toBe(true);
      const lease = lay("lease", "x");
      await remotes[0].shelf.put([{ name: "leases/gc-other", path: lease }]);
      await expect(push(remotes[0])).rejects.toMatchObject({ code: "REMOTE_BUSY" });
      await remotes[0].shelf.remove(["leases/gc-other"]);
      await remotes[0].shelf.put([{ name: "leases/push-other", path: lease }]);
      await expect(collectRemote(remotes[1])).rejects.toMatchObject({ code: "REMOTE_BUSY" });
      expect((await push(remotes[0])).map(({ state }) => state)).toEqual(["known", "known"]);
      await remotes[0].shelf.remove(["leases/push-other"]);
      expect((await remotes[0].shelf.list("leases/")).length).toBe(0);
      const store = newStore();
      expect(await pullRuns({ store, remote: remotes[1], refs: [] })).toHaveLength(2);
      for (const remote of remotes) remote.close();
      store.close();
    });

    test("a lease that nobody renewed for hours, as of a machine that slept, protects nothing more", async () => {
      const remote = remoteAt(place().address());
      const lease = await Lease.take(remote.shelf, "push", remote.scratch);
      await lease.hold();
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3 * 3_600_000 });
      try {
        await expect(lease.renew()).rejects.toMatchObject({ code: "REMOTE_BUSY" });
        await expect(lease.hold()).rejects.toMatchObject({ code: "REMOTE_BUSY" });
      } finally {
        vi.useRealTimers();
      }
      await lease.release();
      remote.close();
    });

    test("a remote of a newer Reprise, and one that is not what was said, is refused", async () => {
      const address = place().address();
      const remote = remoteAt(address);
      const put = (text: string) => remote.shelf.put([{ name: "reprise-remote.json", path: lay("marker", text) }]);
      await put('{"format": "reprise/remote@2"}');
      await expect(push(remote)).rejects.toMatchObject({ code: "REMOTE_NEWER" });
      await put(`{"format": "reprise/remote@1", "encrypted": ${encryption === undefined}}`);
      await expect(push(remote)).rejects.toMatchObject({
        code: encryption === undefined ? "REMOTE_LOCKED" : "REMOTE_PLAIN",
      });
      await put("something else");
      await expect(push(remote)).rejects.toMatchObject({ code: "REMOTE_CORRUPT" });
      remote.close();
    });
  });
}

export const emptyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "remote-place-"));
  mkdirSync(folder, { recursive: true });
  return folder;
};
