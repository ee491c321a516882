import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Sealed, seal } from "./sealed.ts";

let place: Sealed;
beforeEach(() => {
  place = seal({ "train.py": 'print("loss=0.5")\nopen("out.txt", "w").write("x" * 100)\n' });
});
afterEach(() => place.remove());

/** Until the store of the project knows a run that is not finished. */
async function begun(): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (/"state": "running"/.test(place.shell("reprise ls --json").out)) return;
    await sleep(50);
  }
}

describe("E runs that do not end well", () => {
  test("Ctrl-C reaches the command once; the record says so, and the exit code is its own", async () => {
    place.put({
      "wait.py":
        "import time\ntry:\n    open('ready', 'w').close()\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('stopping', flush=True); raise SystemExit(5)\n",
    });
    const child = place.start("reprise run -- python3 wait.py");
    await vi.waitFor(() => expect(existsSync(join(place.project, "ready"))).toBe(true), 30_000);
    process.kill(child.pid, "SIGINT");
    const { code, out } = await child.ended;
    expect({ code, out }).toEqual({ code: 5, out: "stopping\n" });
    expect(place.shell("reprise ls").out).toContain("interrupted");
  });

  test("a run whose recorder was killed stays visible as broken, and can be removed", async () => {
    const child = place.start("reprise run --name lost -- sleep 3");
    await begun();
    expect(place.shell("reprise ls").out).toMatch(/lost .* running/);
    expect(place.shell("reprise show lost")).toMatchObject({
      code: 6,
      err: expect.stringContaining("still running or broke off") as string,
    });
    process.kill(child.pid, "SIGKILL");
    await child.ended;
    expect(place.shell("reprise ls").out).toMatch(/lost .* broken/);
    expect(place.shell("reprise rm lost --yes").code).toBe(0);
    expect(place.shell("reprise ls")).toMatchObject({ code: 0, out: "" });
  });
});

describe("E a store that is damaged", () => {
  test("fsck names what is broken and the run that needs it, and what needs it fails with the way out", () => {
    place.shell("reprise run -q --name one -- python3 train.py");
    expect(place.shell("reprise fsck")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^✓ whole — 1 run, \d+ objects checked\n$/) as string,
    });
    const objects = join(place.project, ".reprise/objects");
    for (const name of readdirSync(objects, { recursive: true, encoding: "utf8" })) {
      const path = join(objects, name);
      try {
        const bytes = readFileSync(path);
        writeFileSync(path, bytes.fill(bytes[0] === 0x7a ? 0x79 : 0x7a));
      } catch {
        // a folder
      }
    }
    const checked = place.shell("reprise fsck");
    expect(checked.code).toBe(1);
    expect(checked.out).toMatch(/^✗ \d+ findings? — .*, 1 run hurt\n {2}STORE_CORRUPT_OBJECT {2}/);
    const shown = place.shell("reprise show --stdout");
    expect(shown.code).toBe(4);
    expect(shown.err).toMatch(/is damaged.*\n {2}try: /);
    const asked = place.shell("reprise show --stdout --json");
    expect(asked.code).toBe(4);
    expect(JSON.parse(asked.out)).toMatchObject({ error: { kind: "storage" } });
  });

  test("a store of a newer version is left alone", () => {
    place.shell("reprise run -q -- true");
    writeFileSync(join(place.project, ".reprise/VERSION"), "reprise/store@99\n");
    for (const line of ["reprise ls", "reprise run -- touch ran", "reprise verify"])
      expect(place.shell(line)).toMatchObject({ code: 4, err: expect.stringContaining("newer Reprise") as string });
    expect(readdirSync(place.project)).not.toContain("ran");
  });

  test("a folder with other things in it is not taken for a store", () => {
    expect(place.shell("reprise run -q --store . -- true")).toMatchObject({
      code: 5,
      err: expect.stringContaining("is not a store") as string,
    });
    expect(place.shell("reprise ls --store nowhere")).toMatchObject({ code: 6 });
  });
});

describe("E rm and gc", () => {
  test("replays go with --replays, unknown and ambiguous runs are refused before anything is removed", () => {
    place.shell("reprise run -q --seed 1 --name one -- python3 train.py; reprise verify -q --replays 1");
    expect(place.shell("reprise rm one nobody --yes").code).toBe(6);
    expect(place.shell("reprise ls").out).toContain("one");
    expect(place.shell("reprise rm one --replays --yes")).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^removed [0-9a-f]{8}, [0-9a-f]{8}\n$/) as string,
    });
    expect(place.shell("reprise ls --replays").out).toBe("");
    expect(JSON.parse(place.shell("reprise gc --json").out)).toMatchObject({ format: "reprise/gc@1" });
  });
});

describe("E doctor", () => {
  test("says what works here; --json gives the same", () => {
    const { code, out } = place.shell("reprise doctor");
    expect(code).toBe(0);
    expect(out).toMatch(/✓ reprise +\d/);
    expect(out).toMatch(/✓ store +.*writable/);
    expect(out).toMatch(/\? code +.* no git repository/);
    expect(out).toMatch(/✓ agent in python3 +gets in: /);
    const document = JSON.parse(place.shell("reprise doctor --json").out) as {
      checks: { name: string; state: string }[];
    };
    expect(document.checks.map(({ name }) => name)).toEqual([
      "reprise",
      "store",
      "disk",
      "code",
      "agent in python3",
      "terminal",
      "gpu",
    ]);
  });

  test("knows what keeps the agent out of a command", () => {
    expect(place.shell("reprise doctor -- python3 -I train.py").out).toMatch(/\? agent in python3 +-I keeps it out/);
    expect(place.shell("reprise doctor -- python3 train.py -I").out).toMatch(/✓ agent in python3/);
    expect(place.shell("reprise doctor -- ls").out).toMatch(/\? agent in ls/);
    expect(place.shell("reprise doctor -- nothing-like-it")).toMatchObject({ code: 1 });
  });
});
