import { DIFF_SECTIONS, type DiffDocument, type DiffEntry } from "#compare";
import { safe } from "./escape.ts";
import type { PageLook } from "./page.ts";
import { cut } from "./width.ts";
import { shortId } from "./words.ts";

const MOST_ROWS = 20;
const SIGN: Readonly<Record<DiffEntry["change"], string>> = { added: "+", removed: "-", changed: "~" };

function value(side: string | number | null): string {
  if (side === null) return "";
  const text = String(side);
  return safe(text.replace(/sha256:([0-9a-f]{12})[0-9a-f]{52}/g, "$1"));
}

function line({ name, a, b, change }: DiffEntry, width: number, { colors, columns }: PageLook): string {
  const paint = change === "added" ? colors.green : change === "removed" ? colors.red : colors.yellow;
  const what = change === "changed" ? `${value(a)} → ${value(b)}` : value(a ?? b);
  return `  ${paint(SIGN[change])} ${cut(safe(name).padEnd(width), Math.max(width, 12))}  ${cut(what, columns - width - 6)}`;
}

function section(title: string, entries: readonly DiffEntry[], look: PageLook, all: boolean): string {
  const shown = all ? entries : entries.slice(0, MOST_ROWS);
  const width = Math.min(40, Math.max(...shown.map(({ name }) => name.length)));
  const lines = shown.map((entry) => line(entry, width, look));
  if (shown.length < entries.length) lines.push(`  … ${entries.length - shown.length} more: reprise diff --all`);
  return `${look.colors.bold(title)}\n${lines.join("\n")}\n`;
}

/** What differs, section by section; the answer first: whether the results do. */
export function diffText(diff: DiffDocument, look: PageLook, all: boolean): string {
  const { colors } = look;
  const names = `${shortId(diff.a)} and ${shortId(diff.b)}`;
  const answer = diff.same
    ? `${colors.green("✓ same results")} — ${names}`
    : `${colors.red("✗ results differ")} — ${names}`;
  const used = DIFF_SECTIONS.filter((name) => diff.sections[name].length > 0);
  const body = used.map((name) => section(name, diff.sections[name], look, all));
  const none = used.length === 0 ? ["nothing else differs either\n"] : [];
  return [`${answer}\n`, ...none, ...body].join("\n");
}
