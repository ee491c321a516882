import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes, type Origin } from "#content";
import { runA, runs } from "./runs.ts";

type Output = Readonly<Record<string, unknown>>;

const stream = (text: string | string[], name = "stdout"): Output => ({ name, output_type: "stream", text });
const shown = (data: object): Output => ({ data, metadata: {}, output_type: "display_data" });
const cell = (outputs: readonly Output[], id?: string, count = 1): object => ({
  cell_type: "code",
  execution_count: count,
  ...(id === undefined ? {} : { id }),
  metadata: {},
  outputs,
  source: ["x = 1\n", "print(x)"],
});
const notebook = (...cells: object[]): Buffer =>
  Buffer.from(JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
const compare = (a: Buffer, b: Buffer): Comparison => compareBytes("x.ipynb", a, b, runs);
const outputs = (a: readonly Output[], b: readonly Output[]): Comparison =>
  compare(notebook(cell(a)), notebook(cell(b)));

describe("notebooks", () => {
  it("puts the pieces of a stream together", () => {
    const whole = [stream(["loss 0.5\n", "loss 0.25\n"])];
    const found = outputs([stream("loss 0.5\nlo"), stream("ss 0.25\n")], whole);
    expect(found).toMatchObject({ agree: true, how: "content" });
    expect(found.aside).toContain("notebook: how the text of a stream is cut into pieces");
    expect(outputs([stream("loss 0.5\nlo"), stream("ss 0.26\n")], whole).agree).toBe(false);
    expect(outputs([stream("loss 0.5\n")], whole).agree).toBe(false);
    expect(outputs([stream(["loss 0.5\n", "loss 0.25\n"], "stderr")], whole).agree).toBe(false);
  });

  it("redraws lines of a stream as a terminal does, and of no other text", () => {
    expect(outputs([stream("at 10\rat 20\rdone\n")], [stream("at 20\rdone\n")]).agree).toBe(true);
    expect(outputs([stream("at 10\rdone\n")], [stream("at 10\rover\n")]).agree).toBe(false);
    const data = (text: string): Output => shown({ "text/plain": [text] });
    expect(outputs([data("at 10\rdone\n")], [data("at 20\rdone\n")]).agree).toBe(false);
  });

  it("takes cells that the run executed for its code, and no others", () => {
    const code = (source: string): object => ({ ...cell([stream("1\n")]), source });
    const executed = (source: string): Origin => ({
      ...runA,
      cells: [createHash("sha256").update(source).digest("hex")],
    });
    const [a, b] = [notebook(code("x = 1")), notebook(code("x = 2"))];
    const origins = { a: executed("x = 1"), b: executed("x = 2") };
    expect(compareBytes("x.ipynb", a, b, origins)).toMatchObject({ agree: true, how: "masked" });
    expect(compareBytes("x.ipynb", a, b, { ...origins, b: runA }).agree).toBe(false);
    expect(compareBytes("x.ipynb", a, b, { a: origins.b, b: origins.a }).agree).toBe(false);
    const other = notebook({ ...code("x = 2"), outputs: [stream("2\n")] });
    expect(compareBytes("x.ipynb", a, other, origins).agree).toBe(false);
  });

  it("lets streams interleave, each in its own order", () => {
    const here = [stream("a\n"), stream("w\n", "stderr"), stream("b\n")];
    const found = outputs(here, [stream("w\n", "stderr"), stream("a\nb\n")]);
    expect(found.agree).toBe(true);
    expect(found.aside).toContain("notebook: how stdout and stderr interleave");
    expect(outputs(here, [stream("w\n", "stderr"), stream("b\na\n")]).agree).toBe(false);
    expect(outputs(here, [stream("a\nb\n"), stream("v\n", "stderr")]).agree).toBe(false);
    const figure = shown({ "text/plain": "<Figure>" });
    const moved = outputs([stream("a\n"), figure, stream("b\n")], [stream("a\nb\n"), figure]);
    expect(moved.aside).toContain("notebook: how streams interleave with displayed results");
    expect(outputs([stream("a\n"), figure], [stream("a\n")]).agree).toBe(false);
    expect(outputs([shown({ "text/plain": "1" }), figure], [figure, shown({ "text/plain": "1" })]).agree).toBe(false);
  });

  it("masks what is printed as in any text", () => {
    expect(outputs([stream("took 3.5 s\n")], [stream("took 4.5 s\n")])).toMatchObject({ agree: true, how: "masked" });
    expect(
      outputs([shown({ "text/plain": ["<A at 0x7f00aa11>"] })], [shown({ "text/plain": "<A at 0x7f00bb22>" })]).agree,
    ).toBe(true);
  });

  it("keeps counts of execution and sets drawn cell ids aside", () => {
    const ids = (...of: string[]): Buffer => notebook(...of.map((id) => cell([], id)));
    const found = compare(ids("0a1b2c3d", "4e5f6a7b"), ids("1a1b2c3d", "5e5f6a7b"));
    expect(found).toMatchObject({ agree: true });
    expect(found.aside).toContain("notebook: cell ids, which were drawn anew");
    expect(compare(ids("0a1b2c3d", "4e5f6a7b"), ids("1a1b2c3d", "1a1b2c3d")).agree).toBe(false);
    expect(compare(ids("load"), ids("train")).agree).toBe(false);
    expect(compare(ids("0a1b2c3d"), ids("1a1b2c3d", "4e5f6a7b")).agree).toBe(false);
    expect(compare(notebook(cell([], "load", 1)), notebook(cell([], "load", 2))).agree).toBe(false);
  });

  it("compares pictures by their pixels", () => {
    const picture = (run: string, broken: boolean): Output => {
      const file = fileURLToPath(new URL(`../fixtures/content/plot.${run}.png`, import.meta.url));
      const text = readFileSync(file).toString("base64");
      return shown({ "image/png": broken ? `${text.slice(0, 76)}\n${text.slice(76)}\n` : text });
    };
    expect(outputs([picture("a", false)], [picture("b", true)])).toMatchObject({ agree: true });
    const other = outputs([picture("a", false)], [picture("x", false)]);
    expect(other.difference?.where).toContain('["image/png"]: pixel');
  });
});
