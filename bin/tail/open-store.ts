import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { FreshetError } from "../../lib/define/error.ts";
import type { ObjectStore } from "../../lib/engine/ports/object-store.ts";
import { objectsFolderOf } from "../../lib/local/durable/state-folder.ts";
import { createFileObjectStore } from "../../lib/local/file-object-store.ts";
import { withoutNodeVersionNotice } from "../../lib/local/node-version-notice.ts";
import { createS3ObjectStore } from "../../lib/online/s3-object-store.ts";

export interface OpenedStore {
  /** Where it is: what was given, or the folder in it that holds the records. */
  readonly location: string;
  readonly store: Pick<ObjectStore, "get" | "list">;
  close(): void;
}

/**
 * Opens where late and quarantined records are: a folder, a runtime's state folder, or `s3://bucket/prefix`. AWS's own
 * variables say the region, the credentials and, for a compatible endpoint, `AWS_ENDPOINT_URL`.
 *
 * @throws FreshetError `OPTION_INVALID` for a folder that is not there, a location that is neither, or no region; `OBJECT_STORE_UNREADABLE` from
 *   the store's calls.
 */
export async function openStore(location: string): Promise<OpenedStore> {
  const s3 = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(location);
  if (s3 !== null) {
    withoutNodeVersionNotice();
    const client = new S3Client({});
    await client.config.region().catch((cause: Error) => {
      throw new FreshetError(
        "OPTION_INVALID",
        `${location}: ${cause.message}; set AWS_REGION, such as eu-west-1, or AWS_PROFILE to a profile that has one.`,
        { cause },
      );
    });
    const prefix = s3[2] === undefined || s3[2] === "" ? "" : `${s3[2].replace(/\/+$/, "")}/`;
    const store = createS3ObjectStore({ client, bucket: s3[1]!, prefix });
    return { location, store: readable(location, store), close: () => client.destroy() };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//.test(location)) {
    throw new FreshetError(
      "OPTION_INVALID",
      `${location} cannot be read; give a folder, or s3://bucket/prefix.`,
    );
  }
  const folder = resolve(location);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new FreshetError(
      "OPTION_INVALID",
      `${folder} is not a folder; give the folder that late and quarantined records are written to, or s3://bucket/prefix.`,
    );
  }
  const records = objectsFolderOf(location) ?? location;
  const store = createFileObjectStore(resolve(records));
  return { location: records, store: readable(records, store), close: () => undefined };
}

/** The same store, whose errors say where it is. */
function readable(location: string, { get, list }: ObjectStore): OpenedStore["store"] {
  const refuse = (what: string) => (cause: unknown) => {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new FreshetError("OBJECT_STORE_UNREADABLE", `${location}: ${what} cannot be read: ${reason}`, {
      cause,
    });
  };
  return {
    get: (key) => get(key).catch(refuse(`object ${key}`)),
    list: (prefix) => list(prefix).catch(refuse(`the list of ${prefix}`)),
  };
}
