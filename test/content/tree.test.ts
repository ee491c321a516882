import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compareBytes } from "#content";
import { runs } from "./runs.ts";

const compare = (name: string, a: string, b: string): Comparison =>
  compareBytes(name, Buffer.from(a), Buffer.from(b), runs);
const json = (a: string, b: string): Comparison => compare("x.json", a, b);

describe("JSON", () => {
  it("sets order of keys and white space aside, nothing else", () => {
    expect(json('{"a": 1, "b": [1, 2]}', '{"b":[1,2],"a":1}')).toMatchObject({ agree: true, how: "content" });
    expect(json('{"a": [1, 2]}', '{"a": [2, 1]}').agree).toBe(false);
    expect(json('{"a": 1}', '{"a": 1.0}').agree).toBe(false);
    expect(json('{"a": 1e2}', '{"a": 100}').agree).toBe(false);
    expect(json('{"a": 1}', '{"a": "1"}').agree).toBe(false);
    expect(json('{"a": 1, "a": 2}', '{"a": 2, "a": 1}').agree).toBe(false);
    expect(json('{"a": 1, "a": 2}', '{"a": 2}').agree).toBe(false);
    expect(json('{"__proto__": 1}', '{"__proto__": 2}').agree).toBe(false);
    expect(json('{"a": NaN}', '{"a": Infinity}').agree).toBe(false);
  });

  it.each([
    ["a", "a "],
    ["", " "],
    ["", "\t"],
    ["a b", "a  b"],
    [" a", "a"],
    ["1 a", "1 \u00a0a"],
  ])("takes white space within texts for content: %j against %j", (a, b) => {
    const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
    expect(json(`{"x": ${left}}`, `{"x": ${right}}`)).toMatchObject({ agree: false });
    expect(json(`{${left}: 1}`, `{${right}: 1}`)).toMatchObject({ agree: false });
    expect(json(`{"x": [1, ${left}, {}]}`, `{"x": [1, ${right}, {}]}`)).toMatchObject({ agree: false });
    expect(compare("x.yaml", `x: ${left}\n`, `x: ${right}\n`).agree).toBe(false);
    expect(compare("x.jsonl", `{"x": ${left}}\n`, `{"x": ${right}}\n`).agree).toBe(false);
    expect(compare("x.csv", `n,x\n1,${left}\n`, `n,x\n1,${right}\n`).agree).toBe(false);
  });

  it("takes what stands beside something masked for padding", () => {
    expect(json('{"said": "took 9.5s   ok"}', '{"said": "took 10.25s ok"}').agree).toBe(true);
    expect(json('{"said": "took 9.5s   ok"}', '{"said": "took 10.25s bad"}').agree).toBe(false);
    // As a cell shows a list of paths: broken into lines by their length.
    const shown = (root: string, gap: string): string =>
      JSON.stringify({ said: `['${root}/proj/a.png',${gap}'${root}/proj/b.png']` });
    expect(json(shown("/home/ada", " "), shown("/var/replay/7", "\n ")).agree).toBe(true);
    const table = (seconds: string, gap: string): string =>
      JSON.stringify({ said: `fit_time ${gap}${seconds}\nscore    ${gap}0.91` });
    expect(json(table("0.123456", ""), table("10.123456", " ")).agree).toBe(true);
  });

  it.each([
    ["elapsed", "12.5", "13.5"],
    ["train_runtime", "12.5", "13.5"],
    ["wall_time_ms", "12500", "13500"],
    ["timestamp", "1795240813.5", "1795244521.5"],
    ["created_at", '"2026-11-21T06:00:13Z"', '"2026-11-21T07:02:01Z"'],
    ["samples_per_second", "120.5", "99.25"],
    ["fps", "120", "99"],
    ["pid", "4711", "5811"],
    ["run_id", '"8a4e2d0c1b5f4f6e9d3c7b2a1f0e9d8c"', '"0f1e2d3c4b5a69788796a5b4c3d2e1f0"'],
    ["hostname", '"alpha.example"', '"beta.example"'],
    ["output", '"/home/ada/proj/x"', '"/var/replay/7/proj/x"'],
    ["at", "1795240813.5", "1795244521.5"],
    ["when", "1795240813500", "1795244521500"],
  ])("masks %s", (key, a, b) => {
    const found = json(`{"${key}": ${a}, "loss": 1}`, `{"${key}": ${b}, "loss": 1}`);
    expect(found).toMatchObject({ agree: true, how: "masked" });
    expect(found.aside.join()).toContain(key);
    expect(json(`{"${key}": ${a}, "loss": 1}`, `{"${key}": ${b}, "loss": 2}`).agree).toBe(false);
  });

  it.each([
    ["loss", "12.5", "13.5"],
    ["accuracy", "0.5", "0.6"],
    ["elapsed", "12.5", "135050000.5"],
    ["timestamp", "1695240813.5", "1695244521.5"],
    ["step", "1", "2"],
    ["eta", "0.1", "0.3"],
    ["date", "20240103", "20240104"],
    ["seed", "1795240813", "1795244521"],
    ["at", "1795240813.5", "1795299999.5"],
    ["at", "1.5", "2.5"],
    ["epochs", "3", "4"],
    ["run_id", '"model-a"', '"model-b"'],
    ["md5", '"8a4e2d0c1b5f4f6e9d3c7b2a1f0e9d8c"', '"0f1e2d3c4b5a69788796a5b4c3d2e1f0"'],
    ["lr", '"1e-3"', '"1e-4"'],
  ])("does not mask %s from %s to %s", (key, a, b) => {
    expect(json(`{"${key}": ${a}}`, `{"${key}": ${b}}`).agree).toBe(false);
  });

  it("knows the account of an episode", () => {
    expect(json('{"r": 9.0, "l": 9, "t": 1.5}', '{"r": 9.0, "l": 9, "t": 1.75}').agree).toBe(true);
    expect(json('{"r": 9.0, "l": 9, "t": 1.5}', '{"r": 8.0, "l": 9, "t": 1.75}').agree).toBe(false);
    expect(json('{"r": 9.0, "t": 1.5}', '{"r": 9.0, "t": 1.75}').agree).toBe(false);
  });

  it("tells where, values and distance", () => {
    expect(json('{"m": {"loss": [0.5, 0.25]}}', '{"m": {"loss": [0.5, 0.5]}}').difference).toEqual({
      where: '["m"]["loss"][1]',
      a: "0.25",
      b: "0.5",
      distance: 0.25,
    });
  });

  it("compares what is no JSON byte by byte, and says so", () => {
    const found = json("{bad", "{bed");
    expect(found).toMatchObject({ agree: false, how: "bytes" });
    expect(found.difference?.where).toContain("compared byte by byte: JSON");
    expect(json("[".repeat(100_000), "[".repeat(100_001)).agree).toBe(false);
  });

  it("agrees after shuffling keys, and never after changing a leaf", () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, shuffled(member)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(json(JSON.stringify(a), JSON.stringify(shuffled(a))).agree).toBe(true);
        const [left, right] = [JSON.stringify({ loss: a }), JSON.stringify({ loss: b })];
        if (JSON.stringify(shuffled(a)) !== JSON.stringify(shuffled(b)) && !isShuffleOf(a, b))
          expect(json(left, right).agree).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("reads a pickle that is kept as text, and a document without extension", () => {
    const packed = (seconds: number, loss: number): string => {
      const double = Buffer.alloc(8);
      const other = Buffer.alloc(8);
      double.writeDoubleBE(seconds);
      other.writeDoubleBE(loss);
      const parts = [
        "\u0080\u0004\u0095\0\0\0\0\0\0\0\0}(\u008c\u0007elapsedG",
        double,
        "\u008c\u0004lossG",
        other,
        "u.",
      ];
      const bytes = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)));
      return JSON.stringify({ data: bytes.toString("base64"), repr: "<function Net.parameters at 0x7fe24713b060>" });
    };
    const moved = (text: string): string => text.replace("0x7fe24713b060", "0x7fe87c8eb060");
    expect(compare("data", packed(1, 1), moved(packed(2, 1)))).toMatchObject({ agree: true, how: "masked" });
    expect(compare("data", packed(1, 1), packed(1, 2)).difference?.where).toContain("loss");
    // One spelling of Base64 more: the unused bits at the end are no reason to agree or not.
    expect(compare("data", packed(1, 1), packed(1, 1).replace("gASV", "gASW")).agree).toBe(false);
  });

  it("reads JSON lines", () => {
    expect(compare("x.jsonl", '{"t": 1, "time": 1.5}\n{"t": 2}\n', '{"time": 1.75, "t": 1}\n{"t": 2}\n').agree).toBe(
      true,
    );
    expect(compare("x.jsonl", '{"t": 1}\n{"t": 2}\n', '{"t": 2}\n{"t": 1}\n').agree).toBe(false);
  });
});

function isShuffleOf(a: unknown, b: unknown): boolean {
  const sorted = (value: unknown): string =>
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).toSorted(([x], [y]) => (x < y ? -1 : 1)))
        : inner,
    );
  return sorted(a) === sorted(b);
}

describe("YAML and TOML", () => {
  it("sets order and spelling of the document aside, not numbers", () => {
    expect(compare("x.yaml", "a: 1\nb: [1, 2]\n", "b:\n  - 1\n  - 2\na: 1\n").agree).toBe(true);
    expect(compare("x.yaml", "a: 1\n", "a: '1'\n").agree).toBe(false);
    expect(compare("x.yaml", "a: 1.0\n", "a: 1\n").agree).toBe(false);
    expect(compare("x.yaml", "a: 0.001\n", "a: 1e-3\n").agree).toBe(false);
    expect(compare("x.yaml", "start_time: 1795240813.5\n", "start_time: 1795244521.5\n").agree).toBe(true);
    expect(compare("x.yaml", "a: !x 1\n", "a: !y 1\n").agree).toBe(false);
    expect(compare("x.toml", 'a = 1\nb = "x"\n', 'b = "x"\na = 1\n').agree).toBe(true);
    expect(compare("x.toml", "a = 1\n", "a = 1.0\n").agree).toBe(false);
    expect(compare("x.toml", "a = 2026-11-21T06:00:13Z\n", "a = 2024-11-21T06:00:13Z\n").agree).toBe(false);
  });

  it("stops at a bomb of aliases", () => {
    const bomb = (last: string): string =>
      `a0: &a0 [x, ${last}]\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join("")}`;
    expect(compare("x.yaml", bomb("y"), bomb("z")).agree).toBe(false);
  });
});

describe("tables", () => {
  it("masks a column by its header, where plausible", () => {
    const table = (time: string, loss: string): string => `epoch,loss,time\n1,${loss},${time}\n`;
    expect(compare("x.csv", table("1.5", "0.5"), table("1.75", "0.5"))).toMatchObject({ agree: true, how: "masked" });
    expect(compare("x.csv", table("1.5", "0.5"), table("1.5", "0.6")).difference?.where).toBe("row 2: column 2 (loss)");
    expect(compare("x.csv", table("1.5", "0.5"), table("999999999", "0.5")).agree).toBe(false);
    expect(compare("x.csv", "a,b\n1,2\n", "a,b\n1,2\n1,2\n").agree).toBe(false);
    expect(compare("x.csv", 'a,b\n1,"2,3"\n', 'a,b\n1,"2,4"\n').agree).toBe(false);
    expect(compare("x.csv", "0.5,1.5\n", "0.5,1.6\n").agree).toBe(false);
  });

  it("knows the tables of Stable-Baselines3 and CatBoost", () => {
    const monitor = (start: string, t: string): string => `#{"t_start": ${start}, "env_id": "x"}\nr,l,t\n9.0,9,${t}\n`;
    expect(compare("monitor.csv", monitor("1795240813.5", "1.5"), monitor("1795244521.5", "1.7")).agree).toBe(true);
    expect(compare("monitor.csv", monitor("1.0", "1.5"), monitor("1.0", "1.5").replace("9.0", "8.0")).agree).toBe(
      false,
    );
    expect(
      compare("time_left.tsv", "iter\tPassed\tRemaining\n0\t12\t90\n", "iter\tPassed\tRemaining\n0\t14\t99\n").agree,
    ).toBe(true);
    expect(compare("x.tsv", "iter\tPassed\n0\t12\n", "iter\tPassed\n0\t14\n").agree).toBe(false);
  });
});
