import { describe } from "vitest";
import { testCases } from "./known-truth.ts";

// In a file of their own, beside the many quick ones.
describe("causes in small programs with torch whose truth is known", () => testCases({ torch: true }));
