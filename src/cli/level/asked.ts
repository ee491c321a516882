import { type Bounds, type Level, RepriseError } from "#record";
import type { Config } from "../config.ts";

const LEVELS: readonly Level[] = ["numerical", "statistical", "scientific", "functional"];

/** The level that a verdict is asked at. Throws LEVEL_UNAVAILABLE. */
export function levelOf(text: string): Level {
  const known = LEVELS.find((level) => level === text);
  if (known !== undefined) return known;
  throw new RepriseError(
    "LEVEL_UNAVAILABLE",
    "usage",
    `there is no level '${text}': type ${LEVELS.join(", ")}`,
    "reprise verify --level statistical",
  );
}

/** A chance, as of confidence or power. */
export const chance =
  (option: string, example: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && value >= 0.5 && value < 1) return value;
    const what = `${option} ${text}: not a probability from 0.5 to below 1`;
    throw new RepriseError("USAGE", "usage", what, `${option} ${example}`);
  };

export function valueAt(text: string): "last" | "best" {
  if (text === "last" || text === "best") return text;
  throw new RepriseError("USAGE", "usage", `--at ${text}: type last or best`, "--at best");
}

/** What predictions may be apart by, as [reference] of the configuration says. */
export const boundsOf = ({ maxAbs, ulps, flips, threshold }: Config["reference"]): Bounds => ({
  maxAbs: maxAbs ?? null,
  ulps: ulps ?? null,
  flips: flips ?? null,
  threshold: threshold ?? null,
});
