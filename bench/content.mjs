// What comparing contents costs: checkpoints larger than memory, a long log, a folder of many small outputs. Each beside
// `cmp` or `diff` on the same files, and with the most memory that the comparison held.
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { build } from "esbuild";
import { measure, report, settings } from "./rounds.mjs";

const { rounds, gigabytes, lines, files, work } = settings({
  rounds: 3,
  gigabytes: 5,
  lines: 1_000_000,
  files: 100_000,
  work: tmpdir(),
});
const base = realpathSync(mkdtempSync(join(work, "bench-content-")));
process.on("exit", () => rmSync(base, { recursive: true, force: true }));
const at = (name) => join(base, name);

await build({
  entryPoints: [fileURLToPath(new URL("content-job.mjs", import.meta.url))],
  outfile: at("job.mjs"),
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  conditions: ["source"],
  banner: { js: 'import { createRequire as $r } from "node:module"; const require = $r(import.meta.url);' },
});
const job = (kind, a, b) => [process.execPath, at("job.mjs"), kind, a, b];

/** Rows, and behind them what the comparison found and held. */
function figure(title, rows) {
  const figures = measure(
    rows.map((row) => ({ ...row, cwd: base })),
    rounds,
  );
  report(title, figures, rounds);
  for (const { name, argv } of rows.filter(({ argv: [program] }) => program === process.execPath))
    process.stdout.write(`${name}: ${spawnSync(argv[0], argv.slice(1), { encoding: "utf8" }).stdout}`);
  process.stdout.write("\n");
}

const MIB = 1 << 20;
const TENSORS = 10;
const size = Math.round((gigabytes * 1e9) / TENSORS / MIB) * MIB;
const piece = Buffer.alloc(MIB);
for (let index = 0; index < MIB; index += 4) piece.writeFloatLE(Math.sin(index), index);

/** Tensors of one piece over and over; of the second file the last element of all is another. */
function writeTensors(fd, changed) {
  for (let left = size; left > 0; left -= MIB) {
    if (left === MIB && changed) {
      const last = Buffer.from(piece);
      last.writeFloatLE(0.25, MIB - 4);
      writeSync(fd, last);
    } else writeSync(fd, piece);
  }
}

function safetensors(path, changed) {
  const fd = openSync(path, "w");
  const entries = Array.from({ length: TENSORS }, (_, index) => [
    `layers.${index}.weight`,
    { dtype: "F32", shape: [size / 4096, 1024], data_offsets: [index * size, (index + 1) * size] },
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeSync(fd, Buffer.concat([length, header]));
  for (let index = 0; index < TENSORS; index += 1) writeTensors(fd, changed && index === TENSORS - 1);
  closeSync(fd);
}

/** The pickle of torch.save({"w0": …}), in its oldest form of opcodes. */
function stateOf(count) {
  const text = (value) => `X${String.fromCharCode(value.length, 0, 0, 0)}${value}`;
  const int = (value) => `I${value}\n`;
  let pickle = "\u0080\u0002}(";
  for (let index = 0; index < count; index += 1) {
    const storage = `(${text("storage")}ctorch\nFloatStorage\n${text(String(index))}${text("cpu")}${int(size / 4)}tQ`;
    const shape = `(${int(size / 4096)}${int(1024)}t(${int(1024)}${int(1)}t`;
    pickle += `${text(`layers.${index}.weight`)}ctorch._utils\n_rebuild_tensor_v2\n(${storage}${int(0)}${shape}I00\nccollections\nOrderedDict\n)RtR`;
  }
  return Buffer.from(`${pickle}u.`, "latin1");
}

/** A zip of stored members with 64-bit sizes, as torch.save writes it. */
function torchZip(path, changed) {
  const fd = openSync(path, "w");
  let place = 0;
  const put = (bytes) => {
    writeSync(fd, bytes);
    place += bytes.length;
  };
  const members = [{ name: "data.pkl", bytes: stateOf(TENSORS), length: 0 }];
  for (let index = 0; index < TENSORS; index += 1) members.push({ name: `data/${index}`, bytes: null, length: size });
  const directory = [];
  for (const [index, { name, bytes, length }] of members.entries()) {
    const own = changed && index === TENSORS;
    let crc = bytes === null ? 0 : crc32(bytes);
    for (let left = bytes === null ? length : 0; left > 0; left -= MIB) {
      const last = Buffer.from(piece);
      if (own && left === MIB) last.writeFloatLE(0.25, MIB - 4);
      crc = crc32(last, crc);
    }
    const full = Buffer.from(`model/${name}`);
    const extra = Buffer.alloc(20);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(16, 2);
    for (const offset of [4, 12]) extra.writeBigUInt64LE(BigInt(bytes?.length ?? length), offset);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(45, 4);
    head.writeUInt32LE(crc, 14);
    head.writeUInt32LE(0xffffffff, 18);
    head.writeUInt32LE(0xffffffff, 22);
    head.writeUInt16LE(full.length, 26);
    head.writeUInt16LE(extra.length, 28);
    const wide = Buffer.alloc(28);
    extra.copy(wide);
    wide.writeUInt16LE(24, 2);
    wide.writeBigUInt64LE(BigInt(place), 20);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(45, 6);
    central.writeUInt32LE(crc, 16);
    for (const offset of [20, 24, 42]) central.writeUInt32LE(0xffffffff, offset);
    central.writeUInt16LE(full.length, 28);
    central.writeUInt16LE(wide.length, 30);
    directory.push(central, full, wide);
    put(Buffer.concat([head, full, extra]));
    if (bytes === null) {
      writeTensors(fd, own);
      place += length;
    } else put(bytes);
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(98);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  for (const offset of [24, 32]) end.writeBigUInt64LE(BigInt(members.length), offset);
  end.writeBigUInt64LE(BigInt(list.length), 40);
  end.writeBigUInt64LE(BigInt(place), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(place + list.length), 64);
  end.writeUInt32LE(1, 72);
  end.writeUInt32LE(0x06054b50, 76);
  for (const offset of [84, 86]) end.writeUInt16LE(members.length, offset);
  for (const offset of [88, 92]) end.writeUInt32LE(0xffffffff, offset);
  put(Buffer.concat([list, end]));
  closeSync(fd);
}

function checkpoints(kind, write) {
  const [a, b] = [at(`a.${kind}`), at(`b.${kind}`)];
  write(a, false);
  write(b, true);
  figure(`Two checkpoints of ${gigabytes} GB, .${kind}, the last element of the last tensor another`, [
    { name: "cmp -s a b || true", argv: ["sh", "-c", `cmp -s ${a} ${b} || true`] },
    { name: "compare by content", argv: job("file", a, b) },
  ]);
  for (const path of [a, b]) rmSync(path);
}

if (gigabytes > 0) {
  checkpoints("safetensors", safetensors);
  checkpoints("pt", torchZip);
}

if (lines > 0) {
  const start = Date.UTC(2026, 10, 21, 6);
  for (const [run, every] of [
    ["a", 1],
    ["b", 2],
  ]) {
    const fd = openSync(at(`${run}.log`), "w");
    for (let index = 0; index < lines; ) {
      let text = "";
      for (const stop = Math.min(lines, index + 10_000); index < stop; index += 1) {
        const clock = new Date(start + every * 1000 + (index * 3.5e6) / lines)
          .toISOString()
          .replace("T", " ")
          .slice(0, 23);
        text += `${clock} INFO train.py:88 epoch ${index >> 10} step ${index} loss ${(1 / (index + 1)).toFixed(6)} (${99 + every}.5 it/s)\n`;
      }
      writeSync(fd, text);
    }
    closeSync(fd);
  }
  figure(`Two logs of ${lines} lines, each line with another time and speed`, [
    { name: "cmp -l a b | wc", argv: ["sh", "-c", `cmp -l ${at("a.log")} ${at("b.log")} | wc -l`] },
    { name: "compare by content", argv: job("file", at("a.log"), at("b.log")) },
  ]);
}

if (files > 0) {
  for (const run of ["a", "b"]) {
    for (let index = 0; index < files; index += 1) {
      if (index % 1000 === 0) mkdirSync(at(`${run}/${index / 1000}`), { recursive: true });
      const seconds = index % 10 === 0 ? (run === "a" ? 1.5 : 2.5) : 1;
      const text = `{"step": ${index}, "loss": ${1 / (index + 1)}, "elapsed": ${seconds}, "note": "${"x".repeat(100)}"}\n`;
      writeFileSync(at(`${run}/${Math.floor(index / 1000)}/step-${index}.json`), text);
    }
  }
  figure(`Two folders of ${files} small outputs, a tenth of them with another duration`, [
    { name: "diff -rq a b", argv: ["sh", "-c", `diff -rq ${at("a")} ${at("b")} | wc -l`] },
    { name: "compare by content", argv: job("folder", at("a"), at("b")) },
  ]);
}
