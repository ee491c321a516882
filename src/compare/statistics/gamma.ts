/** Coefficients of Stirling's series, B2k / (2k (2k − 1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156, -3617 / 122_400] as const;
const FAR = 12;
const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/** What Stirling's formula lacks. */
function correction(x: number): number {
  return STIRLING.reduceRight((sum, coefficient) => sum / (x * x) + coefficient, 0) / x;
}

/** ln Γ(x) for x > 0: moved up until Stirling's series is exact to rounding. */
export function logGamma(x: number): number {
  let [at, product] = [x, 1];
  while (at < FAR) {
    product *= at;
    at += 1;
  }
  return (at - 0.5) * Math.log(at) - at + HALF_LOG_2PI + correction(at) - Math.log(product);
}

/** Γ(x + ½) / Γ(x), without the loss of subtracting two large logarithms. */
export function gammaHalfStep(x: number): number {
  if (x < FAR) return (x / (x + 0.5)) * gammaHalfStep(x + 1);
  return Math.sqrt(x) * Math.exp(x * Math.log1p(0.5 / x) - 0.5 + correction(x + 0.5) - correction(x));
}
