import { setFlagsFromString } from "node:v8";

/**
 * A walk over a million files makes tens of millions of small things that are gone at once. V8 lets its young generation
 * grow with them and keeps what survived by chance: 898 MB at a million files, and 448 instead of 270 MB at 300,000 (measured;
 * no slower so). Called before the walk.
 */
export function keepMemoryShort(): void {
  setFlagsFromString("--max-semi-space-size=2");
  setFlagsFromString("--semi-space-growth-factor=1");
}
