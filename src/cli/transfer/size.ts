import { RepriseError } from "#record";

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** A size as people type it: 500M, 2G, 2GiB. */
export const sizeOf =
  (option: string) =>
  (text: string): number => {
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
    const size = Number(digits) * (UNITS[unit.toUpperCase()] ?? Number.NaN);
    if (Number.isFinite(size)) return Math.floor(size);
    throw new RepriseError("USAGE", "usage", `${option} ${text}: not a size`, `${option} 2G`);
  };
