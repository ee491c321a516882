import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, runTool, type ToolResult } from "#exec";
import { RepriseError } from "#record";
import {
  type Item,
  isHidden,
  isUnfinished,
  type Listed,
  OURS,
  partName,
  type Shelf,
  unreachable,
  unwritable,
} from "./shelf.ts";

const HOUR_MS = 3_600_000;
/** So many commands in one session. */
const PORTION = 400;

/** As sftp reads words of its commands: its quotes know these two alone. */
function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line's end would begin another command
  if (/[\u0000-\u001f\u007f]/.test(text))
    throw new RepriseError("REMOTE_ADDRESS", "usage", "a name with control characters", "reprise remote ls");
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

const parentsOf = (name: string): string[] =>
  name
    .split("/")
    .slice(0, -1)
    .map((_, i, parts) => parts.slice(0, i + 1).join("/"));

export interface SshPlace {
  readonly host: string;
  readonly port: string | null;
  readonly root: string;
}

/**
 * A folder of another machine by the system's own sftp: keys, agents, jump hosts and known hosts are as ~/.ssh has them.
 * Nobody is asked for a password.
 */
export class SshShelf implements Shelf {
  readonly #program: string;
  readonly #control = mkdtempSync(join(tmpdir(), "ssh-"));

  constructor(
    readonly where: string,
    readonly place: SshPlace,
    readonly env: Readonly<Record<string, string>>,
  ) {
    const found = findProgram("sftp", env, "/");
    if ("errno" in found)
      throw new RepriseError("REMOTE_NO_SSH", "missing", "sftp was not found on PATH", "apt install openssh-client");
    this.#program = found.path;
  }

  #run(commands: readonly string[]): Promise<ToolResult> {
    const { host, port } = this.place;
    // One connection for all sessions: each would cost a second to set up.
    const shared = ["ControlMaster=auto", `ControlPath=${this.#control}/%C`, "ControlPersist=20"];
    const settings = ["BatchMode=yes", "ConnectTimeout=20", ...shared].flatMap((setting) => ["-o", setting]);
    const options = ["-q", "-b", "-", ...settings];
    const where = [...(port === null ? [] : ["-P", port]), "--", host];
    return runTool({
      argv: [this.#program, ...options, ...where],
      cwd: "/",
      env: this.env,
      input: `${commands.join("\n")}\n`,
      timeoutMs: HOUR_MS,
      mostBytes: 1 << 28,
    });
  }

  /** All of them, in a few sessions. A command with "-" before it may fail. */
  async #all(commands: readonly string[]): Promise<string> {
    let said = "";
    for (let at = 0; at < commands.length; at += PORTION) {
      const result = await this.#run(commands.slice(at, at + PORTION));
      said += result.stdout;
      if (result.ok) continue;
      const why = result.failure ?? (result.stderr.trim().split("\n").at(-1) || `sftp ended with ${result.code}`);
      throw unreachable(this.where, new Error(why), `sftp ${this.place.host}`);
    }
    return said;
  }

  #at(name: string): string {
    return quoted(`${this.place.root}/${name}`);
  }

  /** Lines of `ls -ln`: mode, links, owner, group, bytes, date in three words, path. */
  #listed(said: string): { path: string; bytes: number; folder: boolean; modifiedMs: number }[] {
    return said.split("\n").flatMap((line) => {
      const [, mode = "", size, date = "", path = ""] =
        /^([dl-][rwxsStT-]{9})\S*\s+\S+\s+\S+\s+\S+\s+(\d+)\s+(\S+\s+\S+\s+\S+)\s(.*)$/.exec(line) ?? [];
      if (mode === "" || mode.startsWith("l")) return [];
      return [{ path, bytes: Number(size), folder: mode.startsWith("d"), modifiedMs: whenOf(date) }];
    });
  }

  async sizes(names: readonly string[]): Promise<Map<string, number>> {
    const said = await this.#all(names.map((name) => `-ls -ln ${this.#at(name)}`));
    const start = `${this.place.root}/`;
    return new Map(
      this.#listed(said).flatMap(({ path, bytes, folder }) =>
        folder || !path.startsWith(start) ? [] : [[path.slice(start.length), bytes] as const],
      ),
    );
  }

  async list(prefix: string): Promise<Listed[]> {
    return (await this.#walk(prefix)).filter(({ name }) => !isHidden(name));
  }

  async removeUnfinished(): Promise<void> {
    for (const folder of OURS)
      await this.remove((await this.#walk(folder)).map(({ name }) => name).filter(isUnfinished));
  }

  /** All files below a folder, and those of writing that broke off. */
  async #walk(prefix: string): Promise<Listed[]> {
    const start = `${this.place.root}/`;
    const found: Listed[] = [];
    let folders = [prefix.replace(/\/$/, "")];
    while (folders.length > 0) {
      const said = await this.#all(folders.map((folder) => `-ls -lan ${this.#at(folder)}`));
      const deeper: string[] = [];
      for (const { path, bytes, folder, modifiedMs } of this.#listed(said)) {
        const name = path.startsWith(start) ? path.slice(start.length) : "";
        if (name === "" || (folder && isHidden(name))) continue;
        if (folder) deeper.push(name);
        else found.push({ name, bytes, modifiedMs });
      }
      folders = deeper;
    }
    return found;
  }

  async put(items: readonly Item[]): Promise<void> {
    const folders = new Set(items.flatMap(({ name }) => parentsOf(name)));
    const up = this.place.root.split("/").map((_, i, parts) => parts.slice(0, i + 1).join("/"));
    const made = [
      ...up.filter((path) => path !== "").map(quoted),
      ...[...folders].sort().map((name) => this.#at(name)),
    ];
    const commands = items.flatMap(({ name, path }) => {
      const part = this.#at(`${name.split("/").slice(0, -1).join("/")}/${partName()}`.replace(/^\//, ""));
      // "-f": on their disk before it has its name. sftp's own rename replaces what is there.
      return [`put -f ${quoted(path)} ${part}`, `rename ${part} ${this.#at(name)}`];
    });
    try {
      await this.#all([...made.map((folder) => `-mkdir ${folder}`), ...commands]);
    } catch (error) {
      throw unwritable(this.where, error instanceof RepriseError ? (error.cause ?? error) : error);
    }
  }

  async get(items: readonly Item[]): Promise<void> {
    const wanted = items.map((item) => ({ ...item, part: `${item.path}.part` }));
    try {
      await this.#all(wanted.map(({ name, part }) => `-get ${this.#at(name)} ${quoted(part)}`));
      for (const { path, part } of wanted) if (existsSync(part)) renameSync(part, path);
    } finally {
      for (const { part } of wanted) rmSync(part, { force: true });
    }
  }

  async remove(names: readonly string[]): Promise<void> {
    await this.#all(names.map((name) => `-rm ${this.#at(name)}`));
  }

  close(): void {
    rmSync(this.#control, { recursive: true, force: true });
  }
}

/** "Nov 21 23:10" of the last months, "Nov 21 2025" of before: in the local time of this machine, to the minute. */
function whenOf(text: string): number {
  const [month = "", day = "", last = ""] = text.split(/\s+/);
  if (!last.includes(":")) return Date.parse(`${month} ${day} ${last}`);
  const now = new Date();
  const when = Date.parse(`${month} ${day} ${now.getFullYear()} ${last}`);
  return when > now.getTime() + 26 * HOUR_MS ? Date.parse(`${month} ${day} ${now.getFullYear() - 1} ${last}`) : when;
}
