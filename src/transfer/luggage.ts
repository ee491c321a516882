import { lstatSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { captureEveryFile, carryRepository, createRedactor, type Redactor, restoreCode, secretsInFile } from "#capture";
import {
  type CarriedCode,
  type CarriedFile,
  type CodeFacts,
  codeDigest,
  type Digest,
  type InputFile,
  isUnknown,
  knownOr,
  type LeftBehind,
  type Luggage,
  ORIGIN_FACT,
  type OriginFact,
  type OutputFile,
  RepriseError,
  type RunRecord,
  type SnapshotCode,
  unknown,
} from "#record";
import { objectsOfRun, originOf, type Store } from "#store";
import { luggageDigests } from "./manifest.ts";
import type { Parcel } from "./parcel.ts";

/** kept: what the store holds. all: also what is known by its digest only, from where it lies, up to `mostBytes` in all. */
export interface LuggageOptions {
  readonly inputs: "kept" | "all";
  /** false: without the commits that a program may ask git for; the code itself always goes along. */
  readonly repository?: boolean;
  readonly mostBytes: number;
  readonly env: Readonly<Record<string, string>>;
}

interface Packing extends LuggageOptions {
  readonly record: RunRecord;
  readonly store: Store;
  readonly parcel: Parcel;
  readonly redactor: Redactor;
  readonly left: LeftBehind[];
  room: number;
}

const WITHOUT = unknown("it was left out (--no-repository)");

const isWhole = (code: SnapshotCode): boolean => code.left.length === 0 && code.files.every((file) => file.stored);

async function carryCode(packing: Packing): Promise<CarriedCode | null> {
  const { record, store, parcel, redactor, left, env } = packing;
  const { code } = record;
  if (isUnknown(code)) {
    left.push({ path: "code", why: `it was not recorded: ${code.unknown}` });
    return null;
  }
  if (code.kind === "snapshot" && isWhole(code)) return null;
  const into = join(parcel.scratch, "code");
  mkdirSync(into);
  try {
    const source = { read: (digest: Digest) => store.objects.read(digest) };
    const warnings = await restoreCode(code, record.command.project, source, into, { env, outwardLinks: true });
    left.push(...warnings.map((why) => ({ path: "code", why })));
  } catch (error) {
    if (!(error instanceof RepriseError)) throw error;
    left.push({ path: "code", why: error.message });
    return null;
  }
  const sink = { put: (bytes: Uint8Array) => parcel.put(bytes), putFile: noFile };
  const snapshot = captureEveryFile(into, sink, redactor);
  for (const file of snapshot.files) {
    if (!file.stored) left.push({ path: file.path, why: file.reason ?? "not kept" });
    else if ((file.redacted ?? 0) > 0) left.push({ path: file.path, why: `${file.redacted} secret(s) cut out of it` });
  }
  left.push(...snapshot.left.map(({ path, reason }) => ({ path, why: reason })));
  return { of: codeDigest(record), snapshot, repository: await carryGit(packing, code) };
}

/** For programs that ask git: the commit as it was, without what was changed on top of it. */
async function carryGit(packing: Packing, code: CodeFacts): Promise<CarriedCode["repository"]> {
  const { record, store, parcel, redactor, env, left } = packing;
  if (code.kind !== "git" || code.commit === null) return null;
  if (packing.repository === false) {
    left.push({ path: ".git", why: WITHOUT.unknown });
    return WITHOUT;
  }
  const into = join(parcel.scratch, "commit");
  const { diff: _diff, ...clean } = { ...code, untracked: [], submodules: [] };
  const source = { read: (digest: Digest) => store.objects.read(digest) };
  await restoreCode(clean, record.command.project, source, into, { env });
  const sink = { put: (bytes: Uint8Array) => parcel.put(bytes), putFile: noFile };
  const repository =
    code.submodules.length > 0
      ? unknown("it has submodules")
      : await carryRepository(into, record.command.project, sink, redactor, env);
  if (isUnknown(repository)) left.push({ path: ".git", why: repository.unknown });
  return repository;
}

function noFile(): never {
  throw new Error("files of code are saved by their bytes");
}

/** The file at a path as it is now, if it may go along. */
function takeFile(packing: Packing, path: string, name: string, digest: Digest | null): Digest | null {
  const { store, parcel, redactor, left } = packing;
  const found = store.files.digestFiles([path]).get(path);
  if (found === undefined || isUnknown(found) || (digest !== null && found.digest !== digest)) {
    left.push({ path: name, why: lstatSync(path, { throwIfNoEntry: false }) === undefined ? "gone" : "changed since" });
    return null;
  }
  if (parcel.contents.has(found.digest)) return found.digest;
  if (found.bytes > packing.room) {
    left.push({ path: name, why: "more than the size that was allowed (--most)" });
    return null;
  }
  if (secretsInFile(path, redactor) > 0) {
    left.push({ path: name, why: "it holds a secret" });
    return null;
  }
  packing.room -= found.bytes;
  parcel.fromFile(path, found.digest, found.bytes);
  return found.digest;
}

function carryFile(packing: Packing, { path, digest, scope }: InputFile | OutputFile): void {
  const { record, parcel, left } = packing;
  if (isUnknown(digest)) {
    left.push({ path, why: digest.unknown });
    return;
  }
  if (parcel.contents.has(digest)) return;
  if (packing.inputs === "kept") {
    left.push({ path, why: "known by its digest only (--inputs all takes it along)" });
    return;
  }
  takeFile(packing, scope === "project" ? join(record.command.project, path) : path, path, digest);
}

/** Earlier results decide names, and C code reads unseen: what lay there and still lies there unchanged. */
function carryBystanders(packing: Packing, known: ReadonlySet<string>): CarriedFile[] {
  const { record, store } = packing;
  if (isUnknown(record.tree) || packing.inputs === "kept") return [];
  const lines = new TextDecoder().decode(store.objects.read(record.tree.digest)).split("\n");
  return lines.flatMap((line): CarriedFile[] => {
    const [kind, size, mtime, ...rest] = line.split("\t");
    const path = rest.join("\t");
    if (kind !== "f" || path === "" || known.has(path)) return [];
    const place = join(record.command.project, path);
    const stat = statSync(place, { throwIfNoEntry: false });
    const isSame = stat?.isFile() === true && stat.size === Number(size) && Math.abs(stat.mtimeMs - Number(mtime)) <= 2;
    if (!isSame) return [];
    const digest = takeFile(packing, place, path, null);
    return digest === null ? [] : [{ path, bytes: stat.size, digest }];
  });
}

/** The code that came with a run from elsewhere; without its commits where they were to be left out, of which these are. */
function broughtCode(
  { code, bystanders }: OriginFact,
  { repository, record, store, left }: Packing,
): { readonly code: CarriedCode | null; readonly commits: ReadonlySet<Digest> } {
  if (repository !== false || code === null || code.repository === null || isUnknown(code.repository))
    return { code, commits: new Set() };
  left.push({ path: ".git", why: WITHOUT.unknown });
  const cleaned: CarriedCode = { ...code, repository: WITHOUT };
  const needed = objectsOfRun(store, record).map(({ digest }) => digest);
  const others = new Set([...needed, ...luggageDigests({ code: cleaned, bystanders, left: [] })]);
  const commits = code.repository.map(({ digest }) => digest).filter((digest) => !others.has(digest));
  return { code: cleaned, commits: new Set(commits) };
}

/** Gathers what a run needs on a machine that has nothing of it but Reprise. Nothing is written into the store. */
export async function gather(
  store: Store,
  record: RunRecord,
  parcel: Parcel,
  options: LuggageOptions,
): Promise<Luggage> {
  const before = originOf(store, record.id);
  const left: LeftBehind[] = [...(before?.left ?? [])];
  const redactor = createRedactor({ env: options.env, argv: record.command.argv });
  const packing: Packing = { ...options, record, store, parcel, redactor, left, room: options.mostBytes };
  const brought = before === null ? null : broughtCode(before, packing);
  for (const { digest } of objectsOfRun(store, record, [ORIGIN_FACT]))
    if (brought?.commits.has(digest) !== true) parcel.fromStore(store, digest);
  const code = brought === null ? await carryCode(packing) : brought.code;
  const inputs = knownOr(record.inputs, []);
  for (const file of [...inputs, ...knownOr(record.outputs, []).filter(({ change }) => change !== "removed")])
    carryFile(packing, file);
  const ofCode = code?.snapshot.files ?? knownFiles(record);
  const known = new Set([...ofCode.map(({ path }) => path), ...inputs.map(({ path }) => path)]);
  const bystanders = before === null ? carryBystanders(packing, known) : before.bystanders;
  return { code, bystanders, left };
}

function knownFiles(record: RunRecord): readonly { readonly path: string }[] {
  return isUnknown(record.code) ? [] : record.code.kind === "snapshot" ? record.code.files : record.code.untracked;
}
