import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CsvLayout, dataStats } from "#data";
import { code } from "../store/error-code.ts";
import { bzip2Sync, zipSync } from "./packed.ts";
import { agree, type PandasTable, PYTHON, pandas } from "./pandas.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-tables-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const statsOf = async (path: string, layout: CsvLayout = {}) =>
  (await dataStats({ path, store: null }, { temporary: folder, layout })).tables[0]?.stats;
const put = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** The tables that packages of the test environment ship; or those that the file REPRISE_TABLES names, one path a line. */
function shipped(): string[] {
  const list = process.env["REPRISE_TABLES"];
  if (list !== undefined) return readFileSync(list, "utf8").trim().split("\n");
  const script = `
import importlib.util, pathlib
ends = (".csv", ".csv.gz", ".tsv", ".json")
for package, under in (("sklearn", "datasets/data"), ("vega_datasets", "_data")):
    root = pathlib.Path(importlib.util.find_spec(package).origin).parent / under
    for path in sorted(root.iterdir()):
        if path.name.endswith(ends):
            print(path)
`;
  return execFileSync(PYTHON, ["-c", script], { encoding: "utf8" }).trim().split("\n");
}

test("statistics of tables that packages ship agree with pandas on every figure, or the table is refused with what to type", async () => {
  const paths = shipped();
  const theirs = pandas(paths);
  const refused: string[] = [];
  const wrong: string[] = [];
  let [tables, figures] = [0, 0];
  for (const path of paths) {
    try {
      const ours = await statsOf(path);
      // JSON that holds settings, not records.
      if (ours === undefined) continue;
      figures += agree(path, ours, theirs[path]);
      tables += 1;
    } catch (error) {
      const { code: name, hint } = error as { code?: string; hint?: string };
      if (name === "TABLE_UNREADABLE" && hint !== undefined) refused.push(`${basename(path)}: ${hint}`);
      else wrong.push((error as Error).message.slice(0, 300));
    }
  }
  if (process.env["REPRISE_TABLES"] !== undefined)
    process.stderr.write(`${tables} of ${paths.length} tables, ${figures} figures\n${refused.join("\n")}\n`);
  expect(wrong).toEqual([]);
  if (process.env["REPRISE_TABLES"] === undefined) {
    expect(refused.map((line) => line.split(":")[0])).toEqual(["breast_cancer.csv", "wine_data.csv"]);
    expect([tables, figures > 1500]).toEqual([paths.length - 2, true]);
  }
});

test("a head that names classes is skipped on request, and the figures are pandas'", async () => {
  const [path] = shipped().filter((name) => name.endsWith("wine_data.csv"));
  copyFileSync(path as string, join(folder, "wine.csv"));
  const rows = readFileSync(path as string, "utf8")
    .split("\n")
    .slice(1);
  const plain = put(
    "wine-plain.csv",
    [
      rows[0]
        ?.split(",")
        .map((_, index) => index)
        .join(","),
      ...rows,
    ].join("\n"),
  );
  expect(
    agree("wine", await statsOf(join(folder, "wine.csv"), { skip: 1, noHeader: true }), pandas([plain])[plain]),
  ).toBeGreaterThan(150);
});

/** Traps of layout: what pandas makes of them is what is right. */
const ODD: Readonly<Record<string, string | Buffer>> = {
  "yes-no.csv": "a,b,c\nYes,true,t\nNo,FALSE,f\n,True,t\n",
  "capital.csv": "a,A,a,,a.1\n1,2,3,4,5\n6,7,8,9,10\n",
  "dates.csv":
    "iso,us,slash,when\n2020-01-05,1/5/2020,2020/01/05,2020-01-05 10:11:12\n2021-02-03,13/1/2020,2020/01/06,2020-01-05T10:11:13\n",
  "numbers.csv":
    'thousands,comma,under,spaces,plus,lead,percent\n"1,000","1,5",1_000, 7,+5,007,5%\n"2,000","2,5",2_000,8 ,+6,08,6%\n',
  "long.csv":
    "id,unsigned,id2\n9007199254740993,18446744073709551615,123456789012345678901234567890\n9007199254740995,1,2\n",
  "infinite.csv": "x,y,z\ninf,1,-inf\nInfinity,2,3\n-Infinity,nan,4\n2,NaN,+inf\n",
  "words.csv": "x,y\nNA,none\nnull,None\nN/A,-\n#N/A,x\n-nan,y\n",
  "quotes.csv": 'a,b\n5" pipe,"say ""hi"""\n"two\nlines",x\n"a,b",y\n',
  "blank.csv": "\n\na,b\n1,2\n\n3,4\n\n",
  "one.csv": "a\n1\n\n3\nNA\n",
  "mixed-ends.csv": 'a,b\r\n1,"x\r\ny"\n3,4\r5,6\r\r\n7,8',
  "empty-column.csv": "a,b,c\n1,,x\n2,,y\n",
  "no-rows.csv": "a,b\n",
  "mark.csv": "\ufeffa,b\n1,é\n2,ü\n",
  "semicolon.csv": "a;b\n1,5;2\n2,5;3\n",
  "head.csv": '"first, one","two\nlines"\n1,2\n3,4\n',
  "records.json":
    '[\n {"a": 1, "b": "x", "c": true, "d": [1, 2], "e": null},\n {"a": 2.5, "b": null, "c": false, "d": [1, 2], "e": null}]\n',
};

test("odd tables are read as pandas reads them", async () => {
  const paths = Object.entries(ODD).map(([name, content]) => put(name, content));
  const theirs = pandas(paths);
  for (const path of paths) {
    expect(theirs[path]?.error, path).toBeUndefined();
    agree(path, await statsOf(path), theirs[path]);
  }
});

test("packed tables and other encodings are what they hold", async () => {
  const text = `name,x\n${Array.from({ length: 30_000 }, (_, row) => `n${(row * 7919) % 613}é,${(row * 31) % 97}\n`).join("")}`;
  const plain = put("plain.csv", text);
  const theirs = pandas([plain])[plain] as PandasTable;
  const packed = {
    "p.csv.gz": gzipSync(text),
    "p.csv.bz2": bzip2Sync(text),
    "p.csv.zip": zipSync("inner.csv", text),
    "utf16.csv": Buffer.from(`\ufeff${text}`, "utf16le"),
  };
  for (const [name, content] of Object.entries(packed)) agree(name, await statsOf(put(name, content)), theirs);
  const latin = put("latin.csv", Buffer.from(text, "latin1"));
  await expect(statsOf(latin)).rejects.toThrow(code("TABLE_UNREADABLE"));
  for (const encoding of ["latin-1", "iso8859-1", "cp1252"]) agree(latin, await statsOf(latin, { encoding }), theirs);
  await expect(statsOf(latin, { encoding: "no" })).rejects.toThrow("there is no encoding");
  const bytes = packed["p.csv.bz2"];
  const half = put("half.csv.bz2", bytes.subarray(0, bytes.length / 2));
  await expect(statsOf(half)).rejects.toThrow(code("TABLE_UNREADABLE"));
  const flipped = Buffer.from(bytes);
  flipped[bytes.length >> 1] = (flipped[bytes.length >> 1] ?? 0) ^ 4;
  await expect(statsOf(put("flipped.csv.bz2", flipped))).rejects.toThrow(code("TABLE_UNREADABLE"));
});

test("what is no table is refused, and the message names the line and what to type", async () => {
  const cases: readonly (readonly [string, string, RegExp, RegExp])[] = [
    ["longer.csv", "a,b\n1,2\n3,4,5\n", /line 3 has 3 cells, its head 2/, /--no-header/],
    ["shorter.csv", "a,b\n1,2\n3\n", /line 3 has 1 cells, its head 2/, /--pad-rows/],
    ["nothing.csv", "", /it is empty/, /--help/],
    ["open.csv", 'a,"b\n1,2\n', /never closed/, /--help/],
    ["spaces.csv", '"a" "b"\n"x" 2\n"y" 3\n', /parted by another character/, /--delimiter/],
  ];
  for (const [name, content, why, hint] of cases) {
    const error = await statsOf(put(name, content)).then(
      () => null,
      (reason: unknown) => reason as Error & { hint: string },
    );
    expect(error?.message, name).toMatch(why);
    expect(error?.hint, name).toMatch(hint);
  }
  expect((await statsOf(join(folder, "shorter.csv"), { padRows: true }))?.columns[1]?.missing).toBe(1);
  expect((await statsOf(join(folder, "spaces.csv"), { delimiter: " " }))?.columns[1]?.mean).toBe(2.5);
  expect(await statsOf(put("settings.json", '{"a": 1}'))).toBeUndefined();
});
