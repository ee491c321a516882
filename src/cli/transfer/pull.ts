import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { createProgress } from "../progress.ts";
import { safe } from "../render/escape.ts";
import { bytes, plural, shortId } from "../render/words.ts";
import type { Define } from "../verb.ts";
import { leftText } from "./left.ts";
import { splitWords } from "./push.ts";
import { type EncryptionFlags, remoteNamed } from "./remotes.ts";

interface Flags extends EncryptionFlags {
  readonly store?: string;
  readonly json?: true;
  readonly quiet?: true;
}

async function act(words: readonly string[], flags: Flags, context: Context): Promise<void> {
  const { refs, remote: name } = splitWords(words, "pull");
  const place = await findPlace(context, flags.store, "write");
  const remote = await remoteNamed(name, flags, context);
  const progress = createProgress(context.err, flags.quiet === true);
  try {
    await withStore(place, { create: true }, async (store) => {
      const { pullRuns } = await import("#transfer");
      const pulled = await pullRuns({ store, remote, refs, onProgress: (text) => progress.say(text) });
      progress.clear();
      if (flags.json === true)
        return writeJson(context, { format: "reprise/pull@1", remote: remote.name, runs: pulled });
      if (flags.quiet === true) return;
      const fresh = pulled.filter(({ state }) => state === "new");
      const taken = fresh.reduce((sum, one) => sum + one.bytes, 0);
      context.out.write(
        `${plural(fresh.length, "run")} pulled from ${safe(remote.name)} (${bytes(taken)}), ${pulled.length - fresh.length} here before\n`,
      );
      for (const { run, host, command, left } of fresh) {
        context.out.write(`  ${shortId(run)}  of ${safe(host)}: ${safe(command.join(" "))}\n`);
        context.out.write(leftText(left, context.out.colors));
      }
      const [first] = fresh;
      if (first !== undefined) context.out.write(`next: reprise verify ${shortId(first.run)}\n`);
    });
  } finally {
    progress.clear();
    remote.close();
  }
}

export const definePull: Define = (context, end) =>
  face(context, "pull", "take runs from a remote", {
    notes: [
      "Every byte is checked against its digest; nothing of it is run. Objects that are here already are not sent again.",
    ],
    examples: [
      ["reprise pull team", "all runs that are there"],
      ["reprise pull 3f9a1c22 s3://lab/runs", "one of them"],
      ["reprise pull /mnt/share/runs --identity key.txt", "an encrypted one"],
    ],
    exits: [
      ["0", "all of them are here"],
      ["4", "something there is damaged, or was changed; nothing of that run was taken over"],
      ["6", "it cannot be reached, or has no such run"],
    ],
  })
    .argument("<words...>", "[RUN…] REMOTE; a RUN by its id, four digits of it, or its name")
    .option("--passphrase", "encrypted with a passphrase: REPRISE_REMOTE_PASSPHRASE, or asked for")
    .option("--identity <file>", "the secret key of age that opens it")
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .option("-q, --quiet", "say nothing besides errors")
    .action(async (words: string[], flags: Flags) => {
      await act(words, flags, context);
      end(EXIT.ok);
    });
