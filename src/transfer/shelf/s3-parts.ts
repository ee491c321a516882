import { createHash } from "node:crypto";
import { createWriteStream, existsSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { CompletedPart, S3Client } from "@aws-sdk/client-s3";
import { forAll } from "./shelf.ts";

export interface Connection {
  readonly s3: typeof import("@aws-sdk/client-s3");
  readonly client: S3Client;
}

export interface Target {
  readonly Bucket: string;
  readonly Key: string;
}

/** Larger ones go in parts of at least this. */
export const PART_BYTES = 16 * 2 ** 20;
const AT_ONCE = 4;
/** S3 takes 10,000 parts at most. */
const MOST_PARTS = 9000;
/** So often a download goes on where it broke off, without a byte more, before it is given up. */
const MOST_STILL = 3;

interface Part {
  readonly number: number;
  readonly start: number;
  readonly bytes: number;
}

function partsOf(size: number): Part[] {
  const bytes = Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS));
  return Array.from({ length: Math.ceil(size / bytes) }, (_, index) => {
    const start = index * bytes;
    return { number: index + 1, start, bytes: Math.min(bytes, size - start) };
  });
}

/** In memory: a stream could be sent only once, and what fails is tried again. */
async function read(path: string, { start, bytes }: Part): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const buffer = Buffer.alloc(bytes);
    for (let done = 0; done < bytes; ) {
      const { bytesRead } = await file.read(buffer, done, bytes - done, start + done);
      if (bytesRead === 0) throw new Error(`${path} has become shorter`);
      done += bytesRead;
    }
    return buffer;
  } finally {
    await file.close();
  }
}

/** The last upload of this name that broke off, and what of it is there: number, size and MD5 of each part. */
async function unfinished({ s3, client }: Connection, target: Target) {
  const { Bucket, Key } = target;
  const listed = await client.send(new s3.ListMultipartUploadsCommand({ Bucket, Prefix: Key }));
  const [last] = (listed.Uploads ?? [])
    .filter((upload) => upload.Key === Key && upload.UploadId !== undefined)
    .sort((a, b) => (b.Initiated?.getTime() ?? 0) - (a.Initiated?.getTime() ?? 0));
  const id = last?.UploadId;
  if (id === undefined) return null;
  const there = new Map<number, { readonly bytes: number; readonly tag: string }>();
  let marker: string | undefined;
  do {
    const page = await client.send(new s3.ListPartsCommand({ ...target, UploadId: id, PartNumberMarker: marker }));
    for (const { PartNumber = 0, Size = 0, ETag = "" } of page.Parts ?? [])
      there.set(PartNumber, { bytes: Size, tag: ETag });
    marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return { id, there };
}

/**
 * Sends a large file in parts, going on with an upload that broke off: a part is left out where one of the same MD5 is there.
 * What breaks off here stays for the next one; a gc of the remote removes it.
 */
export async function putInParts(connection: Connection, target: Target, path: string): Promise<void> {
  // Who may write need not be allowed to list.
  const before = await unfinished(connection, target).catch(() => null);
  try {
    await sendParts(connection, target, path, before);
  } catch (error) {
    // Somebody else went on with the same one, and has ended it.
    if (!(error instanceof Error) || error.name !== "NoSuchUpload") throw error;
    await sendParts(connection, target, path, null);
  }
}

async function sendParts(
  { s3, client }: Connection,
  target: Target,
  path: string,
  before: Awaited<ReturnType<typeof unfinished>>,
): Promise<void> {
  const begun = before?.id ?? (await client.send(new s3.CreateMultipartUploadCommand(target))).UploadId;
  const there = before?.there ?? new Map<number, { readonly bytes: number; readonly tag: string }>();
  const done: CompletedPart[] = [];
  await forAll(partsOf(statSync(path).size), AT_ONCE, async (part, abortSignal) => {
    const { number, bytes } = part;
    const [old, content] = [there.get(number), await read(path, part)];
    const md5 = createHash("md5").update(content).digest("hex");
    const isThere = old?.bytes === bytes && old.tag.replaceAll('"', "") === md5;
    const request = { ...target, UploadId: begun, PartNumber: number, Body: content };
    const tag = isThere ? old.tag : (await client.send(new s3.UploadPartCommand(request), { abortSignal })).ETag;
    done.push({ PartNumber: number, ETag: tag });
  });
  const Parts = done.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
  await client.send(new s3.CompleteMultipartUploadCommand({ ...target, UploadId: begun, MultipartUpload: { Parts } }));
}

/** Into a file that is not there yet; what breaks off in the middle goes on from there. */
export async function getResumed(
  { s3, client }: Connection,
  target: Target,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  for (let still = 0; ; ) {
    const have = existsSync(path) ? statSync(path).size : 0;
    try {
      const range = have === 0 ? {} : { Range: `bytes=${have}-` };
      const got = await client.send(new s3.GetObjectCommand({ ...target, ...range }), { abortSignal: signal });
      // In Node the body is a stream of Node.
      if (got.Body !== undefined)
        await pipeline(got.Body as Readable, createWriteStream(path, { flags: have === 0 ? "w" : "a", mode: 0o600 }), {
          signal,
        });
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      // All of it was there when the line went down.
      if (have > 0 && (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 416) return;
      const now = existsSync(path) ? statSync(path).size : 0;
      // Nothing of it came at all: that is for the caller to say.
      if (now === 0) throw error;
      still = now > have ? 0 : still + 1;
      if (still >= MOST_STILL) throw error;
    }
  }
}

/** In a bucket, or below a prefix, others may be writing: only what has a name of ours is ours. */
const OURS = /^(?:objects\/[0-9a-f]{2}\/[0-9a-f]{62}|(?:runs|data)\/[0-9a-f][0-9a-f./-]{35,}\.json)(?:\.age)?$/;

/** Removes what uploads of ours left that broke off; they are to be seen nowhere, and are paid for. */
export async function removeUnfinished({ s3, client }: Connection, bucket: string, prefix: string): Promise<number> {
  let count = 0;
  let markers: { KeyMarker?: string; UploadIdMarker?: string } | null = {};
  while (markers !== null) {
    const page: import("@aws-sdk/client-s3").ListMultipartUploadsCommandOutput = await client.send(
      new s3.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...markers }),
    );
    for (const { Key = "", UploadId } of page.Uploads ?? []) {
      if (!OURS.test(Key.slice(prefix.length))) continue;
      await client.send(new s3.AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
      count += 1;
    }
    markers =
      page.IsTruncated === true && page.NextKeyMarker !== undefined
        ? {
            KeyMarker: page.NextKeyMarker,
            ...(page.NextUploadIdMarker === undefined ? {} : { UploadIdMarker: page.NextUploadIdMarker }),
          }
        : null;
  }
  return count;
}
