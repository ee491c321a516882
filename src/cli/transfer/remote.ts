import { resolve } from "node:path";
import { RepriseError } from "#record";
import { type Context, writeJson } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { face } from "../face.ts";
import { safe } from "../render/escape.ts";
import { bytes, plural, shortId } from "../render/words.ts";
import type { Define } from "../verb.ts";
import {
  addRecipient,
  type EncryptionFlags,
  encryptionOf,
  isRemoteName,
  type NamedRemote,
  readRemotes,
  remoteNamed,
  writeRemotes,
} from "./remotes.ts";

interface Flags extends EncryptionFlags {
  readonly json?: true;
  readonly force?: true;
}

const usage = (what: string, hint: string): RepriseError => new RepriseError("USAGE", "usage", what, hint);

async function add(words: readonly string[], flags: Flags, context: Context): Promise<void> {
  const [name = "", address = ""] = words;
  if (!isRemoteName(name) || words.length !== 2)
    throw usage("a name (letters, digits, - and _) and an address are needed", "reprise remote add team s3://lab/runs");
  const remotes = readRemotes(context);
  if (Object.hasOwn(remotes, name) && flags.force !== true)
    throw usage(`there is a remote '${name}' already: ${remotes[name]?.address ?? ""}`, "--force, or another name");
  const { shelfAt } = await import("#transfer");
  const isPath = !/^[a-z0-9]+:\/\//i.test(address);
  const shelf = shelfAt(address, context);
  shelf.close?.();
  const { recipient, identity, passphrase } = flags;
  // A key under a passphrase is made there now, and one that is there must be opened by it.
  if (passphrase === true) await encryptionOf(isPath ? resolve(context.cwd, address) : address, flags, context);
  const isEncrypted = recipient !== undefined || identity !== undefined || passphrase === true;
  const added: NamedRemote = {
    address: isPath ? resolve(context.cwd, address) : address,
    ...(recipient === undefined ? {} : { recipients: recipient }),
    ...(identity === undefined ? {} : { identity: resolve(context.cwd, identity) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
  writeRemotes(context, { ...remotes, [name]: added });
  context.out.write(`remote ${name} is ${safe(added.address)}${isEncrypted ? ", encrypted" : ""}\n`);
}

/** The remotes, or what one of them holds. */
async function list(words: readonly string[], flags: Flags, context: Context): Promise<void> {
  const [name] = words;
  if (name === undefined) {
    const remotes = readRemotes(context);
    if (flags.json === true) return writeJson(context, { format: "reprise/remotes@1", remotes });
    const entries = Object.entries(remotes);
    if (entries.length === 0) context.out.write("there is no remote yet: reprise remote add NAME ADDRESS\n");
    for (const [key, { address, ...keys }] of entries)
      context.out.write(`${key}  ${safe(address)}${Object.keys(keys).length === 0 ? "" : "  encrypted"}\n`);
    return;
  }
  const remote = await remoteNamed(name, flags, context);
  try {
    if (!(await remote.isMade())) {
      if (flags.json === true)
        writeJson(context, { format: "reprise/remote@1", remote: remote.name, runs: [], data: [] });
      else context.out.write(`nothing was pushed to ${safe(remote.name)} yet\n`);
      return;
    }
    const manifests = [];
    for (const id of await remote.runs()) manifests.push(await remote.manifest(id));
    const runs = manifests.flatMap((one) =>
      one === null
        ? []
        : [
            {
              run: one.run,
              name: one.name,
              host: one.host,
              packedAt: one.packedAt,
              bytes: one.objects.reduce((sum, { bytes: size }) => sum + size, 0),
            },
          ],
    );
    const { dataAt } = await import("#transfer");
    const data = await dataAt(remote);
    if (flags.json === true) return writeJson(context, { format: "reprise/remote@1", remote: remote.name, runs, data });
    context.out.write(`${plural(runs.length, "run")} at ${safe(remote.name)}\n`);
    for (const one of runs)
      context.out.write(
        `  ${shortId(one.run)}  ${safe(one.name ?? "")}  of ${safe(one.host)}, ${one.packedAt.slice(0, 10)}, ${bytes(one.bytes)}\n`,
      );
    if (data.length === 0) return;
    context.out.write(`${plural(data.length, "version")} of data\n`);
    for (const { name: of, version, host, at, bytes: size } of data)
      context.out.write(`  ${safe(`${of}@${version}`)}  of ${safe(host)}, ${at.slice(0, 10)}, ${bytes(size)}\n`);
  } finally {
    remote.close();
  }
}

function remove(words: readonly string[], context: Context): void {
  const [name = ""] = words;
  const remotes = readRemotes(context);
  if (!Object.hasOwn(remotes, name))
    throw new RepriseError("REMOTE_UNKNOWN", "missing", `there is no remote '${name}'`, "reprise remote ls");
  const { [name]: _gone, ...rest } = remotes;
  writeRemotes(context, rest);
  context.out.write(`remote ${name} is forgotten; what lies there stays\n`);
}

async function collect(words: readonly string[], flags: Flags, context: Context): Promise<void> {
  const [name = ""] = words;
  if (name === "") throw usage("gc needs a remote", "reprise remote gc team");
  const { collectRemote } = await import("#transfer");
  const remote = await remoteNamed(name, flags, context);
  try {
    const { objects, bytes: freed } = await collectRemote(remote);
    if (flags.json === true)
      writeJson(context, { format: "reprise/remote-gc@1", remote: remote.name, objects, bytes: freed });
    else context.out.write(`${plural(objects, "object")} of ${safe(remote.name)} removed, ${bytes(freed)}\n`);
  } finally {
    remote.close();
  }
}

const ACTIONS = ["add", "ls", "rm", "gc"] as const;

export const defineRemote: Define = (context, end) =>
  face(context, "remote", "name the places that runs are pushed to", {
    notes: [
      "Names are kept in your own configuration (XDG_CONFIG_HOME), never in a project's: a project cannot send your data",
      "elsewhere. Keys and passwords are not kept at all. gc removes what pushes left that broke off.",
    ],
    examples: [
      ["reprise remote add team s3://lab/runs", ""],
      ["reprise remote add disk /mnt/backup/runs --recipient age1… --identity ~/key.txt", "encrypted"],
      ["reprise remote ls", "the names; reprise remote ls team: the runs and the data there"],
      ["reprise remote rm team", "forget the name"],
    ],
    exits: [
      ["0", "as asked"],
      ["6", "no such remote, or it cannot be reached"],
    ],
  })
    .argument("<action>", ACTIONS.join(", "))
    .argument("[words...]", "add: NAME ADDRESS; ls: [REMOTE]; rm: NAME; gc: REMOTE")
    .option("--recipient <key>", "encrypt for this public key of age; may be given several times", addRecipient)
    .option("--passphrase", "encrypted with a passphrase: REPRISE_REMOTE_PASSPHRASE, or asked for")
    .option("--identity <file>", "the file with the secret key of age that opens it")
    .option("--force", "add: instead of the one that has this name")
    .option("--json", "one JSON document on standard output")
    .action(async (action: string, words: string[], flags: Flags) => {
      if (action === "add") await add(words, flags, context);
      else if (action === "ls") await list(words, flags, context);
      else if (action === "rm") remove(words, context);
      else if (action === "gc") await collect(words, flags, context);
      else throw usage(`there is no 'remote ${action}'`, `reprise remote ${ACTIONS.join("|")}`);
      end(EXIT.ok);
    });
