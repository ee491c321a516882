import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { RepriseError } from "#record";
import type { DataEntry, DataVersion, Store } from "#store";
import { walk } from "../walk.ts";
import type { CsvLayout } from "./csv.ts";
import { type Drift, tableDrift } from "./drift.ts";
import { type Engine, openEngine } from "./engine.ts";
import { type TableQuestion, tableAt } from "./open.ts";
import { type Shape, shapeOf } from "./shapes.ts";
import { type TableFormat, tableFormat } from "./source.ts";
import { statsBy, type TableStats, tableStats } from "./table.ts";

/** Files that are told apart: those of a path, or those of a version, laid out. */
interface DataFile {
  /** From the root of the data; its own name where it is a single file. */
  readonly name: string;
  readonly bytes: number;
  /** A path that it can be read at. */
  readonly place: () => string;
}

export interface StatsOptions {
  /** A folder for what does not fit into memory, and for files of versions. */
  readonly temporary: string;
  /** Of tables: the column whose values are told apart. */
  readonly by?: string;
  /** Of CSV and TSV, where their files do not say. */
  readonly layout?: CsvLayout;
}

interface TableReport {
  readonly path: string;
  readonly bytes: number;
  readonly stats: TableStats;
  readonly by?: Awaited<ReturnType<typeof statsBy>>;
  readonly drift?: Drift;
}

/** Files of one kind, by the folder that they lie in: classes of pictures, mostly. */
interface ShapeReport {
  readonly files: number;
  readonly bytes: { readonly total: number; readonly mean: number; readonly min: number; readonly max: number };
  readonly shapes: readonly { readonly shape: string; readonly files: number }[];
  readonly folders: readonly { readonly folder: string; readonly files: number }[];
}

export interface StatsReport {
  readonly tables: readonly TableReport[];
  readonly images: ShapeReport | null;
  readonly arrays: ShapeReport | null;
  /** Neither: how many, and how long together. */
  readonly others: { readonly files: number; readonly bytes: number };
}

const MOST_TABLES = 50;

function counted(names: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

const wordOf = (shape: Shape): string =>
  shape.kind === "image"
    ? `${shape.format} ${shape.width}×${shape.height}`
    : `${shape.dtype} (${shape.shape.join(", ")})`;

function shapeReport(files: readonly { readonly file: DataFile; readonly shape: Shape }[]): ShapeReport | null {
  if (files.length === 0) return null;
  const lengths = files.map(({ file }) => file.bytes);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  let [min, max] = [Number.POSITIVE_INFINITY, 0];
  for (const length of lengths) [min, max] = [Math.min(min, length), Math.max(max, length)];
  return {
    files: files.length,
    bytes: { total, mean: total / files.length, min, max },
    shapes: counted(files.map(({ shape }) => wordOf(shape))).map(([shape, count]) => ({ shape, files: count })),
    folders: counted(files.map(({ file }) => dirname(file.name))).map(([folder, count]) => ({ folder, files: count })),
  };
}

function* filesAt(root: string): Iterable<DataFile> {
  for (const { kind, path, place, stat } of walk(root))
    if (kind === "file" && typeof place === "string")
      yield { name: path || basename(root), bytes: stat.size, place: () => place };
}

/** Each is laid out when it is asked for. */
function* filesOfVersion(store: Store, version: DataVersion, folder: string): Iterable<DataFile> {
  let count = 0;
  for (const { kind, path, bytes, digest } of store.data.entries(version.manifest)) {
    if (kind !== "file" || digest === null) continue;
    const name = path || basename(version.source);
    const laidOut = (wanted: NonNullable<DataEntry["digest"]>): string => {
      const target = join(folder, String(count++), basename(name));
      mkdirSync(dirname(target));
      store.objects.readTo(wanted, target, 0o600);
      return target;
    };
    yield { name, bytes, place: () => laidOut(digest) };
  }
}

interface Asked extends StatsOptions {
  readonly engine: Engine;
}

const opened = (file: DataFile, format: TableFormat, asked: Asked): Promise<TableQuestion | null> =>
  tableAt(asked.engine, {
    path: file.place(),
    name: file.name,
    format,
    folder: asked.temporary,
    layout: asked.layout ?? {},
  });

/** null: it looked like a table by its name alone. */
async function oneTable(file: DataFile, old: DataFile | undefined, asked: Asked): Promise<TableReport | null> {
  const format = tableFormat(file.name);
  if (format === null) return null;
  const { engine, by } = asked;
  try {
    const question = await opened(file, format, asked);
    if (question === null) return null;
    const stats = await tableStats(engine, question);
    const groups = by === undefined ? {} : { by: await statsBy(engine, question, by) };
    const before = old === undefined ? null : await opened(old, format, asked);
    const drift = before === null ? {} : { drift: await tableDrift(engine, { old: before, fresh: question }) };
    return { path: file.name, bytes: file.bytes, stats, ...groups, ...drift };
  } finally {
    await engine.release();
  }
}

type OldFile = (name: string) => DataFile | undefined;

async function report(files: Iterable<DataFile>, old: OldFile, asked: Asked): Promise<StatsReport> {
  const tables: TableReport[] = [];
  const shaped: { file: DataFile; shape: Shape }[] = [];
  const others = { files: 0, bytes: 0 };
  for (const file of files) {
    if (tables.length === MOST_TABLES && tableFormat(file.name) !== null)
      throw new RepriseError(
        "USAGE",
        "usage",
        `there are more than ${MOST_TABLES} tables: name one of them`,
        "reprise data stats FILE",
      );
    const table = await oneTable(file, old(file.name), asked);
    if (table !== null) {
      tables.push(table);
      continue;
    }
    const shape = shapeOf(file.place());
    if (shape !== null) shaped.push({ file, shape });
    else {
      others.files += 1;
      others.bytes += file.bytes;
    }
  }
  const of = (kind: Shape["kind"]): ShapeReport | null =>
    shapeReport(shaped.filter(({ shape }) => shape.kind === kind));
  return { tables, images: of("image"), arrays: of("array"), others };
}

/** Either what lies at a path, or a version; `against`: an older version, for drift. */
export interface StatsQuestion {
  readonly path?: string;
  readonly version?: DataVersion;
  readonly against?: DataVersion;
  readonly store: Store | null;
}

/** What is in tables, arrays and pictures. Throws DUCKDB_ABSENT, TABLE_UNREADABLE. */
export async function dataStats(
  { path, version, against, store }: StatsQuestion,
  options: StatsOptions,
): Promise<StatsReport> {
  const folder = mkdtempSync(join(options.temporary, "stats-"));
  const engine = await openEngine(folder);
  try {
    const old = new Map<string, DataFile>();
    if (against !== undefined && store !== null)
      for (const file of filesOfVersion(store, against, mkdtempSync(join(folder, "old-")))) old.set(file.name, file);
    const files =
      version !== undefined && store !== null
        ? filesOfVersion(store, version, mkdtempSync(join(folder, "new-")))
        : filesAt(resolve(path ?? "."));
    // A single file may have had another name.
    const only = against?.kind === "file" ? [...old.values()][0] : undefined;
    return await report(files, (name) => old.get(name) ?? only, { ...options, temporary: folder, engine });
  } finally {
    engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
