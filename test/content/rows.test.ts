import { expect, test } from "vitest";
import { rowsIn, settingsIn } from "#content";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const cells = (name: string, text: string): (readonly string[])[] | null => {
  const rows = rowsIn(name, bytes(text));
  return rows === null ? null : Array.from({ length: rows.count }, (_, i) => rows.cells(i));
};

test("rows of tables: quotes, line ends, separators, with a header and without", () => {
  expect(rowsIn("a.csv", bytes("x,y\n1,2\n"))).toMatchObject({ form: "CSV", columns: ["x", "y"], count: 1 });
  expect(cells("a.csv", 'x,y\r\n"a, b","say ""hi"""\r\n')).toEqual([["a, b", 'say "hi"']]);
  expect(cells("a.csv", "x;y\n1,5;2\n")).toEqual([["1,5", "2"]]);
  expect(rowsIn("a.csv", bytes("1,2\n3,4\n"))).toMatchObject({ columns: null, count: 2 });
  expect(rowsIn("a.tsv", bytes("x\ty\n1\t2\n"))).toMatchObject({ form: "TSV", columns: ["x", "y"], count: 1 });
  expect(rowsIn("words.csv", bytes("apple\npear\n"))).toMatchObject({ columns: null, count: 2 });
});

test("rows of JSON lines are their objects; what is no such thing has no rows", () => {
  expect(rowsIn("a.jsonl", bytes('{"x": 1}\n{"x": 2, "y": "z"}\n'))).toMatchObject({ columns: ["x", "y"], count: 2 });
  expect(cells("a.jsonl", '{"x": 1}\n{"x": 2, "y": "z"}\n')).toEqual([
    ["1", ""],
    ["2", "z"],
  ]);
  expect(cells("a.jsonl", "[1,2]\n")).toEqual([["[1,2]"]]);
  expect(rowsIn("a.jsonl", bytes("{torn"))).toBeNull();
  expect(rowsIn("a.bin", bytes("x,y\n1,2\n"))).toBeNull();
  expect(rowsIn("a.csv", new Uint8Array([0xff, 0]))).toBeNull();
});

function npy(dtype: string, shape: string, data: Uint8Array): Uint8Array {
  const header = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${shape}), }\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from("\u0093NUMPY\u0001\u0000", "latin1"), length, Buffer.from(header), data]);
}

test("rows of an array lie under the indices of its first direction", () => {
  const data = Buffer.from(new Float32Array([0, -0, 1.5, 2, 3, Number.NaN]).buffer);
  const rows = rowsIn("a.npy", npy("<f4", "3, 2", data));
  expect(rows).toMatchObject({ form: "float32 [3, 2]", columns: null, count: 3 });
  expect([0, 1, 2].map((i) => rows?.cells(i))).toEqual([
    ["0", "-0"],
    ["1.5", "2"],
    ["3", "NaN"],
  ]);
  expect(rows?.key?.(0)).not.toBe(rows?.key?.(1));
  expect(rowsIn("a.npy", npy("<f4", "7, 2", data))).toBeNull();
});

test("settings are flattened to paths of keys; values of another type are not the same", () => {
  const of = (name: string, text: string): unknown => {
    const found = settingsIn(name, bytes(text));
    return found === null ? null : Object.fromEntries(found);
  };
  expect(of("a.yaml", "opt:\n  lr: 0.10\n  on: '1'\nlist: [1, b]\nparts:\n  - name: x\n")).toEqual({
    "opt.lr": "0.10",
    "opt.on": '"1"',
    list: "[1, b]",
    "parts[0].name": "x",
  });
  expect(of("a.json", '{"a": {"b": null, "c": {}}}')).toEqual({ "a.b": "null", "a.c": "{}" });
  expect(of("a.toml", '[m]\nn = 3\ns = "3"\n')).toEqual({ "m.n": "3", "m.s": '"3"' });
  expect(of("a.ini", "top = 1\n[s]\nkey: a value\n  goes on\n# no\n")).toEqual({
    top: "1",
    "s.key": "a value goes on",
  });
  expect(of("a.json", "[1, 2]")).toBeNull();
  expect(of("a.yaml", "a: [")).toBeNull();
  expect(of("a.yaml", "a: &x [*x]\n")).toBeNull();
  expect(of("a.txt", "a=1")).toBeNull();
});
