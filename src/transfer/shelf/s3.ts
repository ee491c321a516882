import { readFileSync, statSync } from "node:fs";
import { type Connection, getResumed, PART_BYTES, putInParts, removeUnfinished, type Target } from "./s3-parts.ts";
import { forAll, type Item, type Listed, type Shelf, unreachable, unwritable } from "./shelf.ts";

const AT_ONCE = 8;
/** A request for a page costs about as much as so many for a name each. */
const FEW = 16;
const HINT = "aws s3 ls, with the same AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL";

const isAbsent = (error: unknown): boolean =>
  error instanceof Error &&
  (["NotFound", "NoSuchKey"].includes(error.name) ||
    (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404);

/**
 * A bucket. Who we are and where it is comes from the ecosystem's own variables and files (AWS_PROFILE, AWS_ENDPOINT_URL,
 * ~/.aws): nothing of it is kept.
 */
export class S3Shelf implements Shelf {
  #client: Promise<Connection> | null = null;

  constructor(
    readonly where: string,
    readonly bucket: string,
    /** "" or with "/" at its end. */
    readonly prefix: string,
    readonly endpoint: string | undefined,
    readonly region: string | undefined,
  ) {}

  #open(): Promise<Connection> {
    this.#client ??= import("@aws-sdk/client-s3").then((s3) => {
      const client = new s3.S3Client({
        // Not every server knows the newer checksums: bytes are checked by their own digest in any case.
        requestChecksumCalculation: "WHEN_REQUIRED",
        responseChecksumValidation: "WHEN_REQUIRED",
        ...(this.endpoint !== undefined && this.region === undefined ? { region: "us-east-1" } : {}),
      });
      // Names of buckets as hosts need a domain of their own, which other servers than AWS's seldom have. That it is another one
      // is known at the first request only: the endpoint may stand in a file of the user's.
      const { endpointProvider } = client.config;
      client.config.endpointProvider = (parameters, context) =>
        endpointProvider(
          parameters.Endpoint === undefined ? parameters : { ...parameters, ForcePathStyle: true },
          context,
        );
      return { s3, client };
    });
    return this.#client;
  }

  /** Many of one folder are listed, a thousand for each request; few, or few among very many, are asked for one by one. */
  async sizes(names: readonly string[]): Promise<Map<string, number>> {
    const folders = Map.groupBy(names, (name) => name.slice(0, name.lastIndexOf("/") + 1));
    const found = new Map<string, number>();
    const single: string[] = [];
    await forAll([...folders], AT_ONCE, async ([folder, inside]) => {
      const asked = new Set(inside);
      const last = inside.reduce((a, b) => (a > b ? a : b));
      let from: string | undefined;
      if (inside.length >= FEW)
        for await (const page of this.#pages(folder, Math.ceil(inside.length / FEW))) {
          for (const { name, bytes } of page.items) if (asked.has(name)) found.set(name, bytes);
          from = page.next;
          if (from !== undefined && from >= last) from = undefined;
          if (from === undefined) return;
        }
      single.push(...inside.filter((name) => from === undefined || name > from));
    });
    await this.#heads(single, found);
    return found;
  }

  async #heads(names: readonly string[], found: Map<string, number>): Promise<void> {
    const { s3, client } = await this.#open();
    await forAll(names, AT_ONCE, async (name) => {
      try {
        const head = await client.send(new s3.HeadObjectCommand({ Bucket: this.bucket, Key: this.prefix + name }));
        found.set(name, head.ContentLength ?? 0);
      } catch (error) {
        if (!isAbsent(error)) throw unreachable(this.where, error, HINT);
      }
    });
  }

  /** Pages of what lies under a prefix, by name; `next`: there is more behind this name. */
  async *#pages(prefix: string, most: number): AsyncIterable<{ items: Listed[]; next: string | undefined }> {
    const { s3, client } = await this.#open();
    let token: string | undefined;
    for (let count = 0; count < most; count += 1) {
      const request = { Bucket: this.bucket, Prefix: this.prefix + prefix, ContinuationToken: token };
      const page = await client.send(new s3.ListObjectsV2Command(request)).catch((error: unknown) => {
        throw unreachable(this.where, error, HINT);
      });
      const items = (page.Contents ?? []).map(({ Key = "", Size = 0, LastModified }) => ({
        name: Key.slice(this.prefix.length),
        bytes: Size,
        modifiedMs: LastModified?.getTime() ?? 0,
      }));
      token = page.NextContinuationToken;
      yield { items, next: token === undefined ? undefined : (items.at(-1)?.name ?? "") };
      if (token === undefined) return;
    }
  }

  async list(prefix: string): Promise<Listed[]> {
    const found: Listed[] = [];
    for await (const { items } of this.#pages(prefix, Number.POSITIVE_INFINITY)) found.push(...items);
    return found;
  }

  async put(items: readonly Item[]): Promise<void> {
    const connection = await this.#open();
    const { s3, client } = connection;
    const send = (
      atOnce: number,
      which: readonly Item[],
      one: (target: Target, path: string, signal: AbortSignal) => Promise<unknown>,
    ) =>
      forAll(which, atOnce, async ({ name, path }, signal) => {
        try {
          await one({ Bucket: this.bucket, Key: this.prefix + name }, path, signal);
        } catch (error) {
          throw unwritable(this.where, error);
        }
      });
    const isLarge = ({ path }: Item): boolean => statSync(path).size > PART_BYTES;
    await send(
      AT_ONCE,
      items.filter((item) => !isLarge(item)),
      (target, path, abortSignal) =>
        client.send(new s3.PutObjectCommand({ ...target, Body: readFileSync(path) }), { abortSignal }),
    );
    // One after the other: several parts of each are on their way at once.
    await send(1, items.filter(isLarge), (target, path) => putInParts(connection, target, path));
  }

  async get(items: readonly Item[]): Promise<void> {
    const { s3, client } = await this.#open();
    await forAll(items, AT_ONCE, async ({ name, path }, signal) => {
      try {
        await getResumed({ s3, client }, { Bucket: this.bucket, Key: this.prefix + name }, path, signal);
      } catch (error) {
        if (!isAbsent(error)) throw unreachable(this.where, error, HINT);
      }
    });
  }

  async remove(names: readonly string[]): Promise<void> {
    const { s3, client } = await this.#open();
    await forAll(names, AT_ONCE, async (name) => {
      await client.send(new s3.DeleteObjectCommand({ Bucket: this.bucket, Key: this.prefix + name }));
    });
  }

  async removeUnfinished(): Promise<void> {
    try {
      await removeUnfinished(await this.#open(), this.bucket, this.prefix);
    } catch (error) {
      throw unwritable(this.where, error);
    }
  }
}
