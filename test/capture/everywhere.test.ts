import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { captureCode, captureVariables, createRedactor, parseParams, secretsInFile } from "#capture";
import { isUnknown } from "#record";
import { PLANTED, PRIVATE_KEY, PRIVATE_KEY_BODY } from "./planted.ts";
import { git, memoryObjects, removeTemporaryFolders, repository, temporaryFolder, write } from "./repository.ts";

afterAll(removeTemporaryFolders);

/** Every kind, in six places; then every byte that would be written is searched. */
test("no planted secret survives in anything that is emitted", async () => {
  const text = `${PLANTED.map(({ line }) => line).join("\n")}\n${PRIVATE_KEY}`;
  const root = repository({ "config.yaml": "lr: 1\n", "train.py": "x = 1\n", "notes.txt": "a\n" });
  git(root, "remote", "add", "origin", "https://bob:zq81-remote@example.org/x.git");
  write(root, {
    "config.yaml": `lr: 1\n${text}`,
    "staged.txt": text,
    "untracked/.env": text,
    "untracked/notebook.ipynb": JSON.stringify({ cells: [{ source: text.split(/(?<=\n)/) }] }),
    "untracked/blob.bin": Buffer.concat([Buffer.alloc(100), Buffer.from(text)]),
  });
  git(root, "add", "staged.txt");
  const env: Record<string, string> = { HOME: "/root", HF_HOME: "https://u:zq81-home@h/x", CUDA_VISIBLE_DEVICES: "0" };
  for (const [index, { secret }] of PLANTED.entries()) env[`SERVICE_${index}_TOKEN`] = secret;
  for (const [index, { line }] of PLANTED.entries()) env[`OMP_NOTE_${index}`] = line;

  // Once with the environment's values known, once with the rules alone.
  for (const known of [env, {}]) {
    const redactor = createRedactor({ env: known });
    const objects = memoryObjects();
    const code = await captureCode(root, objects, redactor);
    if (isUnknown(code)) throw new Error(code.unknown);
    const argv = PLANTED.flatMap(({ line }) => (line.includes(" --") ? line.split(" ") : [line]));
    const redacted = redactor.redactArgv(argv).argv;
    const stream = redactor.createStream();
    const stdout = [stream.push(Buffer.from(text)), stream.flush()].map((part) => Buffer.from(part).toString("latin1"));
    const variables = captureVariables(env, Buffer.from("key"), redactor);
    const emitted = [
      objects.everything(),
      JSON.stringify([code, variables, redacted, parseParams(redacted)]),
      ...stdout,
    ].join("\n");
    for (const { kind, secret } of PLANTED) expect(emitted.includes(secret), kind).toBe(false);
    for (const secret of ["zq81-remote", "zq81-home", PRIVATE_KEY_BODY, PRIVATE_KEY_BODY.slice(4, 40)])
      expect(emitted).not.toContain(secret);
    expect(variables).toContainEqual({ name: "CUDA_VISIBLE_DEVICES", value: "0" });
  }
});

test("a file that a run read or wrote is searched in pieces", () => {
  const root = temporaryFolder();
  const redactor = createRedactor({ env: {} });
  const secret = `ghp_${"a1B2".repeat(9)}`;
  const filler = "x\n".repeat(4 * 512 * 1024);
  write(root, {
    "clean.txt": filler.repeat(2),
    "across.txt": `${filler.slice(0, -20)}\n${secret}\n${filler}`,
    "data.bin": Buffer.concat([Buffer.alloc(9), Buffer.from(` ${secret} `)]),
  });
  expect(secretsInFile(join(root, "clean.txt"), redactor)).toBe(0);
  expect(secretsInFile(join(root, "across.txt"), redactor)).toBe(1);
  expect(secretsInFile(join(root, "data.bin"), redactor)).toBe(1);
  expect(secretsInFile(join(root, "absent"), redactor)).toBe(0);
});
