import {
  type Digest,
  isDigest,
  isUnknown,
  type Json,
  type Luggage,
  RepriseError,
  type RunId,
  type SnapshotCode,
} from "#record";

export const PACK_FORMAT = "reprise/pack@1";

export interface ManifestFile {
  readonly digest: Digest;
  readonly bytes: number;
}

/** What a pack or a remote says of one run: everything that goes with it, by digest (docs/format/pack.md). */
export interface Manifest extends Luggage {
  readonly format: typeof PACK_FORMAT;
  readonly run: RunId;
  readonly name: string | null;
  readonly version: string;
  readonly packedAt: string;
  readonly host: string;
  /** Canonical JSON. */
  readonly record: ManifestFile;
  /** For people and other tools, beside the record: README.md, environment.json … */
  readonly files: readonly (ManifestFile & { readonly path: string })[];
  readonly said: readonly Json[];
  readonly objects: readonly ManifestFile[];
}

/** Verdicts go along as what the other side said of it. */
export const SAID_KINDS = ["verdict", "why"] as const;

const MOST_OBJECTS = 1_000_000;

export function refused(code: string, why: string, hint?: string, cause?: unknown): RepriseError {
  return new RepriseError(
    code,
    "storage",
    why,
    hint ?? "ask for it again where it comes from; nothing was taken over",
    {
      cause,
    },
  );
}

const invalid = (why: string): RepriseError => refused("PACK_INVALID", `its manifest is damaged: ${why}`);

type Table = Readonly<Record<string, unknown>>;
const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): value is string => typeof value === "string";

function file(value: unknown, what: string): ManifestFile & { readonly path?: string } {
  if (!isTable(value) || !isText(value["digest"]) || !isDigest(value["digest"]) || !isSize(value["bytes"]))
    throw invalid(`${what} has no digest or no size`);
  return value as unknown as ManifestFile & { readonly path?: string };
}

const listOf = (table: Table, name: string): readonly unknown[] => {
  const value = table[name];
  if (!Array.isArray(value)) throw invalid(`its ${name} is no list`);
  return value;
};

const FILE_NAME = /^(README\.md|environment\.json|requirements\.txt)$/;

function snapshotOf(value: unknown): void {
  if (!isTable(value) || value["kind"] !== "snapshot") throw invalid("its code is no snapshot");
  for (const one of [...listOf(value, "files"), ...listOf(value, "left")])
    if (!isTable(one) || !isText(one["path"])) throw invalid("a file of its code has no name");
}

/** The manifest in a text, every field of its kind. Throws PACK_NEWER, PACK_INVALID. */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid("it is not JSON");
  }
  if (!isTable(value)) throw invalid("it is no JSON object");
  const { format } = value;
  const version = isText(format) ? Number(/^reprise\/pack@([1-9]\d{0,8})$/.exec(format)?.[1]) : Number.NaN;
  if (Number.isNaN(version)) throw invalid("it names no format");
  if (version > 1)
    throw refused(
      "PACK_NEWER",
      `it was made by a newer Reprise (${String(format)}, this one knows ${PACK_FORMAT})`,
      "npm install --global reprise@latest",
    );
  for (const name of ["run", "version", "packedAt", "host"])
    if (!isText(value[name])) throw invalid(`its ${name} is no text`);
  file(value["record"], "its record");
  const objects = listOf(value, "objects").map((one) => file(one, "an object").digest);
  if (objects.length > MOST_OBJECTS) throw invalid(`it names more than ${MOST_OBJECTS} objects`);
  if (new Set(objects).size !== objects.length) throw invalid("it names an object twice");
  const names = listOf(value, "files").map((one) => file(one, "a file").path);
  if (!names.every((name) => name !== undefined && FILE_NAME.test(name)) || new Set(names).size !== names.length)
    throw invalid("it names a file that packs do not have");
  for (const name of ["bystanders", "left"])
    for (const one of listOf(value, name)) if (!isTable(one) || !isText(one["path"])) throw invalid(`its ${name}`);
  for (const one of listOf(value, "bystanders")) file(one, "a file of the project");
  listOf(value, "said");
  const { code } = value;
  if (code !== null) {
    if (!isTable(code) || !isText(code["of"])) throw invalid("its code does not say for what it stands");
    snapshotOf(code["snapshot"]);
    const { repository } = code;
    if (Array.isArray(repository)) for (const one of repository) file(one, "a file of its repository");
    else if (repository !== null && !isUnknown(repository)) throw invalid("its repository is no list");
  }
  return value as unknown as Manifest;
}

/** Digests that the luggage cannot do without. */
export function luggageDigests({ code, bystanders }: Luggage): Digest[] {
  const files = (code?.snapshot as SnapshotCode | undefined)?.files ?? [];
  const saved = files.flatMap(({ stored, digest }) => (stored && isText(digest) ? [digest] : []));
  const git = code === null || code.repository === null || isUnknown(code.repository) ? [] : code.repository;
  return [...saved, ...git.map(({ digest }) => digest), ...bystanders.map(({ digest }) => digest)];
}
