import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { FreshetError } from "../define/error.ts";
import type { ObjectStore } from "../engine/ports/object-store.ts";

export interface S3ObjectStoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /**
   * What every key begins with in the bucket.
   * @default ""
   */
  readonly prefix?: string;
}

/**
 * Objects in an S3 bucket.
 *
 * @example
 * ```ts
 * const objects = createS3ObjectStore({ client: new S3Client(), bucket: "fraud-freshet" });
 * ```
 */
export function createS3ObjectStore({ client, bucket, prefix = "" }: S3ObjectStoreOptions): ObjectStore {
  return {
    async put(key, body) {
      try {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body: body }));
      } catch (cause) {
        const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
        throw new FreshetError(
          "OBJECT_STORE_UNWRITABLE",
          `bucket ${bucket}: object ${prefix + key} could not be written: ${reason}`,
          { cause },
        );
      }
    },
    async get(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: prefix + key }));
        return await Body?.transformToByteArray();
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async list(keyPrefix) {
      const keys: string[] = [];
      const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix + keyPrefix });
      for await (const page of pages) {
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key.slice(prefix.length));
      }
      return keys.sort();
    },
  };
}
