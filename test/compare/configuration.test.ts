import { describe, expect, test } from "vitest";
import { configurationOf, originWords, parametersApart } from "#compare";
import type { Param, RunRecord } from "#record";
import { sampleRecord } from "../store/sample-record.ts";

const param = (origin: string, name: string, value: string, from?: string): Param => ({
  name,
  value,
  origin,
  ...(from === undefined ? {} : { from }),
});
const table = (...params: Param[]): string[] =>
  configurationOf({ params }).map((row) => `${row.name} = ${row.value} | ${originWords(row)}`);

describe("the table of parameters", () => {
  test("sources that agree are one row, with the chain they form", () => {
    expect(
      table(
        param("argument", "learning-rate", "1e-1"),
        param("argparse", "learning_rate", "0.1", "command line"),
        param("argparse", "momentum", "0.9", "default"),
        param("mlflow", "learning_rate", "0.1"),
      ),
    ).toEqual(["learning_rate = 0.1 | command line · argparse · mlflow", "momentum = 0.9 | default · argparse"]);
  });

  test("sources that do not agree are a row each, the one that has the last word first", () => {
    expect(
      table(
        param("file", "lr", "0.1", "conf.yaml:3"),
        param("argument", "lr", "0.2"),
        param("hydra", "lr", "0.2", "command line"),
        param("wandb", "lr", "0.3"),
      ),
    ).toEqual([
      "lr = 0.3 | wandb",
      "lr (argument, hydra) = 0.2 | command line · hydra",
      "conf.yaml: lr = 0.1 | conf.yaml:3",
    ]);
  });

  test("which words belong to an option its parser knows", () => {
    expect(table(param("argument", "lr", "0.2 fit"), param("argparse", "lr", "0.2", "command line"))).toEqual([
      "lr = 0.2 | command line · argparse",
    ]);
  });

  test("an option of one letter is the parameter that its parser made of it", () => {
    const n = param("argument", "n", "4");
    expect(table(n, param("argparse", "max_iter", "4", "command line"))).toEqual([
      "max_iter = 4 | command line · argparse",
    ]);
    expect(table(n, param("argparse", "max_iter", "4", "default"))).toHaveLength(2);
    expect(table(n, param("argument", "k", "4"), param("argparse", "k", "4", "command line"))).toHaveLength(2);
  });

  test("a key of a Hydra group is known by the folder of its file", () => {
    expect(
      table(
        param("file", "lr", "0.01", "conf/optimizer/adam.yaml:2"),
        param("file", "lr", "0.5", "conf/optimizer/sgd.yaml:2"),
        param("hydra", "optimizer.lr", "0.01", "configuration config"),
      ),
    ).toEqual([
      "optimizer.lr = 0.01 | conf/optimizer/adam.yaml:2 · hydra",
      "conf/optimizer/sgd.yaml: lr = 0.5 | conf/optimizer/sgd.yaml:2",
    ]);
  });

  test.each([
    ["True", "true"],
    ["None", "null"],
    ["[1, 2]", "1 2"],
    ["'adam'", "adam"],
    ["1_000", "1e3"],
  ])("%s and %s are one value", (x, y) => {
    expect(table(param("argument", "k", y), param("argparse", "k", x, "command line"))).toHaveLength(1);
  });

  test.each([
    ["0.1", "0.10000001"],
    ["1", "true"],
    ["adam", "Adam"],
    ["[1, 2]", "[2, 1]"],
    ["", "null"],
  ])("%s and %s are two values", (x, y) => {
    expect(table(param("argument", "k", y), param("argparse", "k", x, "default"))).toHaveLength(2);
  });
});

test("what somebody set otherwise for B, and not what a program made up by itself", () => {
  const run = (...params: Param[]): RunRecord => ({
    ...sampleRecord("01930000-0000-7000-8000-00000000000a"),
    loggers: ["argparse"],
    params,
  });
  const a = run(
    param("argparse", "lr", "0.1", "default"),
    param("argparse", "out", "runs/1", "default"),
    param("file", "depth", "3", "conf.yaml:1"),
    param("file", "momentum", "0.9", "conf.yaml:2"),
    param("argparse", "momentum", "0.9", "default"),
  );
  const b = run(
    param("argument", "lr", "0.2"),
    param("argparse", "lr", "0.2", "command line"),
    param("argparse", "out", "runs/2", "default"),
    param("file", "depth", "4", "conf.yaml:1"),
    param("file", "momentum", "0.9", "conf.yaml:2"),
    param("argument", "momentum", "0.8"),
    param("argparse", "momentum", "0.8", "command line"),
  );
  expect(parametersApart(a, b)).toEqual([
    { name: "conf.yaml: depth", a: "3", b: "4" },
    { name: "lr", a: "0.1", b: "0.2" },
    { name: "momentum", a: "0.9", b: "0.8" },
  ]);
});

test("a file that changed is told although a parser's default is what it was", () => {
  const run = (file: Param[]): RunRecord =>
    sampleRecord("r", { params: [...file, param("argparse", "lr", "0.1", "default")] });
  const of = (value: string): Param[] => [param("file", "lr", value, "conf.yaml:2")];
  expect(parametersApart(run(of("0.1")), run(of("0.2")))).toEqual([{ name: "conf.yaml: lr", a: "0.1", b: "0.2" }]);
  expect(parametersApart(run([]), run(of("0.2")))).toEqual([{ name: "conf.yaml: lr", a: null, b: "0.2" }]);
  expect(parametersApart(run(of("0.1")), run(of("1e-1")))).toEqual([]);
});

test.each([
  ["007", "7", false],
  ["2024_01", "202401", false],
  ["1_000_000", "1000000", true],
  ["0.50", "0.5", true],
  ["0", "0.0", true],
])("%s and %s are one value: %s", (one, other, same) => {
  const run = (value: string): RunRecord => sampleRecord("r", { params: [param("argument", "x", value)] });
  expect(parametersApart(run(one), run(other)).length === 0).toBe(same);
});
