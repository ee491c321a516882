import type { LeftBehind } from "#record";
import type { Colors } from "../output.ts";
import { safe } from "../render/escape.ts";
import { plural } from "../render/words.ts";

const SHOWN = 8;

/** What did not come along, for people; empty: all did. */
export function leftText(left: readonly LeftBehind[], colors: Colors): string {
  if (left.length === 0) return "";
  const lines = left.slice(0, SHOWN).map(({ path, why }) => `  ${safe(path)}: ${safe(why)}`);
  const more = left.length > SHOWN ? [`  … and ${left.length - SHOWN} more: --json lists them`] : [];
  return `${colors.yellow("not in it")}: ${plural(left.length, "thing")} of the run\n${[...lines, ...more].join("\n")}\n`;
}
