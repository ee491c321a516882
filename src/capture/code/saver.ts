import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { type CodeFile, type Digest, digestFromHex, digestOf, type Known, unknown } from "#record";
import type { Redactor } from "../redact/redactor.ts";
import { textKindOf } from "../redact/text-kind.ts";
import type { ObjectSink } from "../sink.ts";

const MIB = 1024 * 1024;

interface CodeBudget {
  /** A larger file is kept by digest alone. */
  readonly fileBytes: number;
  /** Content kept in all. */
  readonly totalBytes: number;
  readonly files: number;
  /** Bytes read only to know the digest of what is not kept. */
  readonly digestBytes: number;
}

const CODE_BUDGET: CodeBudget = {
  fileBytes: 10 * MIB,
  totalBytes: 200 * MIB,
  files: 5000,
  digestBytes: 256 * MIB,
};

/** Saves files of a project by content, redacted, while the budget lasts; then by digest; then by name. */
export interface FileSaver {
  /** `path` is the name in the record; null when the file is gone or is no file. */
  save(root: string, path: string, as?: string): CodeFile | null;
  /** By digest and never by content, with the reason. */
  name(root: string, path: string, as: string, reason: string): CodeFile | null;
  readonly spent: { readonly files: number; readonly bytes: number };
}

export interface SaverOptions {
  readonly budget?: Partial<CodeBudget>;
  /** Digest of a file that is not stored; a cache may stand behind it. */
  readonly digestFile?: (path: string) => Known<Digest>;
}

export function createFileSaver(sink: ObjectSink, redactor: Redactor, options: SaverOptions = {}): FileSaver {
  const budget = { ...CODE_BUDGET, ...options.budget };
  const spent = { files: 0, bytes: 0, digested: 0 };

  const digestOnly = (file: string, stat: Stats): Known<Digest> => {
    if (options.digestFile !== undefined) return options.digestFile(file);
    spent.digested += stat.size;
    if (spent.digested > budget.digestBytes)
      return unknown(`over ${budget.digestBytes / MIB} MiB of files not kept: no digest taken`);
    return digestFile(file);
  };

  const facts = (stat: Stats, as: string): Pick<CodeFile, "path" | "mode" | "bytes" | "mtimeMs"> => ({
    path: as,
    mode: stat.isSymbolicLink() ? "120000" : (stat.mode & 0o100) !== 0 ? "100755" : "100644",
    bytes: stat.size,
    mtimeMs: stat.mtimeMs,
  });

  const name: FileSaver["name"] = (root, path, as, reason) => {
    const file = join(root, path);
    const stat = statOf(file);
    if (stat === null) return null;
    return { ...facts(stat, as), digest: digestOnly(file, stat), stored: false, reason };
  };

  const save: FileSaver["save"] = (root, path, as = path) => {
    const file = join(root, path);
    const stat = statOf(file);
    if (stat === null) return null;
    if (path.includes("\uFFFD")) {
      return {
        ...facts(stat, as),
        digest: unknown("the name is not UTF-8"),
        stored: false,
        reason: "the name is not UTF-8",
      };
    }
    if (stat.isSymbolicLink()) {
      const target = Buffer.from(readlinkSync(file));
      return { ...facts(stat, as), bytes: target.length, digest: sink.put(target), stored: true };
    }
    const reason = overBudget(stat);
    if (reason !== null) return { ...facts(stat, as), digest: digestOnly(file, stat), stored: false, reason };
    const content = readRegular(file);
    if (typeof content === "string")
      return { ...facts(stat, as), digest: unknown(content), stored: false, reason: content };
    spent.files++;
    spent.bytes += content.length;
    const kind = textKindOf(path, content);
    const { bytes, count } = redactor.redactBytes(content, kind);
    if (count > 0 && kind === "binary") {
      // Cutting a secret out would break the file, so the content stays where it is.
      return {
        ...facts(stat, as),
        digest: digestOf(content),
        stored: false,
        reason: "holds a secret in binary content",
        redacted: count,
      };
    }
    const digest = sink.put(bytes);
    return { ...facts(stat, as), bytes: bytes.length, digest, stored: true, ...(count > 0 ? { redacted: count } : {}) };
  };

  const overBudget = (stat: Stats): string | null => {
    if (stat.size > budget.fileBytes) return `larger than ${budget.fileBytes / MIB} MiB`;
    if (spent.files >= budget.files) return `more than ${budget.files} files`;
    if (spent.bytes + stat.size > budget.totalBytes) return `more than ${budget.totalBytes / MIB} MiB in all`;
    return null;
  };

  return { save, name, spent };
}

/** Files and links; not folders, pipes, devices. */
function statOf(file: string): Stats | null {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat !== undefined && (stat.isFile() || stat.isSymbolicLink()) ? stat : null;
}

/** The content of a regular file without following a link at its end, or why not. */
function readRegular(file: string): Uint8Array | string {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return `not readable: ${error instanceof Error && "code" in error ? String(error.code) : "unknown error"}`;
  }
  try {
    return fstatSync(fd).isFile() ? readFileSync(fd) : "not a regular file";
  } finally {
    closeSync(fd);
  }
}

/** SHA-256 of a file of any size. */
export function digestFile(file: string): Known<Digest> {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return unknown(`not readable: ${error instanceof Error && "code" in error ? String(error.code) : "unknown error"}`);
  }
  try {
    const hash = createHash("sha256");
    const chunk = Buffer.allocUnsafe(MIB);
    for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) hash.update(chunk.subarray(0, read));
    return digestFromHex(hash.digest("hex"));
  } finally {
    closeSync(fd);
  }
}
