import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, expect, test } from "vitest";
import { collectRemote, openRemote } from "#transfer";
import { describeRemote, emptyFolder } from "../conformance/remote.ts";
import { describeRemoteData } from "../conformance/remote-data.ts";

const base = emptyFolder();
let count = 0;
const place = {
  address: () => {
    count += 1;
    return join(base, `remote ${count}`);
  },
  env: {},
};
afterAll(() => rmSync(base, { recursive: true, force: true }));

describeRemote("a folder", () => place);
describeRemoteData("a folder", () => place);

const identity = await generateIdentity();
describeRemote("a folder, encrypted", () => place, { recipients: [await identityToRecipient(identity)], identity });
describeRemoteData("a folder, encrypted", () => place, { recipients: [await identityToRecipient(identity)], identity });

test("what a push left that was killed goes with the remote's gc, and nothing of others", async () => {
  const root = place.address();
  const remote = openRemote(root, { cwd: "/", env: {} });
  await remote.make();
  for (const folder of ["objects/ab", "other"]) mkdirSync(join(root, folder), { recursive: true });
  const part = ".part-0b0c1d2e-1111-4222-8333-444455556666";
  const theirs = [`other/${part}`, "objects/ab/.part-2-notes", "objects/ab/.other"];
  for (const name of [`objects/ab/${part}`, ...theirs]) writeFileSync(join(root, name), "half");
  await collectRemote(remote);
  const left = readdirSync(root, { recursive: true }).map(String);
  expect(new Set(left.filter((name) => name.includes("/.")))).toEqual(new Set(theirs));
});
