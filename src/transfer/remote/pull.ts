import { readFileSync, rmSync } from "node:fs";
import { RepriseError, type RunId } from "#record";
import type { Store } from "#store";
import type { Manifest } from "../manifest.ts";
import { checkedRecord, receive } from "../receive.ts";
import type { Remote } from "./remote.ts";
import { takeObjects } from "./take.ts";

export interface PullOptions {
  readonly store: Store;
  readonly remote: Remote;
  /** Ids, parts of them (four digits or more), or names; empty: all. */
  readonly refs: readonly string[];
  readonly onProgress?: (words: string) => void;
}

export interface Pulled {
  readonly run: RunId;
  readonly name: string | null;
  readonly command: readonly string[];
  readonly host: string;
  readonly state: "new" | "known";
  readonly objects: number;
  readonly bytes: number;
  readonly left: Manifest["left"];
}

const plain = (text: string): string => text.replaceAll("-", "");

/** The run that is meant: by its id or a part of it, else by its name. Throws RUN_UNKNOWN, RUN_AMBIGUOUS. */
async function resolveRef(ref: string, ids: readonly RunId[], remote: Remote): Promise<RunId> {
  const part = plain(ref.toLowerCase());
  const isPart = /^[0-9a-f]{4,}$/.test(part);
  const byId = ids.filter((id) => isPart && (plain(id).startsWith(part) || plain(id).endsWith(part)));
  if (byId.length === 1 && byId[0] !== undefined) return byId[0];
  if (byId.length > 1)
    throw new RepriseError(
      "RUN_AMBIGUOUS",
      "missing",
      `${byId.length} runs of ${remote.name} have '${ref}' in their ids`,
      "more of its digits",
    );
  for (const id of ids.toReversed()) if ((await remote.manifest(id))?.name === ref) return id;
  throw new RepriseError(
    "RUN_UNKNOWN",
    "missing",
    `${remote.name} has no run '${ref}'`,
    `reprise remote ls ${remote.name}`,
  );
}

async function pullOne(id: RunId, { store, remote, onProgress }: PullOptions): Promise<Pulled> {
  const manifest = await remote.manifest(id);
  if (manifest === null)
    throw new RepriseError("RUN_UNKNOWN", "missing", `${remote.name} has no run ${id}`, "reprise remote ls");
  const path = remote.fresh();
  await remote.readTo([{ ...manifest.record, path }]);
  const text = readFileSync(path, "utf8");
  rmSync(path);
  const record = checkedRecord(manifest, text);
  onProgress?.(`${id.slice(-8)}: ${manifest.objects.length} objects`);
  const taken = await takeObjects(manifest.objects, { store, remote });
  const { state } = receive(store, manifest, text, { via: "remote", from: remote.name, signedBy: null });
  const { host, left, name } = manifest;
  return { run: id, name, command: record.command.argv, host, state, ...taken, left };
}

/** Runs from a remote into a store. Nothing of them is run; every byte is checked; what was taken is not taken twice. */
export async function pullRuns(options: PullOptions): Promise<Pulled[]> {
  const { remote, refs } = options;
  if (!(await remote.isMade()))
    throw new RepriseError(
      "REMOTE_EMPTY",
      "missing",
      `${remote.name} is no remote of Reprise: nothing was pushed there`,
      `reprise push ${remote.name}`,
    );
  const ids = await remote.runs();
  const wanted = refs.length === 0 ? ids : await Promise.all(refs.map((ref) => resolveRef(ref, ids, remote)));
  const pulled: Pulled[] = [];
  for (const id of new Set(wanted)) pulled.push(await pullOne(id, options));
  return pulled;
}
