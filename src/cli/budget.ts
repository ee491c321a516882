import { RepriseError } from "#record";

/** As `--budget` takes it: so many replays, or so much time. */
export interface BudgetFlag {
  readonly replays?: number;
  readonly minutes?: number;
}

const MINUTES: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, h: 60 };

/** `40`: replays. `90s`, `20m`, `1.5h`: time. */
export function budgetOf(text: string): BudgetFlag {
  if (/^[1-9]\d{0,5}$/.test(text)) return { replays: Number(text) };
  const [, number = "", unit = ""] = /^(\d{1,6}(?:\.\d{1,3})?)([smh])$/.exec(text) ?? [];
  const minutes = Number(number) * (MINUTES[unit] ?? 0);
  if (minutes > 0) return { minutes };
  throw new RepriseError(
    "USAGE",
    "usage",
    `--budget ${text}: no time and no number of replays`,
    "--budget 40 or --budget 20m (also 90s, 1h)",
  );
}
