import { hostname } from "node:os";
import { writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { createProgress } from "../progress.ts";
import { safe } from "../render/escape.ts";
import { bytes, plural } from "../render/words.ts";
import { addRecipient, type EncryptionFlags, remoteNamed } from "../transfer/remotes.ts";
import type { Define } from "../verb.ts";
import { type Shared, shared } from "./flags.ts";
import { checkAs, dataWords } from "./remote-word.ts";

interface Flags extends Shared, EncryptionFlags {
  readonly as?: string;
}

export const defineDataPush: Define = (context, end) =>
  shared(
    face(context, "data push", "send versions of data to a remote", {
      notes: [
        "DATA is NAME (its last version), NAME@VERSION or NAME@~N; without any all versions of all go. REMOTE is a name from",
        "reprise remote add, s3://bucket/prefix, ssh://host/path or a path; without it the only one that has a name. What is there",
        "is not sent twice; a push that broke off is gone on from. A number that is other data there is refused: --as.",
      ],
      examples: [
        ["reprise data push", "all of it, to the only remote"],
        ["reprise data push pets s3://lab/runs", "its last version"],
        ["reprise data push pets@2 team --as pets-mine", "team has another pets@2"],
      ],
      exits: [
        ["0", "all of it is there"],
        ["4", "it cannot be written, or has other data under that number: nothing was sent"],
        ["6", "it cannot be reached, or is busy; no such data"],
      ],
    }).name("push"),
  )
    .argument("[words...]", "[DATA…] [REMOTE]")
    .option("--as <name>", "the name that it gets there")
    .option("--recipient <key>", "encrypt for this public key of age; may be given several times", addRecipient)
    .option("--passphrase", "encrypted with a passphrase: REPRISE_REMOTE_PASSPHRASE, or asked for")
    .option("--identity <file>", "the secret key of age that opens it")
    .action(async (words: string[], flags: Flags) => {
      const { refs, remote: word } = dataWords(words, "push", context);
      const place = await findPlace(context, flags.store, "read");
      const progress = createProgress(context.err, flags.quiet === true || !context.err.tty);
      await withStore(place, { readonly: true }, async (store) => {
        const versions = refs.length > 0 ? refs.map((ref) => store.data.find(ref)) : store.data.list();
        checkAs(
          flags.as,
          versions.map(({ name }) => name),
        );
        const remote = await remoteNamed(word, flags, context);
        try {
          const { pushData } = await import("#transfer");
          const pushed = await pushData(versions, {
            store,
            remote,
            host: hostname(),
            project: place.project,
            ...(flags.as === undefined ? {} : { as: flags.as }),
            onProgress: (text) => progress.say(text),
          });
          progress.clear();
          if (flags.json === true)
            return writeJson(context, { format: "reprise/data-push@1", remote: remote.name, data: pushed });
          if (flags.quiet === true) return;
          const fresh = pushed.filter(({ state }) => state === "new");
          const sent = fresh.reduce((sum, one) => sum + one.bytes, 0);
          const head = `${plural(fresh.length, "version")} of data pushed to ${safe(remote.name)} (${bytes(sent)})`;
          context.out.write(`${head}, ${pushed.length - fresh.length} there before\n`);
          for (const { data, objects } of fresh)
            context.out.write(`  ${safe(data)}  ${plural(objects, "object")} sent\n`);
        } finally {
          progress.clear();
          remote.close();
        }
      });
      end(EXIT.ok);
    });
