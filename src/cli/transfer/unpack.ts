import { resolve } from "node:path";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { findPlace, withStore } from "../place.ts";
import { safe } from "../render/escape.ts";
import { bytes, plural, shortId } from "../render/words.ts";
import type { Define } from "../verb.ts";
import { keyText } from "./key-file.ts";
import { leftText } from "./left.ts";
import { sizeOf } from "./size.ts";

interface Flags {
  readonly verifyKey?: string;
  readonly limit?: number;
  readonly store?: string;
  readonly json?: true;
  readonly quiet?: true;
}

async function act(file: string, flags: Flags, context: Context): Promise<void> {
  const { readVerifyKey, unpackRun } = await import("#transfer");
  const { verifyKey, limit } = flags;
  const key = verifyKey === undefined ? {} : { key: readVerifyKey(keyText(verifyKey, context, true), verifyKey) };
  const place = await findPlace(context, flags.store, "write");
  const taken = await withStore(place, { create: true }, (store) =>
    unpackRun({
      store,
      file: resolve(context.cwd, file),
      shown: file,
      ...key,
      ...(limit === undefined ? {} : { limit }),
    }),
  );
  const { record, state, objects, signedBy, unchecked, left, host } = taken;
  if (flags.json === true)
    return writeJson(context, {
      format: "reprise/unpacked@1",
      run: record.id,
      name: record.name,
      state,
      host,
      objects,
      bytes: taken.bytes,
      signedBy,
      unchecked,
      left,
    });
  if (flags.quiet === true) return;
  const { colors } = context.out;
  const { out } = context;
  if (state === "known") {
    out.write(`run ${shortId(record.id)} is in the store already, the same\n`);
    return;
  }
  out.write(
    `run ${shortId(record.id)} of ${safe(host)} is in the store: ${plural(objects, "object")}, ${bytes(taken.bytes)}\n`,
  );
  out.write(`  command  ${safe(record.command.argv.join(" "))}\n`);
  if (signedBy !== null) out.write(`  signed   by ${signedBy}, checked\n`);
  else if (unchecked !== null)
    out.write(`  ${colors.yellow("signed")}   by ${unchecked}, not checked: --verify-key KEY\n`);
  else out.write("  signed   no: digests tell damage, not who made it\n");
  out.write(leftText(left, colors));
  out.write(`next: reprise verify ${shortId(record.id)}\n`);
}

export const defineUnpack: Define = (context, end) =>
  face(context, "unpack", "take a packed run into the store", {
    notes: [
      "Every byte is checked against its digest. Nothing of it is run, and nothing is written outside the store. What is",
      "damaged, was tampered with, or holds links, devices or paths that lead elsewhere is refused.",
    ],
    examples: [
      ["reprise unpack paper.tar.gz", ""],
      ["reprise unpack paper.tar.gz --verify-key key.pub", "only if it was signed with this key"],
    ],
    exits: [
      ["0", "it is in the store now, or was already"],
      ["2", "wrong use: the key is none"],
      ["4", "refused; nothing was taken over"],
      ["6", "no such file"],
    ],
  })
    .argument("<file>", "what reprise pack wrote")
    .option(
      "--verify-key <key>",
      "refuse what is not signed with it: a public key of minisign (file or line), or in PEM",
    )
    .option("--limit <size>", "most that it may hold unpacked (default: 4G, or 200 times its size)", sizeOf("--limit"))
    .option("--store <dir>", "the folder that keeps the runs")
    .option("--json", "one JSON document on standard output")
    .option("-q, --quiet", "say nothing besides errors")
    .action(async (file: string, flags: Flags) => {
      await act(file, flags, context);
      end(EXIT.ok);
    });
