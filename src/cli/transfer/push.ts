import { RepriseError } from "#record";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { createProgress } from "../progress.ts";
import { safe } from "../render/escape.ts";
import { bytes, plural, shortId } from "../render/words.ts";
import type { Define } from "../verb.ts";
import { leftText } from "./left.ts";
import { inputsOf } from "./pack.ts";
import { addRecipient, type EncryptionFlags, remoteNamed } from "./remotes.ts";
import { sizeOf } from "./size.ts";

interface Flags extends EncryptionFlags {
  readonly inputs: "kept" | "all";
  readonly repository: boolean;
  readonly most: number;
  readonly store?: string;
  readonly json?: true;
  readonly quiet?: true;
}

const MOST = 4 * 2 ** 30;

/** The last word is the remote. */
export function splitWords(
  words: readonly string[],
  verb: string,
): { readonly refs: readonly string[]; readonly remote: string } {
  const remote = words.at(-1);
  if (remote === undefined || remote === "")
    throw new RepriseError("USAGE", "usage", `${verb} needs a remote`, `reprise ${verb} [RUN…] REMOTE`);
  return { refs: words.slice(0, -1), remote };
}

async function act(words: readonly string[], flags: Flags, context: Context): Promise<void> {
  const { refs, remote: name } = splitWords(words, "push");
  const place = await findPlace(context, flags.store, "read");
  const remote = await remoteNamed(name, flags, context);
  const progress = createProgress(context.err, flags.quiet === true);
  try {
    await withStore(place, {}, async (store) => {
      const { pushRuns } = await import("#transfer");
      const records =
        refs.length > 0
          ? refs.map((ref) => store.runs.get(ref))
          : store.runs.list().map(({ id }) => store.runs.get(id));
      const pushed = await pushRuns(records, {
        store,
        remote,
        inputs: flags.inputs,
        repository: flags.repository,
        mostBytes: flags.most,
        env: context.env,
        version: context.version,
        packedAt: new Date().toISOString(),
        onProgress: (text) => progress.say(text),
      });
      progress.clear();
      if (flags.json === true)
        return writeJson(context, { format: "reprise/push@1", remote: remote.name, runs: pushed });
      if (flags.quiet === true) return;
      const fresh = pushed.filter(({ state }) => state === "new");
      const sent = fresh.reduce((sum, one) => sum + one.bytes, 0);
      context.out.write(
        `${plural(fresh.length, "run")} pushed to ${safe(remote.name)} (${bytes(sent)}), ${pushed.length - fresh.length} there before\n`,
      );
      for (const { run, left } of fresh) {
        context.out.write(`  ${shortId(run)}\n`);
        context.out.write(leftText(left, context.out.colors));
      }
    });
  } finally {
    progress.clear();
    remote.close();
  }
}

export const definePush: Define = (context, end) =>
  face(context, "push", "send runs to a remote", {
    notes: [
      "A remote is a folder, s3://bucket/prefix, ssh://host/path, or a name from reprise remote add. What is there is not sent",
      "twice; a push that broke off is gone on from. Keys are those that AWS, ssh and age use anyway; none is kept.",
    ],
    examples: [
      ["reprise push team", "all runs, replays not counted"],
      ["reprise push baseline s3://lab/runs", "AWS_PROFILE and AWS_ENDPOINT_URL say where and who"],
      ["reprise push @last ssh://host/srv/runs --recipient age1…", "encrypted"],
    ],
    exits: [
      ["0", "all of them are there"],
      ["4", "it cannot be written, or holds something else"],
      ["6", "it cannot be reached, or is busy"],
    ],
  })
    .argument("<words...>", "[RUN…] REMOTE")
    .option(
      "--inputs <which>",
      "all: also data known by digest only, from where it lies unchanged; kept: not",
      inputsOf,
      "all",
    )
    .option("--no-repository", "without the git commits that a program may ask for; the code itself goes along")
    .option("--most <size>", "at most so much of such data (default: 4G)", sizeOf("--most"), MOST)
    .option("--recipient <key>", "encrypt for this public key of age; may be given several times", addRecipient)
    .option("--passphrase", "encrypted with a passphrase: REPRISE_REMOTE_PASSPHRASE, or asked for")
    .option("--identity <file>", "the secret key of age that opens it")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .option("-q, --quiet", "say nothing besides errors")
    .action(async (words: string[], flags: Flags) => {
      await act(words, flags, context);
      end(EXIT.ok);
    });
