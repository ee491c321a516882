import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestFromHex, digestOf } from "#record";
import type { Objects } from "#store";
import { code } from "../store/error-code.ts";

export interface ObjectsUnderTest {
  readonly objects: Objects;
  /** Harms the stored bytes of the one object with this text behind the store's back; null where nobody can. */
  readonly damage: ((text: string) => void) | null;
  readonly close: () => void;
}

const ABSENT = digestFromHex("0".repeat(64));

/** What every keeper of objects must do, wherever it keeps them. */
export function objectsConformance(name: string, make: (folder: string) => ObjectsUnderTest): void {
  describe(`objects: ${name}`, () => {
    let folder: string;
    let made: ObjectsUnderTest;
    let objects: Objects;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "reprise-objects-"));
      made = make(folder);
      objects = made.objects;
    });
    afterEach(() => {
      made.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test("opens objects by position, and knows whether they are whole", () => {
      const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 251));
      const batch = objects.batch();
      const small = batch.put("small ones may share a file");
      batch.put("with others");
      batch.flush();
      for (const [digest, content] of [
        [objects.put(bytes), bytes],
        [small, Buffer.from("small ones may share a file")],
      ] as const) {
        const reader = objects.open(digest);
        expect(reader.length).toBe(content.length);
        expect(Buffer.compare(reader.read(5, 20), content.subarray(5, 20))).toBe(0);
        expect(Buffer.compare(reader.read(0, content.length, Buffer.alloc(content.length)), content)).toBe(0);
        expect(reader.intact()).toBe(true);
        reader.close();
      }
      expect(() => objects.open(ABSENT)).toThrow(code("STORE_MISSING_OBJECT"));
      if (made.damage === null) return;
      const harmed = objects.put("a text that will be harmed");
      made.damage("a text that will be harmed");
      const reader = objects.open(harmed);
      expect(reader.intact()).toBe(false);
      reader.close();
    });
    const file = (name: string, bytes: Uint8Array | string): string => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    };

    test("bytes come back under their SHA-256, text as UTF-8", () => {
      const digest = objects.put("zażółć\0");
      expect(digest).toBe(digestOf("zażółć\0"));
      expect(Buffer.from(objects.read(digest)).toString()).toBe("zażółć\0");
      expect(objects.has(digest)).toBe(true);
      expect(objects.size(digest)).toBe(Buffer.byteLength("zażółć\0"));
      expect(objects.put("zażółć\0")).toBe(digest);
      expect([...objects.digests()]).toEqual([digest]);
    });

    test("no bytes at all are an object too", () => {
      const digest = objects.put("");
      expect(objects.size(digest)).toBe(0);
      expect(objects.read(digest)).toHaveLength(0);
    });

    test("what is handed out is a copy", () => {
      const bytes = Buffer.from("mine");
      const digest = objects.put(bytes);
      bytes.fill(0);
      objects.read(digest).fill(0);
      expect(Buffer.from(objects.read(digest)).toString()).toBe("mine");
    });

    test.each([0, 1, 4096, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])("a file of %i bytes", (bytes) => {
      const content = Buffer.alloc(bytes, "ab");
      const path = file("in", content);
      expect(objects.putFile(path)).toEqual({ digest: digestOf(content), bytes });
      expect(existsSync(path)).toBe(true);
      objects.readTo(digestOf(content), join(folder, "out"), 0o750);
      expect(readFileSync(join(folder, "out")).equals(content)).toBe(true);
      expect(statSync(join(folder, "out")).mode & 0o777).toBe(0o750);
    });

    test.each([5, 2 << 20])("a file of %i bytes that moves in is gone from its place", (bytes) => {
      const content = Buffer.alloc(bytes, "m");
      for (const name of ["first", "second"]) {
        const path = file(name, content);
        chmodSync(path, 0o444);
        expect(objects.putFile(path, { move: true })).toEqual({ digest: digestOf(content), bytes });
        expect(existsSync(path)).toBe(false);
      }
      expect(objects.read(digestOf(content))).toHaveLength(bytes);
    });

    test("a link that moves in leaves its target alone", () => {
      const target = file("target", "pointed at");
      symlinkSync(target, join(folder, "link"));
      const { digest } = objects.putFile(join(folder, "link"), { move: true });
      writeFileSync(target, "changed later");
      expect(Buffer.from(objects.read(digest)).toString()).toBe("pointed at");
      expect(existsSync(join(folder, "link"))).toBe(false);
    });

    test("a file that is not there is Node's own error", () => {
      expect(() => objects.putFile(join(folder, "nowhere"))).toThrow(code("ENOENT"));
    });

    test("a writer keeps what it was given, or nothing", () => {
      const writer = objects.writer();
      writer.write(Buffer.from("one "));
      writer.write(Buffer.from("two"));
      expect([...objects.digests()]).toEqual([]);
      const { digest, bytes } = writer.finish();
      expect(bytes).toBe(7);
      expect(Buffer.from(objects.read(digest)).toString()).toBe("one two");
      writer.abort();
      const left = objects.writer();
      left.write(Buffer.from("left"));
      left.abort();
      expect([...objects.digests()]).toEqual([digest]);
    });

    test.each([3, 300])("a batch of %i becomes visible with flush", (count) => {
      const batch = objects.batch();
      const digests = Array.from({ length: count }, (_, index) => batch.put(`small ${index}`));
      expect(batch.put("small 0")).toBe(digests[0]);
      const inFile = batch.putFile(file("f", "from a file")).digest;
      const large = batch.putFile(file("l", Buffer.alloc(3 << 20, "l"))).digest;
      expect(objects.has(digestOf("small 0"))).toBe(false);
      batch.flush();
      for (const [index, digest] of digests.entries()) {
        expect(objects.has(digest)).toBe(true);
        expect(Buffer.from(objects.read(digest)).toString()).toBe(`small ${index}`);
      }
      expect(Buffer.from(objects.read(inFile)).toString()).toBe("from a file");
      expect(objects.size(large)).toBe(3 << 20);
      objects.readTo(inFile, join(folder, "out"));
      expect(readFileSync(join(folder, "out"), "utf8")).toBe("from a file");
      expect([...objects.digests()].sort()).toEqual([...new Set([...digests, inFile, large])].sort());
      batch.put("forgotten");
      batch.abort();
      batch.flush();
      expect(objects.has(digestOf("forgotten"))).toBe(false);
    });

    test("restoring replaces what is there, a link too, without following it", () => {
      const digest = objects.put("new");
      const victim = file("victim", "untouched");
      symlinkSync(victim, join(folder, "place"));
      objects.readTo(digest, join(folder, "place"));
      expect(readFileSync(victim, "utf8")).toBe("untouched");
      expect(readFileSync(join(folder, "place"), "utf8")).toBe("new");
      objects.readTo(digest, victim);
      expect(readFileSync(victim, "utf8")).toBe("new");
    });

    test("a name as long as names can be", () => {
      const path = join(folder, "n".repeat(255));
      objects.readTo(objects.put("x"), path);
      expect(readFileSync(path, "utf8")).toBe("x");
    });

    test("what is missing is said to be missing", () => {
      expect(objects.has(ABSENT)).toBe(false);
      expect(objects.retain(ABSENT)).toBe(false);
      expect(() => objects.read(ABSENT)).toThrow(code("STORE_MISSING_OBJECT"));
      expect(() => objects.size(ABSENT)).toThrow(code("STORE_MISSING_OBJECT"));
      expect(() => objects.readTo(ABSENT, join(folder, "out"))).toThrow(code("STORE_MISSING_OBJECT"));
      expect(existsSync(join(folder, "out"))).toBe(false);
    });

    test.for([1, 300])("damaged bytes are never handed out (one of %i)", (count, { skip }) => {
      if (made.damage === null) return skip("nobody can get at the bytes");
      const batch = objects.batch();
      const digests = Array.from({ length: count }, (_, index) => batch.put(`precious ${index}`));
      batch.flush();
      const [digest = ABSENT] = digests;
      expect(objects.retain(digest)).toBe(true);
      made.damage("precious 0");
      expect(() => objects.read(digest)).toThrow(code("STORE_CORRUPT_OBJECT"));
      expect(() => objects.read(digest)).toThrow(digest);
      expect(() => objects.readTo(digest, join(folder, "out"))).toThrow(code("STORE_CORRUPT_OBJECT"));
      expect(existsSync(join(folder, "out"))).toBe(false);
    });
  });
}
