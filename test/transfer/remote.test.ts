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
  mkdirSync(join(root, "objects/ab"), { recursive: true });
  for (const name of ["objects/ab/.part-x", ".part-y", "objects/ab/.other"]) writeFileSync(join(root, name), "half");
  await collectRemote(remote);
  const left = readdirSync(root, { recursive: true }).map(String);
  expect(left.filter((name) => name.includes("/.") || name.startsWith("."))).toEqual(["objects/ab/.other"]);
});
