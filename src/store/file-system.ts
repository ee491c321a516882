import { readFileSync, realpathSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { guarded, systemCode } from "./failure.ts";

/** What is said of the file system that a store lies on. */
interface FileSystemFacts {
  /** As /proc/self/mountinfo calls it, such as "ext4" or "fuse.sshfs"; null where there is no /proc. */
  readonly type: string | null;
  /** Where it is mounted. */
  readonly mount: string | null;
  /** What a store needs and cannot count on there. */
  readonly doubts: readonly Doubt[];
}

interface Doubt {
  readonly what: string;
  /** Where that is written. */
  readonly origin: string;
}

const WAL: Doubt = {
  what: "SQLite's log needs memory that all processes share: one machine at a time may use the store, or it can be damaged",
  origin: "https://sqlite.org/wal.html: WAL does not work over a network filesystem",
};
const NFS: Doubt = {
  what: "locks depend on the server and its lock daemon",
  origin: "https://sqlite.org/howtocorrupt.html, section 2.1: broken or missing lock implementations",
};
const FUSE: Doubt = {
  what: "what fsync and rename promise is up to the program that serves it",
  origin: "https://docs.kernel.org/filesystems/fuse.html: the requests are answered by a user-space program",
};
const OVERLAY: Doubt = {
  what: "in a container without a volume the store goes away with the container",
  origin: "https://docs.docker.com/engine/storage: the writable layer does not persist when the container is destroyed",
};
const VOLATILE: Doubt = {
  what: "it was mounted 'volatile': every fsync is left out, and a power cut may leave anything",
  origin: "https://docs.kernel.org/filesystems/overlayfs.html, section Volatile mount",
};
const MEMORY: Doubt = {
  what: "it lies in memory: all of it is gone at the next boot",
  origin: "https://docs.kernel.org/filesystems/tmpfs.html",
};
const NO_BARRIER: Doubt = {
  what: "it was mounted without write barriers: what was synced may be lost in a power cut",
  origin: "https://man7.org/linux/man-pages/man5/ext4.5.html, option nobarrier",
};

/** By the type's name; the first that fits. */
const BY_TYPE: readonly (readonly [RegExp, readonly Doubt[]])[] = [
  [/^nfs/, [WAL, NFS]],
  [/^(cifs|smb3|smbfs|afs|9p|ceph|lustre|gpfs|beegfs|pvfs2|orangefs|glusterfs|gfs2|ocfs2|virtiofs)$/, [WAL]],
  [/^fuse(\.|$)/, [FUSE, WAL]],
  [/^overlay$/, [OVERLAY]],
  [/^(tmpfs|ramfs)$/, [MEMORY]],
];

interface Mount {
  readonly at: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** Names in mountinfo have spaces and the like as octal numbers. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** A line: numbers, root, mount point, its options, optional fields, "-", type, source, options of the file system. */
export function parseMounts(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [before = "", after] = line.split(" - ");
    const [, , , , at, own] = before.split(" ");
    const [type, , ofSystem] = after?.split(" ") ?? [];
    if (at === undefined || type === undefined) return [];
    return [{ at: unescaped(at), type, options: [...(own ?? "").split(","), ...(ofSystem ?? "").split(",")] }];
  });
}

/** The mount that a path lies on: the last of the longest names. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  const holds = ({ at }: Mount): boolean => at === "/" || path === at || path.startsWith(`${at}/`);
  return mounts
    .filter(holds)
    .reduce<Mount | undefined>(
      (best, one) => (best === undefined || one.at.length >= best.at.length ? one : best),
      undefined,
    );
}

export function doubtsOf({ type, options }: Mount): readonly Doubt[] {
  const known = BY_TYPE.find(([form]) => form.test(type))?.[1] ?? [];
  const flags = [
    ...(options.includes("volatile") ? [VOLATILE] : []),
    ...(options.some((option) => option === "nobarrier" || option === "barrier=0") ? [NO_BARRIER] : []),
  ];
  return [...known, ...flags];
}

/** Where there is no /proc: the few numbers of statfs that matter. */
const BY_MAGIC: ReadonlyMap<number, string> = new Map([
  [0x6969, "nfs"],
  [0xff534d42, "cifs"],
  [0xfe534d42, "smb3"],
  [0x65735546, "fuse"],
  [0x794c7630, "overlay"],
  [0x01021994, "tmpfs"],
  [0x01021997, "9p"],
]);

/** The part of a path that is there, without links. */
function existing(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    return existing(dirname(path));
  }
}

/** What the file system under a folder can be counted on for. The folder itself need not be there. */
export function fileSystemOf(folder: string): FileSystemFacts {
  return guarded(folder, "read", () => {
    const path = existing(folder);
    let mount: Mount | undefined;
    try {
      mount = mountOf(parseMounts(readFileSync("/proc/self/mountinfo", "utf8")), path);
    } catch {
      // Not Linux.
    }
    if (mount !== undefined) return { type: mount.type, mount: mount.at, doubts: doubtsOf(mount) };
    const type = BY_MAGIC.get(statfsSync(path).type) ?? null;
    return { type, mount: null, doubts: type === null ? [] : doubtsOf({ at: "", type, options: [] }) };
  });
}
