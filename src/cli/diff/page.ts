import { DIFF_SECTIONS, type DiffEntry, type DiffSection, type DiffSelection, type DiffUnknown } from "#compare";
import type { Evidence, RunRecord } from "#record";
import { safe } from "../render/escape.ts";
import { wrap } from "../render/rows.ts";
import { plural, shortId } from "../render/words.ts";
import { entryLines } from "./entry.ts";
import type { DiffLook } from "./look.ts";

const MOST_ROWS = 20;
const MOST_PLOTS = 6;
const LEAST = 30;

interface Pair {
  readonly a: RunRecord;
  readonly b: RunRecord;
}

/** Nothing was seen to differ, but something could not be looked at. */
const cannotTell = ({ same, evidence }: DiffSelection): boolean =>
  !same && evidence.every((item) => item.agree || item.unseen !== undefined);

function answer(diff: DiffSelection, { colors }: DiffLook): string {
  const names = `${shortId(diff.a)} and ${shortId(diff.b)}`;
  if (cannotTell(diff)) return `${colors.yellow("? cannot tell whether the results are the same")} — ${names}`;
  if (!diff.same) return `${colors.red("✗ results differ")} — ${names}`;
  const bare = diff.evidence.every((item) => item.kind === "exit");
  return `${colors.green("✓ same results")} — ${names}${bare ? ": the exit code, and neither printed or wrote anything" : ""}`;
}

/** Which sections differ and which do not, in two lines. */
function overview(diff: DiffSelection, look: DiffLook): string[] {
  const asked = DIFF_SECTIONS.filter((name) => diff.sections[name] !== undefined);
  if (asked.length < 3) return [];
  // A result of the other run that lies in the project is no change of the code.
  const own = (name: DiffSection): readonly DiffEntry[] =>
    (diff.sections[name] ?? []).filter((entry) => name !== "code" || entry.detail?.kind !== "left-by");
  const differ = asked.filter((name) => own(name).length > 0);
  const unknown = asked.filter(
    (name) => !differ.includes(name) && diff.unknown.some(({ section }) => section === name),
  );
  const same = asked.filter((name) => !differ.includes(name) && !unknown.includes(name));
  const lines = [
    ["differ", differ],
    ["same", same],
    ["unknown", unknown],
  ] as const;
  return lines.flatMap(([word, names]) =>
    names.length === 0
      ? []
      : wrap(names.join(", "), Math.max(LEAST, look.columns - 11)).map(
          (text, i) => `  ${look.colors.dim((i === 0 ? word : "").padEnd(7))}  ${text}`,
        ),
  );
}

/** Results that agree though their bytes do not: what was set aside. */
function setAsideLines(evidence: readonly Evidence[], { colors, columns, all }: DiffLook): string[] {
  const found = evidence.filter((item) => item.agree && item.aside.length > 0 && item.kind !== "metric");
  return found.flatMap(({ name, aside }) => {
    const some = all ? aside : aside.slice(0, 2);
    const more = some.length < aside.length ? `, and ${aside.length - some.length} more` : "";
    const what = `${safe(name)}  the same; set aside: ${some.map(safe).join(", ")}${more}`;
    return wrap(what, Math.max(LEAST, columns - 4)).map((text, i) =>
      i === 0 ? `  ${colors.dim("=")} ${text}` : `    ${text}`,
    );
  });
}

/** Parameters that differ by the run's own folder, time or ids. */
function benignLines({ aside = [] }: DiffSelection, name: DiffSection, { colors, columns }: DiffLook): string[] {
  return aside
    .filter(({ section }) => section === name)
    .flatMap((one) =>
      wrap(
        `${safe(one.name)}  set aside: ${safe(one.why)} ${one.why.includes(" / ") ? "" : `${safe(one.a)} / ${safe(one.b)}`}`.trimEnd(),
        Math.max(LEAST, columns - 4),
      ).map((text, i) => (i === 0 ? `  ${colors.dim("=")} ${text}` : `    ${text}`)),
    );
}

function unknownLine({ name, a, b }: DiffUnknown, look: DiffLook): string[] {
  const why =
    a === b
      ? safe(a ?? "")
      : [a === null ? "" : `A: ${safe(a)}`, b === null ? "" : `B: ${safe(b)}`].filter((text) => text !== "").join("; ");
  const lines = wrap(`${safe(name)}  unknown: ${why}`, Math.max(LEAST, look.columns - 4));
  return lines.map((text, i) => (i === 0 ? `  ${look.colors.yellow("?")} ${text}` : `    ${text}`));
}

/** Packages that were imported come first: they are the ones that can matter. */
const rank = ({ detail }: DiffEntry): number =>
  detail?.kind === "package" ? (detail.imported ? 1 : 3) : detail?.kind === "left-by" ? 3 : 0;

function section(name: DiffSection, diff: DiffSelection, pair: Pair, look: DiffLook): string | null {
  const entries = (diff.sections[name] ?? []).toSorted((x, y) => rank(x) - rank(y));
  const unknown = diff.unknown.filter((item) => item.section === name);
  const aside = name === "outputs" ? setAsideLines(diff.evidence, look) : benignLines(diff, name, look);
  const shown = look.all ? entries : entries.slice(0, MOST_ROWS);
  const width = Math.min(40, Math.max(0, ...shown.map((entry) => entry.name.length)));
  const lines = [
    ...shown.flatMap((entry, i) =>
      entryLines(entry, width, pair, look.all || i < MOST_PLOTS ? look : { ...look, plot: "none" }),
    ),
    ...(shown.length < entries.length
      ? [`  … ${plural(entries.length - shown.length, "more entry", "more entries")}: ${look.more}`]
      : []),
    ...aside,
    ...unknown.flatMap((item) => unknownLine(item, look)),
  ];
  return lines.length === 0 ? null : `${look.colors.bold(name)}\n${lines.join("\n")}\n`;
}

/** What differs, section by section; the answer first: whether the results do. */
export function diffText(diff: DiffSelection, pair: Pair, look: DiffLook): string {
  const body = DIFF_SECTIONS.flatMap((name) => section(name, diff, pair, look) ?? []);
  const nothing = DIFF_SECTIONS.every((name) => (diff.sections[name]?.length ?? 0) === 0);
  const asked = DIFF_SECTIONS.every((name) => diff.sections[name] !== undefined);
  const where = asked ? "nothing else differs either" : "nothing differs there";
  const head = [answer(diff, look), ...(nothing ? [] : overview(diff, look))].join("\n");
  return [
    `${head}\n`,
    ...(nothing ? [`${where}${diff.unknown.length === 0 ? "" : ", as far as is known"}\n`] : []),
    ...body,
  ].join("\n");
}
