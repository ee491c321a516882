import { rmSync } from "node:fs";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll } from "vitest";
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
