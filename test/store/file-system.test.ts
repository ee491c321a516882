import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileSystemOf } from "#store";
import { doubtsOf, mountOf, parseMounts } from "../../src/store/file-system.ts";
import { mountTmpfs } from "./mount.ts";

const TABLE = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /home rw,relatime shared:2 - nfs4 server:/home rw,vers=4.2,hard
31 22 0:41 / /mnt/my\\040disk rw,nosuid - fuse.sshfs host:/ rw,user_id=0
32 22 0:42 / /var/lib/box/merged rw - overlay overlay rw,lowerdir=/a,volatile
33 22 0:43 / /data rw - ext4 /dev/vdb rw,nobarrier
34 22 0:44 / /home/me/local rw - xfs /dev/vdc rw
35 22 0:45 / /data rw - xfs /dev/vdd rw
`;

test.each([
  ["/srv/p/.reprise", "ext4", []],
  ["/home/me/p/.reprise", "nfs4", [/one machine at a time/, /lock daemon/]],
  ["/home/me/local/p", "xfs", []],
  ["/homework", "ext4", []],
  ["/mnt/my disk/p", "fuse.sshfs", [/fsync and rename/, /one machine at a time/]],
  ["/var/lib/box/merged/p", "overlay", [/container/, /every fsync is left out/]],
  // What was mounted last hides what was there.
  ["/data/p", "xfs", []],
])("%s lies on %s", (path, type, expected) => {
  const mount = mountOf(parseMounts(TABLE), path);
  expect(mount?.type).toBe(type);
  const doubts = mount === undefined ? [] : doubtsOf(mount);
  expect(doubts).toHaveLength(expected.length);
  for (const [index, what] of expected.entries()) {
    expect(doubts[index]?.what).toMatch(what);
    expect(doubts[index]?.origin).toMatch(/^https:/);
  }
});

test("a mount without barriers is told", () => {
  expect(doubtsOf({ at: "/data", type: "ext4", options: ["rw", "nobarrier"] })).toHaveLength(1);
});

test("the file system of a folder that is not there yet is that of the folder above", ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), "reprise-disk-"));
  const mounted = mountTmpfs(folder, "size=1m");
  try {
    if (mounted === null) return skip("needs the right to mount a tmpfs");
    expect(fileSystemOf(join(mounted.path, "not", "there"))).toMatchObject({ type: "tmpfs", mount: mounted.path });
    expect(fileSystemOf(join(mounted.path, "not")).doubts[0]?.what).toMatch(/memory/);
  } finally {
    mounted?.unmount();
    rmSync(folder, { recursive: true, force: true });
  }
});
