import type { Evidence, RunId } from "#record";
import type { TextDetail } from "./lines.ts";
import type { MetricDetail } from "./metric-detail.ts";
import type { TableDetail } from "./rows.ts";

/** What an entry holds beyond its two values: how far the content was looked into. */
export type DiffDetail =
  | TextDetail
  | TableDetail
  | MetricDetail
  /** No text: only that it differs, and how large it was; null where it was not there. */
  | { readonly kind: "binary"; readonly a: number | null; readonly b: number | null }
  /** Read by a reader of its format: the first place that differs, or what was set aside when the content is the same. */
  | {
      readonly kind: "content";
      readonly agree: boolean;
      readonly how: Evidence["how"];
      readonly aside: readonly string[];
      readonly where: string;
      readonly a: string | number | null;
      readonly b: string | number | null;
      readonly distance: number | null;
    }
  /** Looked at by its digest alone, and why. */
  | { readonly kind: "unread"; readonly reason: string }
  /** An installed package: whether the runs imported it. */
  | { readonly kind: "package"; readonly imported: boolean }
  /** A parameter: how each run came by its value. */
  | { readonly kind: "setting"; readonly a: string | null; readonly b: string | null }
  /** The same content under another name on the other side. */
  | { readonly kind: "renamed"; readonly path: string }
  /** Something that the other run had left there: no work of the user's. */
  | { readonly kind: "left-by"; readonly run: "a" | "b" }
  /** Shown in another section, where it says more. */
  | { readonly kind: "elsewhere"; readonly section: DiffSection };

export interface DiffEntry {
  readonly name: string;
  readonly a: string | number | null;
  readonly b: string | number | null;
  readonly change: "added" | "removed" | "changed";
  readonly detail?: DiffDetail;
}

export const DIFF_SECTIONS = [
  "code",
  "environment",
  "variables",
  "data",
  "config",
  "seeds",
  "hardware",
  "command",
  "outputs",
  "metrics",
] as const;
export type DiffSection = (typeof DIFF_SECTIONS)[number];

/** A fact that one run or both did not have: whether it differs cannot be told. null: this run knew it. */
export interface DiffUnknown {
  readonly section: DiffSection;
  readonly name: string;
  readonly a: string | null;
  readonly b: string | null;
}

/** Values that differ and mean nothing: their origin is known. */
export interface DiffAside {
  readonly section: DiffSection;
  readonly name: string;
  readonly a: string;
  readonly b: string;
  readonly why: string;
}

/** The whole of a diff, or some of its sections. */
export interface DiffSelection {
  readonly format: "reprise/diff@1";
  readonly a: RunId;
  readonly b: RunId;
  /** The results agree: exit, metrics, outputs by content, standard output. */
  readonly same: boolean;
  /** How each result was compared, as in a verdict. */
  readonly evidence: readonly Evidence[];
  /** What cannot be told, with the reason; never part of `sections`. */
  readonly unknown: readonly DiffUnknown[];
  /** What was set aside in sections other than the results, which have it in `evidence`. Left out: nothing. */
  readonly aside?: readonly DiffAside[];
  /** What differs; a section that was not asked for is not there. */
  readonly sections: Readonly<Partial<Record<DiffSection, readonly DiffEntry[]>>>;
}

export interface DiffDocument extends DiffSelection {
  readonly sections: Readonly<Record<DiffSection, readonly DiffEntry[]>>;
}

/** These sections alone. An empty one would claim that nothing differs there. */
export function selectSections(diff: DiffDocument, only: readonly DiffSection[]): DiffSelection {
  const names = DIFF_SECTIONS.filter((name) => only.includes(name));
  return {
    ...diff,
    unknown: diff.unknown.filter(({ section }) => names.includes(section)),
    ...(diff.aside === undefined ? {} : { aside: diff.aside.filter(({ section }) => names.includes(section)) }),
    sections: Object.fromEntries(names.map((name) => [name, diff.sections[name]])),
  };
}
