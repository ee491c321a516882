import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Sealed, seal } from "../cli/sealed.ts";

let here: Sealed;
beforeEach(() => {
  here = seal({ "train.py": "print('loss=1')\nopen('secret.txt', 'w').write('plain words ' * 1000)\n" });
  here.shell("reprise run -q --name mine -- python3 train.py");
});
afterEach(() => here.remove());

const share = (): string => join(here.base, "share");
const files = (): string[] =>
  readdirSync(share(), { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(share(), name)).isFile());

/** No file of the remote holds what the run wrote, or says what it ran. */
function expectClosed(): void {
  for (const name of files()) {
    const bytes = readFileSync(join(share(), name));
    expect(bytes.includes("plain words"), name).toBe(false);
    expect(bytes.includes("train.py"), name).toBe(false);
  }
}

describe("an encrypted remote", () => {
  test("for a key: who has only the public one adds, who has the secret one reads; age itself opens it", async () => {
    const identity = await generateIdentity();
    here.put({ "key.txt": `# a key\n${identity}\n` });
    const recipient = await identityToRecipient(identity);
    expect(here.shell(`reprise remote add team ../share --recipient ${recipient}`).out).toContain("encrypted");
    expect(here.shell("reprise push -q team")).toMatchObject({ code: 0, err: "" });
    expectClosed();
    expect(here.shell("reprise pull team --store other")).toMatchObject({ code: 4 });
    expect(here.shell("reprise pull ../share --store other")).toMatchObject({ code: 4 });
    expect(here.shell("reprise pull -q team --identity key.txt --store other")).toMatchObject({ code: 0, err: "" });
    expect(here.shell("reprise ls --store other").out).toContain("mine");
    if (spawnSync("age", ["--version"]).error !== undefined) return;
    const [run] = files().filter((name) => name.startsWith("runs/"));
    const opened = spawnSync("age", ["-d", "-i", join(here.project, "key.txt"), join(share(), run ?? "")]);
    expect(JSON.parse(opened.stdout.toString())).toMatchObject({ format: "reprise/pack@1", name: "mine" });
  });

  test("for a passphrase, which nobody keeps; another one opens nothing", () => {
    const right = { REPRISE_REMOTE_PASSPHRASE: "correct horse battery" };
    expect(here.shell("reprise remote add team ../share --passphrase", right)).toMatchObject({ code: 0, err: "" });
    expect(here.shell("reprise push -q team", right)).toMatchObject({ code: 0, err: "" });
    expectClosed();
    expect(readFileSync(join(here.base, "home/.config/reprise/remotes.json"), "utf8")).not.toContain("horse");
    const untold = here.shell("reprise pull team --store other");
    expect(untold).toMatchObject({ code: 4 });
    expect(untold.err).toContain("needs its passphrase");
    const wrong = { REPRISE_REMOTE_PASSPHRASE: "wrong" };
    expect(here.shell("reprise pull team --store other", wrong)).toMatchObject({ code: 4 });
    expect(here.shell("reprise pull -q team --store other", right)).toMatchObject({ code: 0, err: "" });
    expect(here.shell("reprise verify mine -q --store other --yes --replays 1")).toMatchObject({ code: 0 });
  });

  test("a project has no say in where data goes, and addresses with passwords are refused", () => {
    here.put({ "reprise.toml": '[remote]\nteam = "../elsewhere"\n' });
    expect(here.shell("reprise push team")).toMatchObject({ code: 5 });
    here.put({ "reprise.toml": "" });
    expect(here.shell("reprise push team")).toMatchObject({ code: 6 });
    for (const address of ["ssh://ada:word@host/x", "s3://key:secret@bucket/x", "https://ada:word@host/x"]) {
      const { code, err } = here.shell(`reprise remote add bad ${address}`);
      expect(code).toBe(2);
      expect(err).not.toContain("word@");
      expect(err).not.toContain("secret@");
    }
  });
});
