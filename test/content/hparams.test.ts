import { expect, test } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { maskedCrc32c } from "../../src/content/event/crc32c.ts";
import { runs } from "./runs.ts";

/** Entries of the map, as protobuf writes them for {"lr": 0.5, "a": "x", "bs": 3}. */
const A = "0a080a016112031a0178";
const BS = "0a0f0a0262731209110000000000000840";
const LR = "0a0f0a026c72120911000000000000e03f";
const LR_OTHER = "0a0f0a026c72120911000000000000e0bf";

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

/** One event with what SummaryWriter.add_hparams writes first. */
function file(entries: readonly string[]): Buffer {
  const value = `0a1c5f68706172616d735f2f73657373696f6e5f73746172745f696e666f4a3b0a390a0768706172616d73122e1a2c${entries.join("")}`;
  const inner = Buffer.from(value, "hex");
  const summary = Buffer.concat([Buffer.from([0x0a, inner.length]), inner]);
  const event = Buffer.concat([Buffer.from([0x2a, summary.length]), summary]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(event.length));
  return Buffer.concat([length, u32(maskedCrc32c(length)), event, u32(maskedCrc32c(event))]);
}

const compare = (a: readonly string[], b: readonly string[]): Comparison =>
  compareBytes("out/events.out.tfevents.1", file(a), file(b), runs);

test("hyperparameters are a map: their order says nothing, their names and values do", () => {
  const found = compare([A, BS, LR], [LR, A, BS]);
  expect(found).toMatchObject({ agree: true, how: "content" });
  expect(found.aside).toContain("tfevents: order of hyperparameters");
  expect(compare([A, BS, LR], [LR_OTHER, A, BS]).agree).toBe(false);
  expect(compare([A, BS, LR], [A, LR, LR]).agree).toBe(false);
});
