import { expect } from "vitest";

/** Matches an error by its stable code. */
export const code = (value: string): Error => expect.objectContaining({ code: value }) as Error;
