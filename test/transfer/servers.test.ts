import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as s3 from "@aws-sdk/client-s3";
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectRemote, openRemote, shelfAt } from "#transfer";
import { putInParts } from "../../src/transfer/shelf/s3-parts.ts";
import { describeRemote } from "../conformance/remote.ts";
import { describeRemoteData } from "../conformance/remote-data.ts";
import { cutProxy } from "../services/cut-proxy.ts";
import { type Service, s3Lacks, sshLacks, startS3, startSsh } from "../services/service.ts";

let count = 0;

describe.skipIf(s3Lacks() !== null)(`S3${s3Lacks() === null ? "" : `: skipped, ${s3Lacks()}`}`, () => {
  let service: Service;
  const kept = { ...process.env };
  beforeAll(async () => {
    service = await startS3();
    // The ecosystem's own way: its library reads its own variables.
    process.env.AWS_ACCESS_KEY_ID = "REPRISETEST";
    process.env.AWS_SECRET_ACCESS_KEY = "REPRISETEST";
    const client = new S3Client({ endpoint: endpoint(), forcePathStyle: true, region: "us-east-1" });
    process.env.AWS_ENDPOINT_URL = endpoint();
    await client.send(new CreateBucketCommand({ Bucket: "runs" }));
  }, 150_000);
  afterAll(() => {
    service.stop();
    process.env = kept;
  });
  const endpoint = (): string => `http://127.0.0.1:${service.port}`;
  const address = (): string => {
    count += 1;
    return `s3://runs/team/${count}`;
  };
  describeRemote("S3", () => ({ address, env: { AWS_ENDPOINT_URL: endpoint() } }));
  describeRemoteData("S3", () => ({ address, env: { AWS_ENDPOINT_URL: endpoint() } }));

  test("an endpoint that stands in the user's file of settings is found as one in a variable is", async () => {
    const [file, path] = [join(service.folder, "config"), join(service.folder, "small")];
    writeFileSync(file, `[default]\nregion = us-east-1\nendpoint_url = http://localhost:${service.port}\n`);
    writeFileSync(path, "small");
    const before = { ...process.env };
    delete process.env.AWS_ENDPOINT_URL;
    process.env.AWS_CONFIG_FILE = file;
    try {
      const shelf = shelfAt(address(), { cwd: "/", env: {} });
      await shelf.put([{ name: "objects/ab/small", path }]);
      expect(await shelf.sizes(["objects/ab/small", "objects/ab/other"])).toEqual(new Map([["objects/ab/small", 5]]));
      expect((await shelf.list("objects/")).map(({ name }) => name)).toEqual(["objects/ab/small"]);
    } finally {
      process.env = before;
    }
  });

  test("of many names those are told that are there, by pages of a folder or one by one", async () => {
    const shelf = shelfAt(address(), { cwd: "/", env: { AWS_ENDPOINT_URL: endpoint() } });
    const path = join(service.folder, "tiny");
    writeFileSync(path, "tiny");
    const name = (n: number): string => `objects/ab/${String(n).padStart(4, "0")}`;
    const there = Array.from({ length: 2300 }, (_, n) => name(n * 2));
    await shelf.put([...there, "objects/abc", "objects/zz/1"].map((each) => ({ name: each, path })));
    const known = new Set(there);
    const asks = async (numbers: readonly number[]): Promise<void> => {
      const names = numbers.map(name);
      const expected = names.filter((each) => known.has(each)).map((each) => [each, 4] as const);
      expect(await shelf.sizes([...names, "objects/zz/1", "objects/zz/2"])).toEqual(
        new Map([...expected, ["objects/zz/1", 4]]),
      );
    };
    const spread = (count: number): number[] => Array.from({ length: count }, (_, n) => Math.floor((n * 4599) / count));
    for (const count of [2, 15, 16, 40, 500, 4599]) await asks(spread(count));
    await asks([...spread(20), 4598, 4599]);
    await asks(Array.from({ length: 32 }, (_, n) => n));
  });

  test("a large object goes on where it broke off, both ways; what nobody goes on with goes with the remote's gc", async () => {
    const proxy = await cutProxy(service.port);
    process.env.AWS_ENDPOINT_URL = proxy.endpoint;
    const place = address();
    const shelf = shelfAt(place, { cwd: "/", env: { AWS_ENDPOINT_URL: proxy.endpoint } });
    const [path, back] = [join(service.folder, "large"), join(service.folder, "back")];
    const bytes = randomBytes(80 << 20);
    writeFileSync(path, bytes);
    const item = { name: "objects/ab/large", path };
    // Five parts of 16 MiB, four of them at once: the line goes down in the fifth.
    proxy.allow(70 << 20);
    await expect(shelf.put([item])).rejects.toMatchObject({ code: "REMOTE_WRITE" });
    proxy.allow(Number.POSITIVE_INFINITY);
    expect(await shelf.sizes([item.name])).toEqual(new Map());
    await shelf.put([item]);
    // Two or three parts were on their way when it went down: the others are not sent again.
    expect(proxy.sent()).toBeLessThan(60 << 20);
    proxy.allow(30 << 20, "once");
    await shelf.get([{ name: item.name, path: back }]);
    expect(readFileSync(back).equals(bytes)).toBe(true);
    expect(proxy.cuts()).toBeGreaterThan(0);
    expect(proxy.sent()).toBeLessThan(100 << 20);
    // Another content under the same name: nothing of the old parts is taken for it.
    proxy.allow(70 << 20);
    await expect(shelf.put([{ name: "objects/cd/other", path }])).rejects.toMatchObject({ code: "REMOTE_WRITE" });
    proxy.allow(Number.POSITIVE_INFINITY);
    bytes.reverse();
    writeFileSync(path, bytes);
    await shelf.put([{ name: "objects/cd/other", path }]);
    await shelf.get([{ name: "objects/cd/other", path: `${back}-other` }]);
    expect(readFileSync(`${back}-other`).equals(bytes)).toBe(true);
    proxy.allow(20 << 20);
    await expect(shelf.put([{ name: `objects/ef/${"0".repeat(62)}`, path }])).rejects.toMatchObject({
      code: "REMOTE_WRITE",
    });
    proxy.allow(Number.POSITIVE_INFINITY);
    const client = new S3Client({ endpoint: endpoint(), forcePathStyle: true, region: "us-east-1" });
    const left = async (): Promise<number> =>
      (await client.send(new ListMultipartUploadsCommand({ Bucket: "runs", Prefix: place.slice(10) }))).Uploads
        ?.length ?? 0;
    // Somebody else's, in the same bucket.
    const theirs = { Bucket: "runs", Key: `${place.slice(10)}/objects/video.mp4` };
    await client.send(new CreateMultipartUploadCommand(theirs));
    expect(await left()).toBe(2);
    const remote = openRemote(place, { cwd: "/", env: { AWS_ENDPOINT_URL: endpoint() } });
    await remote.make();
    await collectRemote(remote);
    expect(await left()).toBe(1);
    proxy.close();
    process.env.AWS_ENDPOINT_URL = endpoint();
  }, 120_000);

  test("an upload that somebody else went on with, and ended, is begun anew", async () => {
    const place = address();
    const path = join(service.folder, "shared");
    writeFileSync(path, randomBytes(20 << 20));
    const item = { name: `objects/ab/${"1".repeat(62)}`, path };
    const target = { Bucket: "runs", Key: `${place.slice(10)}/${item.name}` };
    const client = new S3Client({ endpoint: endpoint(), forcePathStyle: true, region: "us-east-1" });
    await client.send(new s3.CreateMultipartUploadCommand(target));
    let ended: Promise<void> | null = null;
    const send = async (command: s3.UploadPartCommand): Promise<unknown> => {
      if (command instanceof s3.UploadPartCommand) {
        ended ??= shelfAt(place, { cwd: "/", env: { AWS_ENDPOINT_URL: endpoint() } }).put([item]);
        await ended;
      }
      return client.send(command);
    };
    await putInParts({ s3, client: { send } as unknown as S3Client }, target, path);
    expect(ended).not.toBeNull();
    const there = await client.send(new s3.HeadObjectCommand(target));
    expect(there.ContentLength).toBe(20 << 20);
  }, 60_000);

  test("a bucket that is not there, and a wrong key, are said", async () => {
    const at = (name: string) => openRemote(name, { cwd: "/", env: { AWS_ENDPOINT_URL: endpoint() } });
    await expect(at("s3://none-such/x").runs()).rejects.toMatchObject({ code: "REMOTE_UNREACHABLE" });
    process.env.AWS_SECRET_ACCESS_KEY = "wrong";
    await expect(at("s3://runs/x").runs()).rejects.toMatchObject({ code: "REMOTE_UNREACHABLE" });
    process.env.AWS_SECRET_ACCESS_KEY = "REPRISETEST";
  });
});

describe.skipIf(sshLacks() !== null)(`SSH${sshLacks() === null ? "" : `: skipped, ${sshLacks()}`}`, () => {
  let service: Awaited<ReturnType<typeof startSsh>>;
  let env: Record<string, string>;
  beforeAll(async () => {
    service = await startSsh();
    const folder = join(service.folder, "bin");
    mkdirSync(folder);
    // The user's own configuration, in a place of its own: OpenSSH asks the password file for the home, not HOME.
    writeFileSync(join(folder, "sftp"), `#!/bin/sh\nexec /usr/bin/sftp -F ${join(service.folder, "client")} "$@"\n`, {
      mode: 0o755,
    });
    env = { PATH: `${folder}:/usr/bin:/bin`, HOME: service.home };
  }, 60_000);
  afterAll(() => service.stop());
  const address = (): string => {
    count += 1;
    return `ssh://127.0.0.1:${service.port}${service.folder}/there with blanks/${count}`;
  };
  describeRemote("SSH", () => ({ address, env }));
  describeRemoteData("SSH", () => ({ address, env }));

  test("what breaks off leaves no part under a name, and hosts that would be options are refused", async () => {
    const place = address();
    const remote = openRemote(place, { cwd: "/", env });
    await remote.make();
    const root = place.slice(place.indexOf("/", 6));
    expect(readdirSync(root)).toEqual(["reprise-remote.json"]);
    expect(readFileSync(join(root, "reprise-remote.json"), "utf8")).toContain("reprise/remote@1");
    // As a push leaves it whose line went down.
    for (const folder of ["objects/ab", "other"]) mkdirSync(join(root, folder), { recursive: true });
    const part = ".part-0b0c1d2e-1111-4222-8333-444455556666";
    const theirs = [`other/${part}`, "objects/ab/.part-2-notes", "objects/ab/.other"];
    for (const name of [`objects/ab/${part}`, ...theirs]) writeFileSync(join(root, name), "half");
    expect(await remote.shelf.list("objects/")).toEqual([]);
    await collectRemote(remote);
    const left = readdirSync(root, { recursive: true }).map(String);
    expect(new Set(left.filter((name) => name.includes("/.")))).toEqual(new Set(theirs));
    for (const bad of ["ssh://-oProxyCommand=x/y", "ssh://u:secret@host/y", "ssh://host"])
      expect(() => openRemote(bad, { cwd: "/", env })).toThrow("ssh");
    await expect(openRemote("ssh://127.0.0.1:1/x", { cwd: "/", env }).runs()).rejects.toMatchObject({
      code: "REMOTE_UNREACHABLE",
    });
  });
});
