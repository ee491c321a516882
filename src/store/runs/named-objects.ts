import { type CodeFile, type Digest, isDigest, isUnknown, type Known, knownOr, type RunRecord } from "#record";

type Stored = { readonly digest: Known<Digest>; readonly stored: boolean };
type Whole = { readonly digest: Digest };

function ofFiles(files: readonly Stored[] | readonly CodeFile[]): Digest[] {
  return files.flatMap(({ digest, stored }) => (stored && !isUnknown(digest) ? [digest] : []));
}

function ofCode(code: RunRecord["code"]): Digest[] {
  if (isUnknown(code)) return [];
  if (code.kind === "snapshot") return ofFiles(code.files);
  const whole: (Whole | undefined)[] = [code.diff, code.staged, knownOr(code.archive, undefined)];
  return [...whole.flatMap((one) => (one === undefined ? [] : [one.digest])), ...ofFiles(code.untracked)];
}

/** The objects that must be in the store for the record to be whole. Digests of what was only looked at are not among them. */
export function objectsNamedBy(record: RunRecord): Set<Digest> {
  const single = [record.stdout, record.stderr, record.events, record.tree].flatMap((one) =>
    isUnknown(one) ? [] : [one.digest],
  );
  return new Set([
    ...single,
    ...ofCode(record.code),
    ...ofFiles(knownOr(record.inputs, [])),
    ...ofFiles(knownOr(record.outputs, [])),
  ]);
}

/** Every digest that a text mentions, needed or not: what gc spares. */
export function digestsIn(text: string): Digest[] {
  const found: string[] = text.match(/sha256:[0-9a-f]{64}/g) ?? [];
  return found.filter(isDigest);
}
