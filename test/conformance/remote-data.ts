import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addData, restoreData } from "#data";
import { type Digest, digestHex } from "#record";
import { type DataVersion, openStore, repairStore, type Store } from "#store";
import { collectRemote, dataAt, type Encryption, openRemote, pullData, pushData, type Remote } from "#transfer";
import type { Place } from "./remote.ts";

/** Versions of data at every kind of remote, encrypted or not. */
export function describeRemoteData(kind: string, place: () => Place, encryption?: Encryption): void {
  describe(`data at a remote: ${kind}`, () => {
    let base: string;
    let ours: Store;
    let versions: DataVersion[];
    let count = 0;
    const data = (): string => join(base, "data");
    const first = (): DataVersion => versions[0] as DataVersion;
    /** Text is kept in pieces, the same bytes twice once. */
    const table = "row,of,a,table\n".repeat(90_000);
    beforeAll(() => {
      base = mkdtempSync(join(tmpdir(), "remote-data-"));
      ours = openStore(join(base, "ours"), { create: true });
      mkdirSync(join(data(), "deep"), { recursive: true });
      writeFileSync(join(data(), "empty"), "");
      writeFileSync(join(data(), "deep/a.csv"), table);
      writeFileSync(join(data(), "deep/b.csv"), table);
      versions = [addData(ours, data(), { name: "pets" }).version];
      writeFileSync(join(data(), "deep/c.txt"), "more");
      versions = [first(), addData(ours, data(), { name: "pets" }).version];
    });
    afterAll(() => {
      ours.close();
      rmSync(base, { recursive: true, force: true });
    });

    const remoteAt = (address: string): Remote =>
      openRemote(address, { cwd: base, env: place().env, ...(encryption === undefined ? {} : { encryption }) });
    const push = (remote: Remote, which: readonly DataVersion[] = versions, store = ours, as?: string) =>
      pushData(which, { store, remote, host: "here", project: base, ...(as === undefined ? {} : { as }) });
    const pull = (remote: Remote, store: Store, refs: readonly string[] = [], as?: string) =>
      pullData({ store, remote, refs, project: "/elsewhere", ...(as === undefined ? {} : { as }) });
    const newStore = (): Store => {
      count += 1;
      return openStore(join(base, `store-${count}`), { create: true });
    };
    /** Another pets@1 than ours. */
    const otherStore = (): { store: Store; version: DataVersion } => {
      const store = newStore();
      const file = join(base, `other-${count}`);
      writeFileSync(file, `other ${count}`);
      return { store, version: addData(store, file, { name: "pets" }).version };
    };
    const objectOf = (digest: Digest): string => {
      const hex = digestHex(digest);
      return `objects/${hex.slice(0, 2)}/${hex.slice(2)}${encryption === undefined ? "" : ".age"}`;
    };
    const digestOfTable = (): Digest => {
      const [entry] = [...ours.data.entries(first().manifest)].filter(({ path }) => path === "deep/a.csv");
      if (entry?.digest == null) throw new Error("no table");
      return entry.digest;
    };

    test("what is pushed is pulled, file for file, under its number; twice is once, and asks for nothing", async () => {
      const [remote, store] = [remoteAt(place().address()), newStore()];
      await expect(pull(remote, store)).rejects.toMatchObject({ code: "REMOTE_EMPTY" });
      const pushed = await push(remote);
      expect(pushed).toMatchObject([
        { data: "pets@1", state: "new", objects: 4 },
        { data: "pets@2", state: "new", objects: 3 },
      ]);
      expect(pushed[1]?.bytes).toBeLessThan(2000);
      expect((await push(remote)).map(({ state, objects }) => [state, objects])).toEqual([
        ["known", 0],
        ["known", 0],
      ]);
      expect(await dataAt(remote)).toMatchObject([
        { name: "pets", version: 1, path: "data", host: "here" },
        { name: "pets", version: 2 },
      ]);
      expect(await pull(remote, store, ["pets@~1"])).toMatchObject([
        { data: "pets@1", state: "new", source: "/elsewhere/data" },
      ]);
      expect((await pull(remote, store)).map(({ state }) => state)).toEqual(["known", "new"]);
      const read = remote.readTo.bind(remote);
      remote.readTo = () => Promise.reject(new Error("asked"));
      expect((await pull(remote, store)).map(({ state }) => state)).toEqual(["known", "known"]);
      remote.readTo = read;
      const into = join(base, `into-${count}`);
      restoreData(store, store.data.find("pets@1"), { to: into });
      expect(readFileSync(join(into, "deep/b.csv"), "utf8")).toBe(table);
      expect(readFileSync(join(into, "empty"), "utf8")).toBe("");
      expect(store.objects.piecesOf(digestOfTable())?.length).toBeGreaterThan(2);
      const { manifest, kind: what, entries, bytes, at } = store.data.find("pets@1");
      expect(versions[0]).toMatchObject({ manifest, kind: what, entries, bytes, at });
      expect(store.fsck().findings).toEqual([]);
      for (const ref of ["cats", "pets@7", "pets@~2"])
        await expect(pull(remote, store, [ref])).rejects.toMatchObject({ code: "DATA_UNKNOWN" });
      remote.close();
      store.close();
    });

    test("a push that broke off is no version there; the next one goes on, gc takes the rest and nothing else", async () => {
      const remote = remoteAt(place().address());
      const write = remote.writeText.bind(remote);
      const cut = (): void => {
        remote.writeText = () => Promise.reject(new Error("cut off"));
      };
      cut();
      await expect(push(remote, versions.slice(0, 1))).rejects.toThrow("cut off");
      remote.writeText = write;
      expect(await dataAt(remote)).toEqual([]);
      expect(await push(remote, versions.slice(0, 1))).toMatchObject([{ state: "new", objects: 0 }]);
      cut();
      await expect(push(remote, versions.slice(1))).rejects.toThrow("cut off");
      expect((await collectRemote(remote)).objects).toBe(3);
      remote.writeText = write;
      const store = newStore();
      expect(await pull(remote, store)).toMatchObject([{ data: "pets@1", state: "new" }]);
      expect(await collectRemote(remote)).toEqual({ objects: 0, bytes: 0 });
      expect((await remote.shelf.list("leases/")).length).toBe(0);
      remote.close();
      store.close();
    });

    test("a number that is other data is refused before anything goes, there and here; another name takes it", async () => {
      const address = place().address();
      const remote = remoteAt(address);
      const other = otherStore();
      await push(remote, versions.slice(0, 1));
      const before = (await remote.contents.list("objects/")).length;
      await expect(push(remote, [other.version], other.store)).rejects.toMatchObject({ code: "DATA_CONFLICT" });
      expect((await remote.contents.list("objects/")).length).toBe(before);
      await expect(pull(remote, other.store)).rejects.toMatchObject({ code: "DATA_CONFLICT" });
      expect(other.store.objects.has(digestOfTable())).toBe(false);
      expect(await pull(remote, other.store, ["pets@1"], "theirs")).toMatchObject([{ data: "theirs@1", state: "new" }]);
      expect(await push(remote, [other.version], other.store, "mine")).toMatchObject([
        { data: "mine@1", state: "new" },
      ]);
      // A number that was given here once stays what it was, and comes back as that.
      other.store.data.remove(other.version);
      await expect(pull(remote, other.store, ["pets"])).rejects.toMatchObject({
        code: "DATA_CONFLICT",
        message: expect.stringContaining("so nothing was pulled") as string,
      });
      expect(await pull(remote, other.store, ["mine@1"], "pets")).toMatchObject([{ data: "pets@1", state: "new" }]);
      remote.close();
      other.store.close();
    });

    test("of two who push other data under one number at once one is told", async () => {
      const address = place().address();
      const others = [otherStore(), otherStore()];
      const remotes = others.map(() => remoteAt(address));
      await remotes[0]?.make();
      const ends = await Promise.allSettled(
        others.map(({ store, version }, index) => push(remotes[index] as Remote, [version], store)),
      );
      const told = ends.flatMap((end) => (end.status === "rejected" ? [(end.reason as { code: string }).code] : []));
      expect(told).toHaveLength(1);
      expect(["DATA_CONFLICT", "REMOTE_BUSY"]).toContain(told[0]);
      expect(await dataAt(remotes[0] as Remote)).toHaveLength(1);
      for (const remote of remotes) remote.close();
      for (const { store } of others) store.close();
    });

    test("what is damaged there is found, named and no version here; a damaged store is mended from there", async () => {
      const remote = remoteAt(place().address());
      await push(remote);
      const name = objectOf(digestOfTable());
      const good = join(base, `good-${count}`);
      await remote.shelf.get([{ name, path: good }]);
      const bad = join(base, `bad-${count}`);
      writeFileSync(bad, Buffer.alloc(readFileSync(good).length, 1));
      await remote.shelf.put([{ name, path: bad }]);
      const store = newStore();
      await expect(pull(remote, store)).rejects.toMatchObject({ code: "REMOTE_CORRUPT" });
      expect(store.data.list()).toEqual([]);
      await remote.shelf.put([{ name, path: good }]);
      expect(await pull(remote, store)).toHaveLength(2);
      store.close();
      // First the pieces alone: the remote has what they make up. Then all of it.
      for (const spared of ["chunked", ""]) {
        const objects = join(store.root, "objects");
        for (const name of readdirSync(objects)) if (name !== spared) rmSync(join(objects, name), { recursive: true });
        const report = await repairStore(store.root, {
          sources: [{ name: "it", fetch: (digest, into) => remote.fetch(digest, into) }],
        });
        expect(report.left).toEqual([]);
        expect(report.restored.length).toBeGreaterThan(0);
      }
      const again = openStore(store.root, { create: false });
      const into = join(base, `mended-${count}`);
      restoreData(again, again.data.find("pets@2"), { to: into });
      expect(readFileSync(join(into, "deep/a.csv"), "utf8")).toBe(table);
      // What names the rest gone: nobody can tell what is needed.
      await remote.shelf.remove([objectOf(first().manifest)]);
      await expect(collectRemote(remote)).rejects.toMatchObject({ code: "REMOTE_MISSING" });
      remote.close();
      again.close();
    });
  });
}
