import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs of the servers that tests talk to, and the Debian packages that they come in. */
const WANTED = [
  ["ceph-mon", "ceph-mon"],
  ["ceph-osd", "ceph-osd"],
  ["radosgw", "radosgw"],
  ["ceph", "ceph-common"],
  ["curl", "curl"],
  ["sshd", "openssh-server"],
  ["sftp", "openssh-client"],
  ["minisign", "minisign"],
];

const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
const isThere = (program) => folders.some((folder) => existsSync(join(folder, program)));

/**
 * Installs what is lacking of them, where that is ours to do: as root, on Debian. Elsewhere, and where it fails, the tests that
 * need them say that they are skipped, and why.
 */
export function ensureServices() {
  const packages = WANTED.filter(([program]) => !isThere(program)).map(([, name]) => name);
  if (packages.length === 0 || process.getuid?.() !== 0 || !isThere("apt-get")) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = ["install", "--yes", "--quiet", "--no-install-recommends", ...packages];
  for (const argv of [["update", "--quiet"], options]) {
    const child = spawnSync("apt-get", argv, {
      env,
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
      timeout: 600_000,
    });
    if (child.status === 0) continue;
    process.stderr.write(`not installed (${packages.join(" ")}): ${child.stderr.trim().split("\n").at(-1) ?? ""}\n`);
    return;
  }
}
