import { RepriseError } from "#record";
import type { EnvironmentChoice } from "#replay";

const CHOICES = ["recorded", "rebuild", "present"] as const satisfies readonly EnvironmentChoice[];

export function choiceOf(text: string): EnvironmentChoice {
  const choice = CHOICES.find((known) => known === text);
  if (choice !== undefined) return choice;
  throw new RepriseError(
    "USAGE",
    "usage",
    `--environment ${text}: no such choice`,
    `--environment ${CHOICES.join("|")}`,
  );
}
