import type { Check } from "../doctor.ts";
import { safe } from "./escape.ts";
import type { PageLook } from "./page.ts";
import { wrap } from "./rows.ts";

const SIGN = { ok: "✓", unknown: "?", broken: "✗" } as const;

/** A check and what it found; a hint below where something can be done. */
export function doctorText(checks: readonly Check[], { colors, columns }: PageLook): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const paint = { ok: colors.green, unknown: colors.yellow, broken: colors.red };
  const indent = " ".repeat(width + 4);
  const lines = (text: string): string => wrap(safe(text), columns - width - 4).join(`\n${indent}`);
  return checks
    .map(({ name, state, found, hint }) => {
      const head = `${paint[state](SIGN[state])} ${name.padEnd(width)}  ${lines(found)}\n`;
      return hint === undefined ? head : `${head}${indent}${lines(`try: ${hint}`)}\n`;
    })
    .join("");
}
