import { isUnknown, type Known, type PolicyCost } from "#record";
import { safe } from "../render/escape.ts";
import { wrap } from "../render/rows.ts";
import type { LineLook } from "../render/run.ts";
import { tableText } from "../render/table.ts";
import { plural } from "../render/words.ts";

const percent = (part: number): string => `± ${(part * 100).toFixed(part < 0.0995 ? 1 : 0)} %`;

function span(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(1)} s`;
  const ms = seconds * 1000;
  return `${ms < 9.95 ? ms.toFixed(2) : ms.toFixed(0)} ms`;
}

/** lever | cost | noise: what each lever of the policy costs on this run. */
export function costText(cost: Known<PolicyCost>, look: LineLook): string {
  const { colors } = look;
  const head = colors.cyan("reprise:");
  if (isUnknown(cost)) return `${head} the cost of the levers is unknown: ${safe(cost.unknown)}\n`;
  const rows = cost.levers.map(({ lever, ratio, noise, withinNoise }) => [
    lever === "all" ? "all together" : safe(lever),
    `${ratio.toFixed(2)}×`,
    percent(noise),
    withinNoise ? "within noise" : "",
  ]);
  const columns = [
    { name: "lever" },
    { name: "cost", right: true },
    { name: "noise", right: true },
    { name: "" },
  ] as const;
  const unit = cost.per === "step" ? "a step" : "the run";
  const title = `${head} cost of each lever: ${plural(cost.rounds, "replay")} each, ${unit} takes ${span(cost.seconds)} without\n`;
  const left = new Map<string, string[]>();
  for (const { lever, why } of cost.left) left.set(why, [...(left.get(why) ?? []), safe(lever)]);
  const rest = [...left].map(([why, levers]) =>
    wrap(`not measured: ${levers.join(", ")} (${safe(why)})`, look.columns).join("\n  "),
  );
  return `${title}${tableText(columns, rows, look)}${rest.map((line) => `${colors.dim(line)}\n`).join("")}`;
}
