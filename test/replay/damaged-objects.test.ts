import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Digest, OutputFile } from "#record";
import { openStore } from "#store";
import { gatherEvidence, MOST_HELD } from "../../src/replay/evidence.ts";
import { sideOf } from "../../src/replay/side.ts";
import { sampleRecord } from "../store/sample-record.ts";

test("two large outputs of which a damaged store has kept the same beginning are not called equal", () => {
  const folder = mkdtempSync(join(tmpdir(), "reprise-damaged-"));
  const store = openStore(join(folder, ".reprise"), { create: true });
  try {
    const sides = [0.5, 0.25].map((loss, index) => {
      const bytes = Buffer.concat([Buffer.alloc(MOST_HELD + 4096), Buffer.from(`loss ${loss}`)]);
      const digest: Digest = store.objects.put(bytes);
      const [prefix, rest] = [digest.slice(-64, -62), digest.slice(-62)];
      const path = join(folder, ".reprise", "objects", prefix, rest);
      expect(readdirSync(join(folder, ".reprise", "objects", prefix))).toContain(rest);
      chmodSync(path, 0o644);
      truncateSync(path, MOST_HELD + 4096);
      const output: OutputFile = {
        path: "model.bin",
        scope: "project",
        bytes: bytes.length,
        digest,
        stored: true,
        seen: [],
        change: "created",
      };
      return sideOf(sampleRecord(String(index), { outputs: [output] }), [], store, []);
    });
    const [a, b] = sides;
    if (a === undefined || b === undefined) throw new Error("two sides");
    const found = gatherEvidence(a, b).find(({ name }) => name === "model.bin");
    expect(found).toMatchObject({
      agree: false,
      unseen: expect.stringContaining("content of one is gone, or cannot be read") as unknown,
    });
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("an output that lies where nobody can look any more is unknown with its reason, and breaks nothing", () => {
  const folder = mkdtempSync(join(tmpdir(), "reprise-unreadable-"));
  const store = openStore(join(folder, ".reprise"), { create: true });
  try {
    symlinkSync("loop.bin", join(folder, "loop.bin"));
    const sides = (["11", "22"] as const).map((digit) => {
      const output: OutputFile = {
        path: join(folder, "loop.bin"),
        scope: "home",
        bytes: 4,
        digest: `sha256:${digit.repeat(32)}` as Digest,
        stored: false,
        seen: [],
        change: "created",
      };
      return sideOf(sampleRecord(digit, { outputs: [output] }), [], store, []);
    });
    const [a, b] = sides;
    if (a === undefined || b === undefined) throw new Error("two sides");
    expect(gatherEvidence(a, b).find(({ kind }) => kind === "output")).toMatchObject({
      agree: false,
      unseen: "bytes differ; the content of one is gone, or cannot be read",
    });
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
