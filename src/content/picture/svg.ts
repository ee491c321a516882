import type { Difference, Judge } from "../comparison.ts";
import { matchText } from "../text/text.ts";

/** Ids as Matplotlib and plotly draw them: a letter and hex digits of a hash with a random salt. */
const GENERATED = /^(?:[a-z]{1,4})?[0-9a-f]{8,40}$/;

/** Compares SVG as text, with generated ids numbered as they are defined. */
export function compareSvgs(a: string, b: string, judge: Judge): Difference | null {
  const left = renumbered(a);
  const right = renumbered(b);
  if (left !== a || right !== b) judge.setAside("SVG: generated ids");
  return matchText(withPaths(left).split("\n"), withPaths(right).split("\n"), judge);
}

/** Letters of a path are commands: "2s-3" is no duration. What nobody sees keeps them from the number before them. */
export const withPaths = (svg: string): string =>
  svg.replace(/\sd=(?:"[^"]*"|'[^']*')/g, (path) => path.replace(/(?<=[\d.]\s*)[a-z]/g, "\u2060$&"));

function renumbered(svg: string): string {
  const names = new Map<string, string>();
  for (const match of svg.matchAll(/\sid="([^"]+)"/g)) {
    const id = match[1] ?? "";
    if (GENERATED.test(id) && !names.has(id)) names.set(id, `generated-${names.size}`);
  }
  if (names.size === 0) return svg;
  return svg.replace(/(\sid="|href="#|url\(#)([^")]+)/g, (whole: string, before: string, id: string) => {
    const name = names.get(id);
    return name === undefined ? whole : before + name;
  });
}
