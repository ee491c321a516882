import { configSettings, originWords, plainName, plainValue, type Setting } from "#compare";
import type { RunRecord } from "#record";
import type { MixCause } from "../blame/cause.ts";

const shown = ({ value }: Setting): string =>
  value === "" ? '""' : value.length > 60 ? `${value.slice(0, 59)}…` : value;

/**
 * A setting that was changed in a file or on the command line, with what the program had of it in each run. Only where one
 * parameter bears its name; more than one could be meant, and then nothing is said.
 */
export function withSetting(cause: MixCause, a: RunRecord, b: RunRecord): MixCause {
  if (cause.kind !== "config") return cause;
  const key = plainName(cause.name);
  const { a: left, b: right } = configSettings(a, b);
  const named = [...right.values()].flatMap((setting) => {
    const own = plainName(setting.name);
    const before = left.get(setting.name);
    const isMeant = own === key || own.endsWith(`.${key}`);
    const isParsed = setting.origins.some(({ source }) => source !== "argument" && source !== "file");
    const isOther = before !== undefined && plainValue(before.value) !== plainValue(setting.value);
    return isMeant && isParsed && isOther ? [{ before, setting }] : [];
  });
  const [only] = named;
  if (only === undefined || named.length > 1) return cause;
  const { before, setting } = only;
  const words = `${cause.words}: the program had ${setting.name} ${shown(before)}, then ${shown(setting)} (${originWords(setting)})`;
  return { ...cause, words };
}
