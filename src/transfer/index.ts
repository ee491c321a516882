/**
 * The transfer room: runs on their way to another machine and back, as one file or by a remote. What comes in is checked
 * and kept; nothing of it is run here.
 */
export { dataAt, pullData } from "./data/pull-data.ts";
export { pushData } from "./data/push-data.ts";
export { readSigningKey, readVerifyKey } from "./pack/minisign.ts";
export { packRun } from "./pack/pack.ts";
export { unpackRun } from "./pack/unpack.ts";
export { shelfAt } from "./remote/address.ts";
export { collectRemote } from "./remote/collect.ts";
export type { Encryption } from "./remote/encrypted.ts";
export { passphraseEncryption } from "./remote/passphrase.ts";
export { pullRuns } from "./remote/pull.ts";
export { pushRuns } from "./remote/push.ts";
export { openRemote, type Remote } from "./remote/remote.ts";
