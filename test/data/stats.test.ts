import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { parquetWriteBuffer } from "hyparquet-writer";
import { encode } from "jpeg-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addData, dataStats } from "#data";
import { code } from "../store/error-code.ts";
import { type DataFolder, dataFolder } from "./folder.ts";
import { agree, near, PYTHON, pandas } from "./pandas.ts";

let at: DataFolder;
let temporary: string;
beforeEach(() => {
  at = dataFolder();
  temporary = mkdtempSync(join(tmpdir(), "reprise-stats-"));
});
afterEach(() => {
  at.remove();
  expect(readdirSync(temporary)).toEqual([]);
  rmSync(temporary, { recursive: true });
});

const stats = (path: string, more: { by?: string } = {}) =>
  dataStats({ path, store: at.store }, { temporary, ...more });
const table = async (path: string) => (await stats(path)).tables[0]?.stats;
const put = (name: string, text: string | Buffer): string => {
  at.put({ [name]: text });
  return join(at.data, name);
};

describe("statistics agree with pandas on every figure", () => {
  test("of tables with missing values, classes, times, quotes, infinities, long numbers and odd names", async () => {
    const species = ["Adelie", "Chinstrap, small", 'Gen"too', ""];
    const rows = Array.from({ length: 5000 }, (_, row) => ({
      species: species[(row * 7) % 4] ?? "",
      "bill length": row % 11 === 0 ? "NA" : String(30 + ((row * 7919) % 3000) / 100),
      year: 2007 + (row % 3),
      score: row % 97 === 0 ? "inf" : ((row * 104_729) % 99_991) * 1e-7,
      count: row % 13 === 0 ? "" : (row * 2_654_435_761) % 1_000_000_007,
      sex: row % 5 === 0 ? "N/A" : row % 2 === 0 ? "female" : "male",
    }));
    const columns = Object.keys(rows[0] ?? {});
    const cell = (value: string | number): string =>
      /[",]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
    const lines = (separator: string): string =>
      `${[columns, ...rows.map((row) => Object.values(row).map(cell))].map((line) => line.join(separator)).join("\n")}\n`;
    const paths = [put("odd [1]*.csv", lines(",")), put("plain.tsv", lines("\t"))];
    const theirs = pandas(paths);
    for (const path of paths) agree(path, await table(path), theirs[path]);
  });

  test("of JSON lines and of Parquet", async () => {
    const rows = Array.from({ length: 3000 }, (_, row) => ({
      id: row,
      x: (row * 31) % 17,
      y: ((row * 7919) % 1000) / 8,
      city: `c${row % 9}`,
    }));
    const path = put("rows.jsonl", `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`);
    const theirs = pandas([path])[path];
    agree(path, await table(path), theirs);
    const columnData = (["id", "x", "y", "city"] as const).map((name) => ({
      name,
      data: rows.map((row) => row[name]),
      type: name === "city" ? ("STRING" as const) : name === "y" ? ("DOUBLE" as const) : ("INT32" as const),
    }));
    const parquet = put("rows.parquet", Buffer.from(parquetWriteBuffer({ columnData })));
    agree(parquet, await table(parquet), theirs);
  });
});

test("a column splits a table, and each part has figures of its own", async () => {
  const path = put("t.csv", "split,x\ntrain,1\ntrain,3\ntest,10\n,4\n");
  const [table] = (await stats(path, { by: "split" })).tables;
  expect(table?.by?.map(({ value, stats: part }) => [value, part.rows, part.columns[1]?.mean])).toEqual([
    ["test", 1, 10],
    ["train", 2, 2],
    [null, 1, 4],
  ]);
  await expect(stats(path, { by: "nothing" })).rejects.toThrow(code("TABLE_UNREADABLE"));
});

test("pictures and arrays are counted by shape, size and folder", async () => {
  const script =
    "import numpy as np, sys; np.save(sys.argv[1] + '/a.npy', np.zeros((4, 5), 'float32')); np.save(sys.argv[1] + '/b.npy', np.zeros(3))";
  mkdirSync(join(at.data, "set"));
  execFileSync(PYTHON, ["-c", script, join(at.data, "set")]);
  const jpeg = (width: number, height: number): Buffer =>
    encode({ width, height, data: Buffer.alloc(width * height * 4, 90) }, 80).data;
  const bytes = (text: string, size: number, at32: Readonly<Record<number, number>>): Buffer => {
    const head = Buffer.alloc(size);
    head.write(text, "latin1");
    for (const [place, value] of Object.entries(at32)) head.writeUInt32LE(value, Number(place));
    return head;
  };
  const png = (width: number, height: number): Buffer => {
    const head = bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 40, {});
    head.writeUInt32BE(width, 16);
    head.writeUInt32BE(height, 20);
    return head;
  };
  at.put({
    "set/cat/0.png": png(30, 20),
    "set/dog/0.png": png(30, 20),
    "set/cat/1.jpg": jpeg(31, 20),
    "set/dog/1.jpg": jpeg(31, 20),
    "set/cat/2.gif": bytes("GIF89a", 40, { 6: 32 + 20 * 65_536 }),
    "set/x.bmp": bytes("BM", 40, { 18: 7, 22: 9 }),
    "set/x.webp": bytes("RIFF\0\0\0\0WEBPVP8L", 40, { 21: 10 + 12 * 16_384 }),
    "set/note.txt": "x",
  });
  const { images, arrays, others, tables } = await stats(join(at.data, "set"));
  expect(tables).toEqual([]);
  expect(images?.files).toBe(7);
  expect(Object.fromEntries(images?.shapes.map(({ shape, files }) => [shape, files]) ?? [])).toEqual({
    "png 30×20": 2,
    "jpeg 31×20": 2,
    "gif 32×20": 1,
    "bmp 7×9": 1,
    "webp 11×13": 1,
  });
  expect(images?.folders).toEqual([
    { folder: "cat", files: 3 },
    { folder: ".", files: 2 },
    { folder: "dog", files: 2 },
  ]);
  expect(arrays?.shapes.map(({ shape }) => shape).sort()).toEqual(["<f4 (4, 5)", "<f8 (3)"]);
  expect(others).toEqual({ files: 1, bytes: 1 });
});

describe("drift", () => {
  const csv = (rows: readonly (readonly [number | string, string])[]): string =>
    `x,city\n${rows.map((row) => row.join(",")).join("\n")}\n`;
  const gauss = (count: number, shift: number): [number, string][] =>
    Array.from({ length: count }, (_, row) => {
      const u = ((row * 7919) % count) / count + 0.5 / count;
      return [Math.log(u / (1 - u)) + shift, `c${row % 4}`];
    });

  test("is told by effect sizes, which SciPy gives too", async () => {
    put("t.csv", csv(gauss(2000, 0)));
    const { version: against } = addData(at.store, join(at.data, "t.csv"));
    const fresh = gauss(1500, 1.5).map(([x, city], row): [number, string] => [x, row % 3 === 0 ? "c9" : city]);
    const path = put("t.csv", csv(fresh));
    const report = await dataStats({ path, against, store: at.store }, { temporary });
    const [x, city] = report.tables[0]?.drift?.columns ?? [];
    const script = `
import json, sys, numpy as np
from scipy import stats
old, new = json.load(sys.stdin)
a, b = np.array([r[0] for r in old]), np.array([r[0] for r in new])
ks = stats.ks_2samp(a, b)
n, m = len(a), len(b)
d = (b.mean() - a.mean()) / np.sqrt(((n - 1) * a.var(ddof=1) + (m - 1) * b.var(ddof=1)) / (n + m - 2))
cities = sorted({r[1] for r in old} | {r[1] for r in new})
t = np.array([[sum(r[1] == c for r in rows) for c in cities] for rows in (old, new)])
chi = stats.chi2_contingency(t, correction=False)
edges = np.quantile(a, np.arange(0.1, 1, 0.1))
p, q = (np.bincount(np.searchsorted(edges, v, side="left"), minlength=10) / len(v) for v in (a, b))
psi = float(((q - p) * np.log(q / p)).sum())
print(json.dumps([ks.statistic, d, psi, chi.statistic, chi.pvalue, float(np.sqrt(chi.statistic / t.sum()))]))
`;
    const input = JSON.stringify([gauss(2000, 0), fresh]);
    const theirs = JSON.parse(execFileSync(PYTHON, ["-c", script], { input, encoding: "utf8" })) as number[];
    const ours = [x?.statistic, x?.effect, x?.psi, city?.statistic, city?.p, city?.effect];
    for (const [index, value] of theirs.entries()) near(ours[index], value, `figure ${index}`);
    expect(x).toMatchObject({ test: "kolmogorov-smirnov", drift: "large" });
    expect(city).toMatchObject({ test: "chi-squared", drift: "large", came: ["c9"] });
  });

  test("of another draw from the same is none, though rows and columns may have come", async () => {
    put("t.csv", csv(gauss(2000, 0)));
    const { version: against } = addData(at.store, join(at.data, "t.csv"));
    const rows = gauss(3001, 0).map(([x, city]) => `${x},${city},1`);
    const path = put("t.csv", `x,city,more\n${rows.join("\n")}\n`);
    const drift = (await dataStats({ path, against, store: at.store }, { temporary })).tables[0]?.drift;
    expect(drift?.columns.map(({ drift: word }) => word)).toEqual(["none", "none"]);
    expect(drift).toMatchObject({ rows: { old: 2000, new: 3001 }, added: ["more"], removed: [], retyped: [] });
  });
});

test("a version is told of without its files, and a table that is none is an error", async () => {
  put("set/t.csv", "a\n1\n2\n");
  const { version } = addData(at.store, at.data, { name: "set" });
  rmSync(at.data, { recursive: true });
  const report = await dataStats({ version, store: at.store }, { temporary });
  expect(report.tables).toMatchObject([{ path: "set/t.csv", stats: { rows: 2 } }]);
  mkdirSync(at.data);
  writeFileSync(join(at.data, "bad.parquet"), "no parquet");
  await expect(stats(join(at.data, "bad.parquet"))).rejects.toThrow(code("TABLE_UNREADABLE"));
});

test("nothing is fetched: the engine that is asked has its extensions with it", async () => {
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  const found = await connection.runAndReadAll("SELECT extension_name FROM duckdb_extensions() WHERE loaded");
  const names = found.getRowObjectsJS().map((row) => row["extension_name"]);
  expect(names).toEqual(expect.arrayContaining(["json", "parquet", "core_functions"]));
  connection.closeSync();
  instance.closeSync();
});
