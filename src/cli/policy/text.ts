import type { PolicyFacts, PolicyMode, RunRecord } from "#record";
import { safe } from "../render/escape.ts";
import { type Row, wrap } from "../render/rows.ts";
import type { LineLook } from "../render/run.ts";
import { plural } from "../render/words.ts";

const WORDS: Readonly<Record<PolicyMode, string>> = {
  off: "",
  warn: "policy warn: determinism where it cannot raise; the rest is told",
  strict: "policy strict: determinism, and an error where there is none",
};

const HEAD = "reprise: ".length;

/** Before the child starts, after the line on the seed. */
export function policyLine(mode: PolicyMode, { colors }: LineLook): string {
  return WORDS[mode] === "" ? "" : `${colors.cyan("reprise:")} ${WORDS[mode]}\n`;
}

/** After the child has ended: which levers were set. What went against them is among the warnings. */
export function policyText({ policy }: RunRecord, { colors, columns }: LineLook): string {
  if (policy === undefined) return "";
  const names = (state: string): string[] => [
    ...new Set(policy.levers.flatMap((lever) => (lever.state === state ? [safe(lever.name)] : []))),
  ];
  const [set, kept] = [names("set"), names("kept").filter((name) => !names("set").includes(name))];
  const parts = [
    set.length === 0 ? "nothing set" : `set ${set.join(", ")}`,
    ...(kept.length === 0 ? [] : [`as you had it: ${kept.join(", ")}`]),
    policy.violations.length === 0
      ? "nothing went against it"
      : `${plural(policy.violations.length, "place")} against it`,
  ];
  const text = wrap(`policy ${policy.mode}: ${parts.join(" · ")}`, columns - HEAD).join("\n  ");
  return `${colors.cyan("reprise:")} ${text}\n`;
}

/** On the page of a run: each lever, what was set or why not. */
export function policyRows(policy: PolicyFacts | undefined): Row[] {
  return (policy?.levers ?? []).map(({ name, state, what, why }): Row => {
    const reason = why === null ? "" : ` (${safe(why)})`;
    return [safe(name), state === "set" ? safe(what) : `${state === "idle" ? "not needed" : state}${reason}`];
  });
}
