import { describe } from "vitest";
import { testCases } from "./known-truth.ts";

describe("small programs that are killed and resumed", () => testCases(/^(numpy|arguments|no-)/));
