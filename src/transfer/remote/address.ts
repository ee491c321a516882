import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { RepriseError } from "#record";
import { FolderShelf } from "../shelf/folder.ts";
import { S3Shelf } from "../shelf/s3.ts";
import type { Shelf } from "../shelf/shelf.ts";
import { SshShelf } from "../shelf/ssh.ts";

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const wrong = (address: string, why: string): RepriseError =>
  new RepriseError("REMOTE_ADDRESS", "usage", `${address}: ${why}`, "s3://bucket/prefix, ssh://host/path, or a folder");

const HOST = /^(?:[A-Za-z0-9][\w.-]*@)?[A-Za-z0-9][\w.-]*$/;

function sshShelf(address: string, env: Surroundings["env"]): Shelf {
  const [, host = "", port = null, path = ""] = /^ssh:\/\/([^/:]+)(?::(\d{1,5}))?(\/.+)$/.exec(address) ?? [];
  // A host that begins with "-" would be an option of ssh, which can start programs.
  if (!HOST.test(host)) throw wrong("an ssh address", "it is not ssh://[user@]host[:port]/path, without a password");
  return new SshShelf(address, { host, port, root: path.replace(/\/+$/, "") }, env);
}

function s3Shelf(address: string, env: Surroundings["env"]): Shelf {
  const [, bucket = "", path = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(address) ?? [];
  if (bucket === "")
    throw wrong("an S3 address", "it is not s3://bucket/prefix; keys are given as AWS has it (AWS_PROFILE, ~/.aws)");
  const prefix = path.replace(/^\/+|\/+$/g, "");
  const endpoint = env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"];
  return new S3Shelf(
    address,
    bucket,
    prefix === "" ? "" : `${prefix}/`,
    endpoint,
    env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"],
  );
}

/** The shelf behind an address. Nothing is asked of it yet. Throws REMOTE_ADDRESS. */
export function shelfAt(address: string, { cwd, env }: Surroundings): Shelf {
  if (address.startsWith("s3://")) return s3Shelf(address, env);
  if (address.startsWith("ssh://")) return sshShelf(address, env);
  if (address.startsWith("file://")) return new FolderShelf(address, fileURLToPath(address));
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address))
    throw wrong(address.replace(/\/\/[^/]*@/, "//"), "there is no such kind of remote");
  if (address === "") throw wrong("''", "it is empty");
  return new FolderShelf(address, isAbsolute(address) ? address : resolve(cwd, address));
}
