import { configurationOf, originWords, type Setting } from "#compare";
import type { RunRecord } from "#record";
import { safe } from "../render/escape.ts";
import type { Row } from "../render/rows.ts";
import { cut } from "../render/width.ts";

const MOST_ROWS = 16;
const WIDEST = 120;

const isFileAlone = ({ origins }: Setting): boolean => origins.every(({ source }) => source === "file");

function row(setting: Setting, whole: boolean): Row {
  const value = setting.value === "" ? '""' : safe(setting.value);
  const where = originWords(setting);
  // A key that only its file has bears the file's name already.
  const said = isFileAlone(setting) ? (/:(\d+)$/.exec(where)?.[1] ?? "") : where;
  const place = isFileAlone(setting) ? (said === "" ? "" : `  (line ${said})`) : `  (${safe(said)})`;
  return [safe(setting.name), `${whole ? value : cut(value, WIDEST)}${place}`];
}

/**
 * The table of parameters: what somebody set first, then keys of files that no parser took over, then defaults. With
 * `more`, the command that shows all, only the first rows.
 */
export function parameterRows(run: RunRecord, more: string | null): Row[] {
  const table = configurationOf(run);
  const rank = (setting: Setting): number => (setting.standard ? 2 : isFileAlone(setting) ? 1 : 0);
  const ordered = table.toSorted((x, y) => rank(x) - rank(y));
  if (more === null) return ordered.map((setting) => row(setting, true));
  const shown = ordered.filter((setting) => !setting.standard).slice(0, MOST_ROWS);
  const rest = table.length - shown.length;
  const standard = table.filter((setting) => setting.standard).length;
  const what =
    standard === rest ? `${rest} more at their defaults` : `${rest} more, ${standard} of them at their defaults`;
  const left: Row[] = rest === 0 ? [] : [["", `… ${what}: ${more}`]];
  return [...shown.map((setting) => row(setting, false)), ...left];
}
