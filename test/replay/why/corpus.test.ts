import { describe } from "vitest";
import { testCases } from "./known-truth.ts";

describe("causes in small programs whose truth is known", () => testCases({ torch: false }));
