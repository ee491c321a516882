import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { digestFromHex } from "#record";

const folders: string[] = [];

export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "reprise-capture-")));
  folders.push(folder);
  return folder;
}

export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function write(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

export function git(root: string, ...argv: string[]): string {
  const author = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"];
  const child = spawnSync("git", [...author, ...argv], { cwd: root, encoding: "utf8" });
  if (child.status !== 0) throw new Error(`git ${argv.join(" ")}: ${child.stderr}`);
  return child.stdout.trim();
}

/** A repository with one commit of these files. */
export function repository(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = temporaryFolder();
  git(root, "init", "-q", "-b", "main");
  write(root, files);
  git(root, "add", "-A");
  git(root, "commit", "-q", "-m", "first");
  return root;
}

/** Objects in memory: a sink and a source. */
export function memoryObjects() {
  const objects = new Map<string, Uint8Array>();
  const put = (bytes: Uint8Array) => {
    const digest = digestFromHex(createHash("sha256").update(bytes).digest("hex"));
    objects.set(digest, Uint8Array.from(bytes));
    return digest;
  };
  return {
    objects,
    put,
    putFile: (path: string) => {
      const bytes = readFileSync(path);
      return { digest: put(bytes), bytes: bytes.length };
    },
    read: (digest: string): Uint8Array => {
      const bytes = objects.get(digest);
      if (bytes === undefined) throw new Error(`no object ${digest}`);
      return bytes;
    },
    everything: (): string => [...objects.values()].map((bytes) => Buffer.from(bytes).toString("latin1")).join("\n"),
  };
}
