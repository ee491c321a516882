// Sizes, names and depth: what a reader sees of the tree before reading a line of it.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { filesUnder } from "./files.ts";
import { ROOMS } from "./floors.ts";
import type { Violation } from "./violation.ts";

const SOURCE = [".ts", ".tsx", ".mts", ".js", ".mjs", ".cjs", ".py"];
const LIMITS: ReadonlyArray<{ readonly folder: string; readonly lines: number; readonly tests?: number }> = [
  { folder: "src", lines: 300 },
  { folder: "agent", lines: 300, tests: 400 },
  { folder: "scripts", lines: 300 },
  { folder: "bin", lines: 300 },
  { folder: "bench", lines: 300 },
  { folder: "web", lines: 300, tests: 400 },
  { folder: "test", lines: 400 },
];
const DRAWERS = /^_?(utils?|common|helpers?|shared|core|types?|misc|lib|stuff|tools)$/;
const FILES_PER_FOLDER = 20;

const read = (root: string, path: string): string => readFileSync(join(root, path), "utf8");
const countLines = (text: string): number => text.split("\n").length - (text.endsWith("\n") ? 1 : 0);

function sizes(root: string): Violation[] {
  return LIMITS.flatMap(({ folder, lines, tests }) =>
    filesUnder(root, folder, SOURCE).flatMap((path) => {
      const limit = tests !== undefined && /(^|\/)tests?\//.test(path) ? tests : lines;
      const count = countLines(read(root, path));
      if (count <= limit) return [];
      return [
        {
          where: path,
          what: `${count} lines, ${limit} allowed`,
          instead: "Find the second topic in it and give that its own file, named after it.",
        },
      ];
    }),
  );
}

function drawers(root: string): Violation[] {
  const folders = LIMITS.map((limit) => limit.folder);
  const paths = folders.flatMap((folder) => filesUnder(root, folder, SOURCE));
  const named = new Set(
    paths.flatMap((path) => {
      const parts = path.split("/");
      return parts.slice(1).map((_, index) => parts.slice(0, index + 2).join("/"));
    }),
  );
  return [...named]
    .filter((path) => DRAWERS.test(basename(path).replace(/(\.test)?\.[a-z]+$/, "")))
    .map((path) => ({
      where: path,
      what: "a drawer: the name says nothing about what is inside",
      instead:
        "Name it with a noun of its one subject, in the lowest room whose subject that is; or take an npm dependency.",
    }));
}

function rooms(root: string): Violation[] {
  return filesUnder(root, "src", SOURCE).flatMap((path) => {
    const [, room, ...rest] = path.split("/");
    if (room === undefined || path === "src/index.ts") return [];
    if (rest.length === 0)
      return [{ where: path, what: "a file outside every room", instead: "Put it into the room whose subject it is." }];
    if (!(room in ROOMS))
      return [
        {
          where: path,
          what: `${room} is no room of the house`,
          instead: "Use a room of scripts/law/floors.ts; a new one is a decision (docs/decisions/).",
        },
      ];
    if (rest.length > 2)
      return [
        { where: path, what: "more than two levels deep", instead: "A room has files and one level of folders." },
      ];
    return [];
  });
}

function crowds(root: string): Violation[] {
  const count = new Map<string, number>();
  for (const path of filesUnder(root, "src", SOURCE)) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    count.set(folder, (count.get(folder) ?? 0) + 1);
  }
  return [...count]
    .filter(([, files]) => files > FILES_PER_FOLDER)
    .map(([folder, files]) => ({
      where: folder,
      what: `${files} files, ${FILES_PER_FOLDER} at most`,
      instead: "About fifteen files are enough for a folder: make a subfolder for one of its topics.",
    }));
}

export const shapeViolations = (root: string): Violation[] => [
  ...sizes(root),
  ...drawers(root),
  ...rooms(root),
  ...crowds(root),
];
