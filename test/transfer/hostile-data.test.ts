import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Digest, digestHex, digestOf } from "#record";
import { openStore, type Store } from "#store";
import { openRemote, pullData } from "#transfer";

let base: string;
let count = 0;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "hostile-"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

type Table = Record<string, unknown>;
const CONTENT = "content";

/** A remote that says what nobody pushes; what it says is changed on the way. */
class Hostile {
  readonly root: string;

  constructor() {
    count += 1;
    this.root = join(base, `remote-${count}`);
    this.put("reprise-remote.json", '{"format": "reprise/remote@1", "encrypted": false}');
  }

  put(name: string, text: string): void {
    mkdirSync(dirname(join(this.root, name)), { recursive: true });
    writeFileSync(join(this.root, name), text);
  }

  object(text: string): { digest: Digest; bytes: number } {
    const digest = digestOf(text);
    this.put(`objects/${digestHex(digest).slice(0, 2)}/${digestHex(digest).slice(2)}`, text);
    return { digest, bytes: Buffer.byteLength(text) };
  }

  file(path: string, more: Table = {}): Table {
    return { path, ...this.object(CONTENT), ...more };
  }

  lay(entries: readonly Table[], change: { head?: Table; description?: Table; file?: string } = {}): this {
    const part = this.object(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    const bytes = entries.reduce((sum, entry) => sum + Number(entry["bytes"] ?? 0), 0);
    const counted = { kind: "folder", entries: entries.length, bytes };
    const head = { format: "reprise/data@1", ...counted, parts: [{ digest: part.digest, entries: entries.length }] };
    const manifest = this.object(`${JSON.stringify({ ...head, ...change.head })}\n`);
    const description = { ...this.said(counted), manifest, parts: [part], ...change.description };
    const hash = digestHex(digestOf(change.file ?? "pets"));
    this.put(`data/${hash}/1.${digestHex(manifest.digest)}.json`, JSON.stringify(description));
    return this;
  }

  said(counted: Table): Table {
    const named = { format: "reprise/remote-data@1", name: "pets", version: 1, at: "2026-01-01T00:00:00.000Z" };
    return { ...named, ...counted, path: null, host: "h" };
  }

  async pull(store: Store): Promise<string> {
    const remote = openRemote(this.root, { cwd: "/", env: {} });
    try {
      const [pulled] = await pullData({ store, remote, refs: [], project: "/project" });
      return `${pulled?.state} ${pulled?.source}`;
    } catch (error) {
      return String((error as { code?: string }).code ?? error);
    } finally {
      remote.close();
    }
  }
}

async function pulled(hostile: Hostile): Promise<string> {
  const store = openStore(join(base, `store-${count}-${Math.random()}`), { create: true });
  try {
    const said = await hostile.pull(store);
    expect(store.data.list()).toHaveLength(said.startsWith("new") ? 1 : 0);
    return said;
  } finally {
    store.close();
  }
}

test("it is taken where it is as it is pushed, and lies in the project, wherever it says", async () => {
  const fine = (path: string | null) => {
    const hostile = new Hostile();
    return pulled(hostile.lay([hostile.file("a"), hostile.file("b/c")], { description: { path } }));
  };
  expect(await fine("data/pets")).toBe("new /project/data/pets");
  for (const path of [null, "../../home", "/etc", ".git/hooks", "a/../../b", "x/.vscode"])
    expect(await fine(path)).toBe("new /project/pets");
});

const link = (path: string, to: string): Table => ({ path, kind: "link", to });

const entries: readonly (readonly [string, (at: Hostile) => Table[]])[] = [
  ["a name above", (at) => [at.file("../x")]],
  ["an absolute name", (at) => [at.file("/etc/passwd")]],
  ["a name through another", (at) => [at.file("a/../../x")]],
  ["no name", (at) => [at.file("")]],
  ["a hook of git", (at) => [at.file(".git/hooks/post-checkout")]],
  ["a hook of git where case does not count", (at) => [at.file("a/.GIT/hooks/x")]],
  ["our own store", (at) => [at.file(".reprise/meta.db")]],
  ["a zero byte", (at) => [at.file("a\0b")]],
  ["a link that leads out", () => [{ path: "a", kind: "link", to: "../../etc" }]],
  ["a link that leads out by another", () => [link("a", "d/up/../secret"), link("d/up", "..")]],
  ["an absolute link", () => [{ path: "a", kind: "link", to: "/etc" }]],
  ["a file below a link", (at) => [{ path: "a", kind: "link", to: "b" }, at.file("a/x")]],
  ["a file below a file", (at) => [at.file("a"), at.file("a/x")]],
  ["a name twice", (at) => [at.file("a"), at.file("a")]],
  ["another order", (at) => [at.file("b"), at.file("a")]],
  ["bytes of a name that are another", (at) => [at.file("a", { raw: Buffer.from("../../x").toString("base64") })]],
  ["bytes of a name that are text", (at) => [at.file("b"), at.file("a", { raw: Buffer.from("a").toString("base64") })]],
];

test.each(entries)("%s is refused", async (_what, laid) => {
  const at = new Hostile();
  expect(await pulled(at.lay(laid(at)))).toBe("DATA_UNSAFE");
});

test("links that stay inside are taken, also those that turn back within folders", async () => {
  const at = new Hostile();
  const laid = [link("a", "d/../e"), link("d/up", "../e/x"), at.file("e/x")];
  expect(await pulled(at.lay(laid))).toBe("new /project/pets");
});

test("what does not fit together is refused", async () => {
  const with_ = (change: Parameters<Hostile["lay"]>[1], laid?: (at: Hostile) => Table[]): Promise<string> => {
    const at = new Hostile();
    return pulled(at.lay(laid?.(at) ?? [at.file("a")], change));
  };
  const absent = { digest: digestOf("nothing"), bytes: 7 };
  expect(await with_({ description: { name: "cats" } })).toBe("REMOTE_CORRUPT");
  expect(await with_({ description: { version: 2 } })).toBe("REMOTE_CORRUPT");
  expect(await with_({ description: { name: "../pets" }, file: "../pets" })).toBe("REMOTE_CORRUPT");
  expect(await with_({ description: { manifest: absent } })).toBe("REMOTE_CORRUPT");
  expect(await with_({ description: { parts: [] } })).toBe("REMOTE_CORRUPT");
  expect(await with_({ description: { parts: [absent] } })).toBe("REMOTE_CORRUPT");
  // A part that no memory holds: before any of it is asked for.
  const first = digestOf(`${JSON.stringify({ path: "a", digest: digestOf(CONTENT), bytes: CONTENT.length })}\n`);
  expect(await with_({ description: { parts: [{ digest: first, bytes: 2 ** 30 }] } })).toBe("REMOTE_CORRUPT");
  expect(await with_({ description: { entries: 5 }, head: { entries: 5 } })).toBe("REMOTE_CORRUPT");
  expect(await with_({ description: { bytes: 1 }, head: { bytes: 1 } })).toBe("REMOTE_CORRUPT");
  expect(await with_({ description: { kind: "file" }, head: { kind: "file" } })).toBe("DATA_UNSAFE");
  expect(await with_({ description: { format: "reprise/remote-data@2" } })).toBe("REMOTE_NEWER");
  expect(await with_({ head: { format: "reprise/data@2" } })).toBe("DATA_NEWER");
  // A size that is not there, one that no memory holds, and a file that claims another length than it has.
  expect(await with_({}, (at) => [at.file("a", { bytes: 2 ** 40 })])).toBe("REMOTE_MISSING");
  expect(await with_({}, (at) => [at.file("a"), at.file("b", { bytes: 3 })])).toBe("REMOTE_CORRUPT");
  const huge = { manifest: { digest: digestOf("{}"), bytes: 2 ** 40 } };
  const at = new Hostile();
  at.put(
    `data/${digestHex(digestOf("pets"))}/1.${digestHex(huge.manifest.digest)}.json`,
    JSON.stringify({ ...at.said({ kind: "folder", entries: 0, bytes: 0 }), ...huge, parts: [] }),
  );
  expect(await pulled(at)).toBe("REMOTE_CORRUPT");
});

test("one number that is two things is refused by name, and pulling is possible again when one is taken away", async () => {
  const at = new Hostile();
  at.lay([at.file("a")]).lay([at.file("b")]);
  expect(await pulled(at)).toBe("DATA_CONFLICT");
});
