import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** A server of Debian's, started for tests on the loopback address. */
export interface Service {
  readonly port: number;
  readonly folder: string;
  stop(): void;
}

/** Why it cannot be started here; null: it can. */
export const s3Lacks = (): string | null => lacking(["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "curl"]);
export const sshLacks = (): string | null =>
  lacking(["ssh-keygen", "sftp"]) ??
  (existsSync("/usr/sbin/sshd") ? null : "there is no sshd (apt install openssh-server)");

function lacking(programs: readonly string[]): string | null {
  if (userInfo().uid !== 0) return "servers are started as root";
  const absent = programs.find((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0);
  return absent === undefined ? null : `there is no ${absent} (scripts/setup/services.mjs installs it)`;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

/** Three in a row: the script takes the next two as well. */
async function threePorts(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if ((await isFree(port + 1)) && (await isFree(port + 2))) return port;
  }
}

/** Between asking and taking somebody else may take a port: then it is tried once more. */
export const startS3 = (): Promise<Service> => s3Once().catch(s3Once);

async function s3Once(): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), "s3-"));
  const port = await threePorts();
  const stop = (): void => {
    const run = join(folder, "run");
    for (const name of existsSync(run) ? readdirSync(run) : [])
      if (name.endsWith(".pid")) end(Number(readFileSync(join(run, name), "utf8")));
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    execFileSync("bash", [join(import.meta.dirname, "s3.sh"), folder, String(port)], {
      stdio: "pipe",
      timeout: 110_000,
    });
  } catch (error) {
    stop();
    throw error;
  }
  return { port, folder, stop };
}

/** With a key that was made for it; `home/.ssh` has what a client needs. */
export async function startSsh(): Promise<Service & { readonly home: string }> {
  const folder = mkdtempSync(join(tmpdir(), "ssh-"));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const home = join(folder, "home");
  mkdirSync(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  mkdirSync("/run/sshd", { recursive: true });
  for (const name of ["host", "user"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
  const known = readFileSync(join(folder, "host.pub"), "utf8");
  writeFileSync(join(home, ".ssh/known_hosts"), `[127.0.0.1]:${port} ${known}`);
  const lines = ["Host 127.0.0.1", `  IdentityFile ${join(folder, "user")}`, "  IdentitiesOnly yes"];
  writeFileSync(join(folder, "client"), [...lines, `  UserKnownHostsFile ${home}/.ssh/known_hosts`, ""].join("\n"));
  const server = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(folder, "host")}`,
    `AuthorizedKeysFile ${join(folder, "user.pub")}`,
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "StrictModes no",
    "UsePAM no",
    "Subsystem sftp internal-sftp",
    `PidFile ${join(folder, "pid")}`,
  ];
  writeFileSync(join(folder, "sshd"), `${server.join("\n")}\n`);
  const child: ChildProcess = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", join(folder, "sshd")], { stdio: "ignore" });
  const stop = (): void => {
    if (child.pid !== undefined) end(child.pid);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let i = 0; i < 50 && !existsSync(join(folder, "pid")); i += 1)
    await new Promise((next) => setTimeout(next, 100));
  return { port, folder, home, stop };
}
