import { describe } from "vitest";
import { testCases } from "./known-truth.ts";

// In a file of their own: torch takes seconds to start.
describe("programs with torch that are killed and resumed", () => testCases(/^torch-/));
