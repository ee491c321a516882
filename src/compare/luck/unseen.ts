import type { SeedEffect } from "#record";

interface Side {
  readonly effect: SeedEffect;
  readonly own: string | null;
}

function constant(side: "A" | "B", { own }: Side): string {
  if (own !== null) return `${side} seeds itself (${own})`;
  return `${side} comes out the same under every seed: it seeds itself out of sight, or leaves nothing to chance`;
}

/**
 * Why seeds cannot answer: a side that they do not reach is one sample, however often it is done again. null: they do.
 * Noise alone is no answer either where the program is seen to seed itself.
 */
export function seedsUnseen(a: Side, b: Side): string | null {
  const sides = [["A", a] as const, ["B", b] as const];
  const still = sides.filter(([, side]) => side.effect === "constant");
  if (still.length > 0) {
    const told = still.map(([name, side]) => constant(name, side)).join("; ");
    return `${told}: seeds cannot be varied from outside, and there is only one sample`;
  }
  const noisy = sides.filter(([, side]) => side.effect === "unclear" && side.own !== null);
  if (noisy.length === 0) return null;
  const told = noisy.map(([name, { own }]) => `${name} seeds itself (${own})`).join(" and ");
  return `${told}, and what differs from replay to replay is no more than with the same seed: that is noise, not seeds`;
}
