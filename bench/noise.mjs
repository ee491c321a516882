// How often an audit of unchanged code fails where the noise is not normal: goldens of ten trainings, drawn by a generator that
// begins the same each time, each with the rate that its tolerances then have. node --conditions=source --experimental-transform-types bench/noise.mjs
import { measuredTolerance } from "../src/audit/tolerance.ts";
import { settings } from "./rounds.mjs";

const { goldens, trainings, metrics, future } = settings({ goldens: 1000, trainings: 10, metrics: 2, future: 20000 });

let state = 20_261_121;
function uniform() {
  state = (state + 0x6d2b79f5) >>> 0;
  let z = state;
  z = Math.imul(z ^ (z >>> 15), z | 1);
  z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
  return ((z ^ (z >>> 14)) >>> 0) / 4_294_967_296;
}
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
const count = (n, p) => Array.from({ length: n }, uniform).filter((u) => u < p).length;

const NOISE = {
  normal,
  uniform,
  "accuracy of 540 images, 0.96": () => Number((count(540, 0.96) / 540).toFixed(4)),
  "accuracy of 50 images, 0.96": () => count(50, 0.96) / 50,
  "log-normal, deviation 0.3": () => Math.exp(0.3 * normal()),
  "Student, 4 degrees": () =>
    normal() / Math.sqrt(Array.from({ length: 4 }, normal).reduce((s, x) => s + (x * x) / 4, 0)),
  exponential: () => -Math.log(1 - uniform()),
  "two modes, 1 of 10": () => (uniform() < 0.1 ? 5 : 0) + normal(),
};

console.log(`${goldens} goldens of ${trainings} trainings, ${metrics} metrics\n`);
console.log("| noise | audits that fail | goldens above 1 % | refused for too few |");
console.log("|---|---|---|---|");
for (const [name, draw] of Object.entries(NOISE)) {
  const later = Float64Array.from({ length: future }, draw).sort();
  const below = (x) => {
    let [low, high] = [0, later.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (later[middle] < x) low = middle + 1;
      else high = middle;
    }
    return low / later.length;
  };
  const rates = [];
  let refused = 0;
  for (let i = 0; i < goldens; i++) {
    let passes = 1;
    for (let m = 0; m < metrics; m++) {
      const values = Array.from({ length: trainings }, draw);
      const found = measuredTolerance(values, metrics);
      if (!("tolerance" in found)) {
        passes = Number.NaN;
        break;
      }
      const { low, high } = found.tolerance;
      const q = below(low) + 1 - below(high + 1e-12);
      passes *= 1 - q * q * (3 - 2 * q);
    }
    if (Number.isNaN(passes)) refused += 1;
    else rates.push(1 - passes);
  }
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
  const above = rates.filter((rate) => rate > 0.01).length / Math.max(1, rates.length);
  console.log(`| ${name} | ${(100 * mean).toFixed(2)} % | ${(100 * above).toFixed(1)} % | ${refused} |`);
}
