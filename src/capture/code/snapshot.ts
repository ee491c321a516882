import { closeSync, type Dirent, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { extname, join } from "node:path";
import type { CodeFile, SnapshotCode } from "#record";
import type { Redactor } from "../redact/redactor.ts";
import type { ObjectSink } from "../sink.ts";
import { isEnvironmentDir, isSkippedName } from "../tree/skip.ts";
import { createFileSaver, type SaverOptions } from "./saver.ts";

/** Files that are code or its configuration, by their ending. */
const SOURCE = new Set(
  `.py .pyi .pyx .pxd .ipynb .r .rmd .jl .js .mjs .cjs .jsx .ts .mts .cts .tsx .vue .svelte .java .kt .scala .groovy .go
   .rs .c .h .cc .cpp .cxx .hpp .cu .cuh .cl .m .mm .cs .fs .swift .rb .php .pl .lua .f .f90 .f95 .ml .hs .ex .exs .erl
   .clj .dart .zig .nim .sql .sh .bash .zsh .fish .ps1 .bat .cmd .mk .cmake .gradle .bzl .nix .dockerfile .yaml .yml
   .toml .json .jsonc .json5 .ini .cfg .conf .properties .env .gin .libsonnet .jsonnet .proto .graphql .xml .md .rst
   .tex .html .css .scss .lock .in .smk .wdl .nf .j2 .jinja .tmpl .patch .diff`.split(/\s+/),
);
const SOURCE_NAMES =
  /^(?:Makefile|GNUmakefile|Dockerfile.*|Containerfile|Snakefile|Justfile|Rakefile|Gemfile|Pipfile|Procfile|CMakeLists\.txt|LICENSE.*|README.*|requirements.*\.txt|constraints.*\.txt|\.env.*|\.python-version|\.tool-versions|\.gitignore|\.gitattributes|\.dockerignore|\.editorconfig|\.flake8|\.pylintrc)$/;
/** Small enough to be told apart by a look at its first bytes. */
const SMALL_TEXT = 256 * 1024;
const MOST_ENTRIES = 20_000;

interface Folder {
  readonly files: readonly string[];
  readonly left: readonly { readonly path: string; readonly reason: string }[];
}

/** The project's source outside git: by content what is code, the rest by digest while the budget lasts. */
export function captureSnapshot(
  root: string,
  sink: ObjectSink,
  redactor: Redactor,
  options: SaverOptions,
): SnapshotCode {
  const { files: names, left } = listFolder(root);
  const saver = createFileSaver(sink, redactor, options);
  const files: CodeFile[] = [];
  for (const path of names) {
    const reason = isSource(join(root, path)) ? null : "not source code";
    const file = reason === null ? saver.save(root, path) : saver.name(root, path, path, reason);
    if (file !== null) files.push(file);
  }
  return { kind: "snapshot", files, left };
}

const EVERYTHING = { fileBytes: 2 ** 31, totalBytes: 2 ** 34, files: 200_000 };

/** Every file of a folder by content, whether it is code or not: for a folder that holds the code of a run and nothing else. */
export function captureEveryFile(root: string, sink: ObjectSink, redactor: Redactor): SnapshotCode {
  const { files: names, left } = listFolder(root, EVERYTHING.files);
  const saver = createFileSaver(sink, redactor, { budget: EVERYTHING });
  const files = names.map((path) => saver.save(root, path)).filter((file) => file !== null);
  return { kind: "snapshot", files, left };
}

/** All files below a folder, the nearest first, without following links; caches and environments left out. */
export function listFolder(root: string, most = MOST_ENTRIES): Folder {
  const files: string[] = [];
  const left: { path: string; reason: string }[] = [];
  const queue = [""];
  let entries = 0;
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const folder = next;
    if (entries >= most) {
      left.push({ path: folder === "" ? "." : folder.slice(0, -1), reason: `more than ${most} entries` });
      continue;
    }
    const listed = listOf(join(root, folder));
    if (listed === null) left.push({ path: folder.slice(0, -1), reason: "not readable" });
    for (const entry of listed ?? []) {
      entries++;
      const path = folder + entry.name;
      if (isSkippedName(entry.name)) continue;
      if (entry.isDirectory()) {
        if (isEnvironmentDir(join(root, path))) left.push({ path, reason: "an environment, recorded by its packages" });
        else queue.push(`${path}/`);
      } else if (entry.isFile() || entry.isSymbolicLink()) files.push(path);
      else left.push({ path, reason: "not a regular file" });
    }
  }
  return { files, left };
}

function listOf(folder: string): Dirent[] | null {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return null;
  }
}

function isSource(file: string): boolean {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const extension = extname(name).toLowerCase();
  if (SOURCE.has(extension) || SOURCE_NAMES.test(name)) return true;
  if (extension !== "" && extension !== ".txt") return false;
  return isSmallText(file);
}

/** Scripts without an ending, and small text files: lists of labels, requirements, prompts. Links too, as links. */
function isSmallText(file: string): boolean {
  try {
    const stat = lstatSync(file);
    if (!stat.isFile() || stat.size === 0) return true;
    const fd = openSync(file, "r");
    try {
      const start = Buffer.alloc(4096);
      const bytes = start.subarray(0, readSync(fd, start));
      if (bytes.subarray(0, 2).toString("latin1") === "#!") return true;
      return stat.size <= SMALL_TEXT && !bytes.includes(0);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}
