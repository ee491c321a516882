import { describe } from "vitest";
import { testCases } from "./known-truth.ts";

describe("programs that resume by their library", () =>
  testCases(/^(sklearn|xgboost|keras|lightning|transformers|jax)-/));
