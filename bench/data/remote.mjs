// Versions of data to an S3 server of our own and from there, beside the tools that copy folders there.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { s3Lacks, startS3 } from "../../test/services/service.ts";
import { REPRISE } from "../rounds.mjs";
import { writeRandom } from "./make.mjs";
import { has, once, table } from "./measure.mjs";

const KEYS = { AWS_ACCESS_KEY_ID: "REPRISETEST", AWS_SECRET_ACCESS_KEY: "REPRISETEST", AWS_REGION: "us-east-1" };

/** The server keeps all in memory, at most 1 GiB of all rows together. */
export async function remote(base, megabytes, files) {
  const lacks = s3Lacks();
  if (lacks !== null) {
    console.log(`\nno S3 server: ${lacks}`);
    return;
  }
  const folder = join(base, "remote");
  const data = join(folder, "data");
  mkdirSync(data, { recursive: true });
  for (let index = 0; index < files; index += 1)
    writeRandom(join(data, `${index}.bin`), Math.floor((megabytes * 1e6) / files));
  // Of no use to a server without TLS, and rclone stops at it.
  delete process.env.AWS_CA_BUNDLE;
  const server = await startS3();
  try {
    const endpoint = `http://127.0.0.1:${server.port}`;
    const env = { ...KEYS, AWS_DEFAULT_REGION: KEYS.AWS_REGION, AWS_ENDPOINT_URL: endpoint };
    const client = new S3Client({
      endpoint,
      region: KEYS.AWS_REGION,
      forcePathStyle: true,
      credentials: { accessKeyId: KEYS.AWS_ACCESS_KEY_ID, secretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY },
    });
    await client.send(new CreateBucketCommand({ Bucket: "bench" }));
    client.destroy();
    both({ folder, data, env, endpoint, title: `${megabytes} MB in ${files} files` });
  } finally {
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function both({ folder, data, env, endpoint, title }) {
  const mine = { ...env, REPRISE_HOME: join(folder, "store") };
  const theirs = { ...env, REPRISE_HOME: join(folder, "other") };
  once({ argv: [REPRISE, "data", "add", data], cwd: folder, env: mine });
  const rclone = `:s3,provider=Ceph,env_auth=true,region=us-east-1,endpoint="${endpoint}":bench/rclone`;
  const peers = [
    ...(has("aws")
      ? [["aws s3 sync", (from, to) => ["aws", "s3", "sync", "--only-show-errors", from, to], "s3://bench/aws"]]
      : []),
    ...(has("rclone") ? [["rclone sync", (from, to) => ["rclone", "sync", "-q", from, to], rclone]] : []),
  ];
  if (peers.length === 0) console.log("\nneither aws nor rclone is installed: left out");
  table(
    `${title}: to an S3 server`,
    [
      {
        name: "reprise data push",
        argv: [REPRISE, "data", "push", "data", "s3://bench/reprise"],
        cwd: folder,
        env: mine,
      },
      ...peers.map(([name, argv, place]) => ({ name, argv: argv(data, place), cwd: folder, env })),
    ],
    1,
  );
  table(
    `${title}: there already`,
    [
      {
        name: "reprise data push",
        argv: [REPRISE, "data", "push", "data", "s3://bench/reprise"],
        cwd: folder,
        env: mine,
      },
      ...peers.map(([name, argv, place]) => ({ name, argv: argv(data, place), cwd: folder, env })),
    ],
    1,
  );
  table(
    `${title}: from there`,
    [
      {
        name: "reprise data pull",
        argv: [REPRISE, "data", "pull", "data", "s3://bench/reprise"],
        cwd: folder,
        env: theirs,
      },
      ...peers.map(([name, argv, place], index) => ({
        name,
        argv: argv(place, join(folder, `back-${index}`)),
        cwd: folder,
        env,
      })),
    ],
    1,
  );
}
