import { type Digest, isDigest } from "#record";

/** What a version of data holds under one name. */
export interface DataEntry {
  /** From the root of the data, with "/" between parts. "" for data that is a single file. */
  readonly path: string;
  /** The name's bytes, in base64, where they are not UTF-8 and `path` therefore is not the whole truth. */
  readonly raw?: string;
  readonly kind: "file" | "link" | "folder";
  /** Whether it may be run, and whether others may read it; not the rest, which follows the umask. */
  readonly mode: DataMode;
  readonly bytes: number;
  /** Of the content; null for links and for folders, which are listed when nothing is in them. */
  readonly digest: Digest | null;
  /** Where a link leads, as it is written in it. */
  readonly to?: string;
}

export type DataMode = "644" | "755" | "600" | "700";

const MODES: readonly string[] = ["644", "755", "600", "700"];
const KINDS: readonly string[] = ["file", "link", "folder"];

export function dataMode(mode: number): DataMode {
  const runs = (mode & 0o100) !== 0;
  if ((mode & 0o044) === 0) return runs ? "700" : "600";
  return runs ? "755" : "644";
}

/** One line; what is usual is left out. */
export function encodeEntry({ path, raw, kind, mode, bytes, digest, to }: DataEntry): string {
  return `${JSON.stringify({
    path,
    ...(raw === undefined ? {} : { raw }),
    ...(kind === "file" ? {} : { kind }),
    ...(mode === "644" ? {} : { mode }),
    ...(kind === "file" ? { bytes } : {}),
    ...(digest === null ? {} : { digest }),
    ...(to === undefined ? {} : { to }),
  })}\n`;
}

/** Null: it is not what encodeEntry writes. Names are checked where they are used: this one may come from elsewhere. */
export function decodeEntry(line: string): DataEntry | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { path, raw, kind = "file", mode = "644", bytes = 0, digest = null, to } = value as Record<string, unknown>;
  const named = typeof path === "string" && (raw === undefined || typeof raw === "string");
  const known = KINDS.includes(String(kind)) && MODES.includes(String(mode));
  const sized = typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 0;
  const content = typeof digest === "string" && isDigest(digest) ? digest : null;
  const held = (content !== null) === (kind === "file") && (digest === null) === (content === null);
  if (!named || !known || !sized || !held || (kind === "link") !== (typeof to === "string")) return null;
  return {
    path,
    ...(raw === undefined ? {} : { raw }),
    kind: kind as DataEntry["kind"],
    mode: mode as DataMode,
    bytes,
    digest: content,
    ...(typeof to === "string" ? { to } : {}),
  };
}
