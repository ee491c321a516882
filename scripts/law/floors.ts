// The floors of ARCHITECTURE.md as one table; the rules of dependency-cruiser are generated from it.

interface Room {
  readonly floor: number;
  /** No input, no output: of Node's own modules only those of PURE_BUILTINS. */
  readonly pure?: true;
  /** May start processes. */
  readonly starts?: true;
  /** What the room is for: the answer to "why may I not import this here?". */
  readonly is: string;
}

export const ROOMS: Readonly<Record<string, Room>> = {
  record: { floor: 0, pure: true, is: "frozen facts, their schema and digests" },
  capture: { floor: 1, starts: true, is: "probes that say what there was" },
  exec: { floor: 1, starts: true, is: "launching a child and hearing its events" },
  store: { floor: 1, is: "keeping records and objects" },
  content: { floor: 1, pure: true, is: "bytes of a format, read without running them" },
  compare: { floor: 1, pure: true, is: "judging two records" },
  check: { floor: 1, pure: true, is: "rules: facts in, findings out" },
  run: { floor: 2, is: "making one run, end to end" },
  data: { floor: 2, is: "versions of data: kept, compared, brought back" },
  imports: { floor: 2, is: "runs that other tools recorded, as records" },
  environment: { floor: 2, is: "what a run asks of an environment: had again, compared, written for other tools" },
  diagnose: { floor: 2, is: "explaining a difference without running anything" },
  replay: { floor: 3, is: "doing a run again" },
  transfer: { floor: 3, is: "taking runs to other machines, and back" },
  audit: { floor: 4, is: "golden runs and the history of verdicts" },
  library: { floor: 5, is: "what the command line does, for programs" },
  server: { floor: 5, is: "HTTP" },
  cli: { floor: 6, is: "the terminal" },
};

const PURE_BUILTINS = ["crypto", "zlib"];
const PROCESS_BUILTINS = ["child_process", "cluster"];
const PROCESS_PACKAGES = ["execa", "cross-spawn", "node-pty", "simple-git", "tinyexec", "zx"];

export interface Rule {
  readonly name: string;
  readonly severity: "error";
  readonly comment: string;
  readonly from: Readonly<Record<string, unknown>>;
  readonly to: Readonly<Record<string, unknown>>;
}

const names = Object.keys(ROOMS);
const where = (test: (room: Room) => boolean): string[] =>
  names.filter((name) => {
    const room = ROOMS[name];
    return room !== undefined && test(room);
  });
const inside = (rooms: readonly string[]): string => `^src/(${rooms.join("|")})/`;
const builtin = (modules: readonly string[]): string => `^(node:)?(${modules.join("|")})(/|$)`;
const packages = (list: readonly string[]): string => `(^|/)node_modules/(${list.join("|")})(/|$)`;

/** Imports go down: to a room of a lower floor, never to a neighbour. */
function floorRules(): Rule[] {
  return Object.entries(ROOMS).map(([name, room]) => {
    const closed = where((other) => other.floor >= room.floor).filter((other) => other !== name);
    return {
      name: `floor-${room.floor}-${name}`,
      severity: "error",
      comment:
        `${name} (floor ${room.floor}) is ${room.is}; it imports only rooms of lower floors. ` +
        `Let a room above hand ${name} what it needs as a value, or move the piece to the lowest room whose subject it is.`,
      from: { path: inside([name]) },
      to: { path: [inside(closed), "^src/index\\.ts$"] },
    };
  });
}

function doorRules(): Rule[] {
  return [
    {
      name: "through-the-door",
      severity: "error",
      comment:
        "A room is entered by its door only. Import from '#room'; if the door lacks what you need, export it there on purpose.",
      from: { path: "^src/([^/]+)/" },
      to: { path: "^src/[^/]+/", pathNot: ["^src/$1/", "^src/[^/]+/index\\.ts$"] },
    },
    {
      name: "door-by-its-name",
      severity: "error",
      comment:
        "Write '#room' instead of a relative path to another room's index.ts: the name shows that a floor is crossed.",
      from: { path: "^src/([^/]+)/" },
      to: { path: "^src/[^/]+/index\\.ts$", pathNot: "^src/$1/", dependencyTypesNot: ["aliased-subpath-import"] },
    },
    {
      name: "not-through-the-own-door",
      severity: "error",
      comment: "Inside a room import the file that has it: the door re-exports you, so this is a cycle.",
      from: { path: "^src/([^/]+)/", pathNot: "^src/[^/]+/index\\.ts$" },
      to: { path: "^src/$1/index\\.ts$" },
    },
    {
      name: "library-entry",
      severity: "error",
      comment: "The library does what the command line does without it: src/index.ts re-exports rooms up to library.",
      from: { path: "^src/index\\.ts$" },
      to: { path: inside(where((room) => room.floor >= 5).filter((name) => name !== "library")) },
    },
  ];
}

function processRules(): Rule[] {
  const starters = where((room) => room.starts === true);
  return [
    {
      name: "processes-start-in-exec-and-capture",
      severity: "error",
      comment:
        "Only exec and capture start processes. Ask exec to launch it, or give capture a probe for what you want to know.",
      from: { path: "^src/", pathNot: inside(starters) },
      to: { path: [builtin(PROCESS_BUILTINS), packages(PROCESS_PACKAGES)] },
    },
    {
      name: "server-starts-nothing",
      severity: "error",
      comment:
        "Nothing reachable from the server may start a process: a request must never become a command. " +
        "Let the server write down a wish and a command line on the machine carry it out.",
      from: { path: inside(["server"]) },
      to: { path: [inside(starters), builtin(PROCESS_BUILTINS)], reachable: true },
    },
  ];
}

function pureRules(): Rule[] {
  return [
    {
      name: "pure-rooms-do-no-io",
      severity: "error",
      comment:
        `Pure rooms judge bytes that they are given: of Node they use only ${PURE_BUILTINS.join(" and ")}. ` +
        "Read the file, the clock or the machine in capture or store and pass the value in.",
      from: { path: inside(where((room) => room.pure === true)) },
      to: { dependencyTypes: ["core"], pathNot: builtin(PURE_BUILTINS) },
    },
  ];
}

function hygieneRules(): Rule[] {
  return [
    {
      name: "no-cycles",
      severity: "error",
      comment:
        "Two files that need each other are one subject or hide a third: take out the common piece into its own file.",
      from: { path: "^src/" },
      to: { circular: true },
    },
    {
      name: "resolvable",
      severity: "error",
      comment: "This import leads nowhere: mend the path, or add the package with an exact version.",
      from: { path: "^src/" },
      to: { couldNotResolve: true },
    },
    {
      name: "shipped-dependencies-only",
      severity: "error",
      comment:
        "What src imports is shipped: it belongs into dependencies (or optionalDependencies), not into devDependencies.",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "stay-in-src",
      severity: "error",
      comment: "The product does not import its tests, scripts, benches or examples.",
      from: { path: "^src/" },
      to: { path: "^(test|scripts|bench|examples|web)/" },
    },
  ];
}

export const rules = (): Rule[] => [
  ...floorRules(),
  ...doorRules(),
  ...pureRules(),
  ...processRules(),
  ...hygieneRules(),
];
