import type { SavedOutputs } from "#replay";
import { safe } from "./escape.ts";
import { wrap } from "./rows.ts";
import type { LineLook } from "./run.ts";
import { plural } from "./words.ts";

const MOST_CELLS = 3;
const MOST_TEXT = 60;

const short = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return safe(line.length > MOST_TEXT ? `${line.slice(0, MOST_TEXT - 1)}…` : line);
};

const ORDER: Readonly<Record<SavedOutputs["order"], string>> = {
  "top-to-bottom": "",
  otherwise: "as saved, cells had not run once each from top to bottom",
  "not-run": "",
};

function headOf({ file, cells, executed, same, differ, failed }: SavedOutputs): string {
  const ran = executed === cells ? plural(cells, "code cell") : `${executed} of ${plural(cells, "code cell")}`;
  const head = `${safe(file)}: ${ran} run from top to bottom`;
  const saved = (same ?? 0) + differ.length;
  if (failed !== null || same === null || saved === 0) return head;
  return `${head}, ${differ.length === 0 ? `the saved outputs of all ${saved} came again` : `${same} of ${saved} saved outputs came again`}`;
}

/** What is worth knowing of one notebook, a sentence each. */
export function notebookTexts(found: SavedOutputs): string[] {
  const { differ, failed, order } = found;
  const more = differ.length - MOST_CELLS;
  return [
    headOf(found),
    ...(failed === null ? [] : [`cell ${failed.cell} fails: ${short(failed.error)}`]),
    ...differ
      .slice(0, MOST_CELLS)
      .map(({ cell, saved, now }) => `cell ${cell}: saved ${short(saved)}, now ${short(now)}`),
    ...(more > 0 ? [`and ${plural(more, "more cell")}`] : []),
    ...(differ.length === 0 && failed === null ? [] : [ORDER[order]].filter((words) => words !== "")),
    ...(differ.length === 0 ? [] : ["reprise verify tells whether the outputs of now come again"]),
  ];
}

/** After a notebook has run: whether what it shows is what its cells give. */
export function notebooksText(found: readonly SavedOutputs[], { colors, columns }: LineLook): string {
  const head = "reprise: ".length;
  return found
    .flatMap((one) => {
      const isWell = one.differ.length === 0 && one.failed === null;
      const mark = isWell ? colors.cyan("reprise:") : colors.yellow("reprise:");
      return notebookTexts(one).map(
        (text, index) => `${index === 0 ? mark : "        "} ${wrap(text, columns - head).join("\n           ")}\n`,
      );
    })
    .join("");
}
