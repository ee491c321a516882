import { face } from "../face.ts";
import type { Define } from "../verb.ts";
import { defineAdd } from "./add.ts";
import { defineDataDiff } from "./diff.ts";
import { defineDataGc } from "./gc.ts";
import { defineDataLs } from "./ls.ts";
import { defineDataPull } from "./pull.ts";
import { defineDataPush } from "./push.ts";
import { defineRestore } from "./restore.ts";
import { defineSplit } from "./split.ts";
import { defineStats } from "./stats.ts";
import { defineStatus } from "./status.ts";

const VERBS = [
  defineAdd,
  defineDataLs,
  defineStatus,
  defineDataDiff,
  defineRestore,
  defineStats,
  defineSplit,
  defineDataGc,
  defineDataPush,
  defineDataPull,
];

export const defineData: Define = (context, end) => {
  const command = face(context, "data", "keep versions of data, compare them, and put them back", {
    notes: ["Each has --help. docs/data.md tells of it."],
    examples: [
      ["reprise data add data/train.csv", "keep it as train.csv@1"],
      ["reprise data status", "what has changed since"],
      ["reprise data restore train.csv@1", ""],
      ["reprise data restore --run @last", "exactly what a run read"],
      ["reprise data push, reprise data pull", "to a remote, and from there"],
    ],
    exits: [
      ["0", "as asked"],
      ["1", "the answer is no: changed, differs, not all is to be had"],
    ],
  });
  command.enablePositionalOptions();
  for (const define of VERBS) command.addCommand(define(context, end));
  return command;
};
