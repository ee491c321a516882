import { fileURLToPath } from "node:url";
import { digestFromHex, type PackageOrigin, unknown } from "#record";
import { stripCredentials } from "../redact/location.ts";

/** direct_url.json as PEP 610 has it. */
interface DirectUrl {
  readonly url?: unknown;
  readonly dir_info?: { readonly editable?: unknown };
  readonly vcs_info?: { readonly vcs?: unknown; readonly commit_id?: unknown };
  readonly archive_info?: { readonly hash?: unknown; readonly hashes?: { readonly sha256?: unknown } };
}

/** Where a distribution came from, and the folder of its sources when it is used in place. */
export function originOf(
  direct: string | null,
  installer: string | undefined,
): { origin: PackageOrigin; place: string | null } {
  if (installer === "conda") return { origin: { kind: "conda", channel: "" }, place: null };
  if (direct === null) {
    if (installer !== undefined && installer !== "") return { origin: { kind: "registry", installer }, place: null };
    return { origin: { kind: "unclear", reason: "its metadata names no installer" }, place: null };
  }
  const parsed = parse(direct);
  if (typeof parsed?.url !== "string") {
    return { origin: { kind: "unclear", reason: "its direct_url.json is not readable" }, place: null };
  }
  const url = stripCredentials(parsed.url);
  const commit = parsed.vcs_info?.commit_id;
  if (typeof commit === "string") {
    const vcs = typeof parsed.vcs_info?.vcs === "string" ? `${parsed.vcs_info.vcs}+` : "";
    return { origin: { kind: "vcs", url: vcs + url, commit }, place: null };
  }
  if (parsed.dir_info !== undefined) {
    const place = localPath(url);
    if (parsed.dir_info.editable === true && place !== null) {
      return { origin: { kind: "editable", path: place, digest: unknown("not imported") }, place };
    }
    return { origin: { kind: "file", url, digest: unknown("installed from a folder") }, place: null };
  }
  return { origin: { kind: "file", url, digest: archiveDigest(parsed.archive_info) }, place: null };
}

function archiveDigest(
  archive: DirectUrl["archive_info"],
): ReturnType<typeof digestFromHex> | ReturnType<typeof unknown> {
  const hash = typeof archive?.hash === "string" ? archive.hash.replace(/^sha256=/, "") : undefined;
  const hex = typeof archive?.hashes?.sha256 === "string" ? archive.hashes.sha256 : hash;
  return hex !== undefined && /^[0-9a-f]{64}$/.test(hex)
    ? digestFromHex(hex)
    : unknown("the installer kept no SHA-256");
}

function localPath(url: string): string | null {
  try {
    return url.startsWith("file://") ? fileURLToPath(url) : null;
  } catch {
    return null;
  }
}

function parse(text: string): DirectUrl | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}
