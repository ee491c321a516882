import { writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { createProgress } from "../progress.ts";
import { safe } from "../render/escape.ts";
import { bytes, plural } from "../render/words.ts";
import { type EncryptionFlags, remoteNamed } from "../transfer/remotes.ts";
import type { Define } from "../verb.ts";
import { type Shared, shared } from "./flags.ts";
import { checkAs, dataWords } from "./remote-word.ts";

interface Flags extends Shared, EncryptionFlags {
  readonly as?: string;
}

export const defineDataPull: Define = (context, end) =>
  shared(
    face(context, "data pull", "take versions of data from a remote", {
      notes: [
        "DATA is NAME (its last version there), NAME@VERSION or NAME@~N; without any all versions of all come. Every byte and",
        "every name is checked; nothing is written but into the store: data restore puts it where the first line says. Numbers",
        "stay what they are there; one that is other data here is refused: --as.",
      ],
      examples: [
        ["reprise data pull", "all of it, from the only remote"],
        ["reprise data pull pets@2 s3://lab/runs && reprise data restore pets@2", ""],
        ["reprise data pull pets@2 team --as pets-team", "there is another pets@2 here"],
      ],
      exits: [
        ["0", "all of it is here"],
        ["4", "something there is damaged or unsafe, or a number is other data here: no version was made of it"],
        ["6", "it cannot be reached, or has no such data"],
      ],
    }).name("pull"),
  )
    .argument("[words...]", "[DATA…] [REMOTE]")
    .option("--as <name>", "the name that it gets here")
    .option("--passphrase", "encrypted with a passphrase: REPRISE_REMOTE_PASSPHRASE, or asked for")
    .option("--identity <file>", "the secret key of age that opens it")
    .action(async (words: string[], flags: Flags) => {
      const { refs, remote: word } = dataWords(words, "pull", context);
      checkAs(
        flags.as,
        refs.map((ref) => ref.replace(/@~?\d+$/, "")),
      );
      const place = await findPlace(context, flags.store, "write");
      const progress = createProgress(context.err, flags.quiet === true || !context.err.tty);
      const remote = await remoteNamed(word, flags, context);
      try {
        await withStore(place, { create: true }, async (store) => {
          const { pullData } = await import("#transfer");
          const pulled = await pullData({
            store,
            remote,
            refs,
            project: place.project,
            ...(flags.as === undefined ? {} : { as: flags.as }),
            onProgress: (text) => progress.say(text),
          });
          progress.clear();
          if (flags.json === true)
            return writeJson(context, { format: "reprise/data-pull@1", remote: remote.name, data: pulled });
          if (flags.quiet === true) return;
          const fresh = pulled.filter(({ state }) => state === "new");
          const taken = fresh.reduce((sum, one) => sum + one.taken, 0);
          const head = `${plural(fresh.length, "version")} of data pulled from ${safe(remote.name)} (${bytes(taken)})`;
          context.out.write(`${head}, ${pulled.length - fresh.length} here before\n`);
          for (const { data, host, source, bytes: size } of fresh)
            context.out.write(`  ${safe(data)}  ${bytes(size)}, of ${safe(host)}, to be restored to ${safe(source)}\n`);
          const [first] = fresh;
          if (first !== undefined) context.out.write(`next: reprise data restore ${safe(first.data)}\n`);
        });
      } finally {
        progress.clear();
        remote.close();
      }
      end(EXIT.ok);
    });
