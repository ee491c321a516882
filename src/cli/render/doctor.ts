import type { Check } from "../doctor.ts";
import { safe } from "./escape.ts";
import type { PageLook } from "./page.ts";

const SIGN = { ok: "✓", unknown: "?", broken: "✗" } as const;

/** One line a check; a hint below where something can be done. */
export function doctorText(checks: readonly Check[], { colors }: Pick<PageLook, "colors">): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const paint = { ok: colors.green, unknown: colors.yellow, broken: colors.red };
  return checks
    .map(({ name, state, found, hint }) => {
      const head = `${paint[state](SIGN[state])} ${name.padEnd(width)}  ${safe(found)}\n`;
      return hint === undefined ? head : `${head}  ${" ".repeat(width)}  try: ${safe(hint)}\n`;
    })
    .join("");
}
