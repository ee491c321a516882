import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { tornOf } from "../../../src/replay/resume/torn.ts";

const folder = mkdtempSync(join(tmpdir(), "torn-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const torn = (name: string, bytes: Uint8Array): string | null => {
  writeFileSync(join(folder, name), bytes);
  return tornOf(join(folder, name));
};

const header = Buffer.from(JSON.stringify({ w: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }));
const length = Buffer.alloc(8);
length.writeBigUInt64LE(BigInt(header.length));

test.each([
  ["last.pkl", Buffer.from([0x80, 4, 0x4b, 1, 0x2e]), "pickle"],
  ["last.json", Buffer.from('{"step": 3, "loss": [0.5]}'), "JSON"],
  ["last.safetensors", Buffer.concat([length, header, Buffer.alloc(4)]), "tensor"],
  [
    "last.pt",
    Buffer.concat([
      Buffer.from("PK\u0003\u0004"),
      deflateRawSync(Buffer.alloc(40)),
      Buffer.from("PK\u0005\u0006"),
      Buffer.alloc(18),
    ]),
    "zip",
  ],
])("%s is whole, and torn when its end is missing", (name, whole, words) => {
  expect(torn(name, whole)).toBeNull();
  expect(torn(name, whole.subarray(0, name === "last.pt" ? whole.length - 22 : whole.length - 1))).toContain(words);
  expect(torn(name, Buffer.alloc(0))).toBe("it is empty");
});

test("what is not there, or has a form that does not tell its end, is not called torn", () => {
  expect(tornOf(join(folder, "absent.pt"))).toBeNull();
  expect(torn("notes.bin", Buffer.from("abc"))).toBeNull();
});
