import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Ended, type Sealed, seal } from "../../cli/sealed.ts";
import { type Mounted, mountTmpfs } from "../mount.ts";

const TRAIN = `
for step in range(3000):
    print(f"step {step} loss={1 / (step + 1):.6f} " + "x" * 60)
open("model.bin", "wb").write(bytes(range(256)) * 800)
for index in range(300):
    open(f"part-{index}.txt", "w").write(str(index))
open("done", "w").write("x")
`;
const LINES = 3000;

let place: Sealed;
let mounted: Mounted | null;
beforeEach(() => {
  place = seal({ "train.py": TRAIN });
  mounted = mountTmpfs(place.base, "size=12m");
});
afterEach(() => {
  mounted?.unmount();
  place.remove();
});

/** Leaves so many bytes free. */
function leave(path: string, free: number): void {
  rmSync(join(path, "ballast"), { force: true });
  const { bavail, bsize } = statfsSync(path);
  writeFileSync(join(path, "ballast"), Buffer.alloc(Math.max(0, bavail * bsize - free)));
}

/** The training itself must come to its end as it would without us. */
function undisturbed({ out }: Ended): void {
  expect(out.split("\n").length - 1).toBe(LINES);
  expect(readFileSync(join(place.project, "done"), "utf8")).toBe("x");
  for (const name of ["done", "model.bin"]) rmSync(join(place.project, name));
}

test("a store that is full in mid-run: the training ends as it would, exit 4 and stderr say so, what was kept stays whole", {
  timeout: 120_000,
}, ({ skip }) => {
  if (mounted === null) return skip("needs the right to mount a tmpfs");
  const store = join(mounted.path, "store");
  const sum = { full: 0, kept: 0 };
  expect(place.shell(`reprise run -q --store ${store} --name first -- python3 -c 'print("acc=1")'`).code).toBe(0);
  for (const kilobytes of [120, 600, 1200, 7000]) {
    leave(mounted.path, kilobytes << 10);
    const ran = place.shell(`reprise run -q --store ${store} --name k${kilobytes} -- python3 train.py`);
    undisturbed(ran);
    rmSync(join(mounted.path, "ballast"));
    const { out: list } = place.shell(`reprise ls --store ${store}`);
    expect(list).toMatch(/first .* ok/);
    if (ran.code === 0) expect(list).toMatch(new RegExp(`k${kilobytes} .* ok`));
    else
      expect({ code: ran.code, err: ran.err }).toEqual({
        code: 4,
        err: expect.stringMatching(/NOT recorded|not whole/) as string,
      });
    expect(place.shell(`reprise fsck --store ${store}`)).toMatchObject({ code: 0 });
    sum[ran.code === 0 ? "kept" : "full"] += 1;
  }
  process.stderr.write(`full in mid-run: ${sum.full} times full and said, ${sum.kept} times room enough and kept\n`);
  expect(sum.full).toBeGreaterThan(2);
  expect(sum.kept).toBeGreaterThan(0);
});

test("a folder for temporary files that is full in mid-run: the same", { timeout: 60_000 }, ({ skip }) => {
  if (mounted === null) return skip("needs the right to mount a tmpfs");
  for (const kilobytes of [0, 20]) {
    rmSync(join(mounted.path, "node-compile-cache"), { recursive: true, force: true });
    leave(mounted.path, kilobytes << 10);
    const ran = place.shell("reprise run -q -- python3 train.py", { TMPDIR: mounted.path });
    undisturbed(ran);
    expect({ code: ran.code, err: ran.err, kilobytes }).toEqual({
      code: 4,
      kilobytes,
      err: expect.stringContaining("not whole") as string,
    });
    expect(existsSync(join(place.project, ".reprise"))).toBe(true);
    expect(place.shell("reprise fsck")).toMatchObject({ code: 0 });
  }
});
