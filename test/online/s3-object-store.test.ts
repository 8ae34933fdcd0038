import { createServer } from "node:http";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ObjectStore } from "../../lib/engine/ports/object-store.ts";
import { type EmbeddedServer, listenLocally } from "../../lib/local/embedded-server.ts";
import { writeChannel } from "../../lib/online/channels.ts";
import { createS3ObjectStore } from "../../lib/online/s3-object-store.ts";
import { entriesOf } from "./fixtures/aggregator.ts";

/** The three calls of S3 that the store makes, listings two keys a page. */
function createS3Server(objects: Map<string, Buffer>, denied: Set<string>) {
  return createServer(async (request, response) => {
    const url = new URL(request.url!, "http://s3");
    const key = decodeURIComponent(url.pathname).replace(/^\/bucket\/?/, "");
    const xml = (status: number, body: string) => {
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
    };
    if (denied.has(key)) return xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    if (request.method === "PUT") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      objects.set(key, Buffer.concat(chunks));
      response.writeHead(200).end();
    } else if (url.searchParams.get("list-type") === "2") {
      const after = url.searchParams.get("continuation-token") ?? "";
      const keys = [...objects.keys()]
        .filter((name) => name.startsWith(url.searchParams.get("prefix") ?? "") && name > after)
        .sort();
      const page = keys.slice(0, 2);
      const next = keys.length > 2 ? `<NextContinuationToken>${page[1]}</NextContinuationToken>` : "";
      const contents = page.map((name) => `<Contents><Key>${name}</Key></Contents>`).join("");
      xml(
        200,
        `<ListBucketResult><IsTruncated>${next !== ""}</IsTruncated>${contents}${next}</ListBucketResult>`,
      );
    } else if (objects.has(key)) response.writeHead(200).end(objects.get(key));
    else xml(404, "<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>");
  });
}

describe("objects in S3", () => {
  const objects = new Map<string, Buffer>();
  const denied = new Set<string>();
  let server: EmbeddedServer;
  let client: S3Client;
  let store: ObjectStore;
  beforeAll(async () => {
    server = await listenLocally(createS3Server(objects, denied));
    client = new S3Client({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      forcePathStyle: true,
      maxAttempts: 1,
    });
    store = createS3ObjectStore({ client, bucket: "bucket", prefix: "kit/" });
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  it("stores an object whole and gives it back", async () => {
    const body = Uint8Array.from({ length: 1000 }, (_, n) => n % 256);
    await store.put("a/b c.bin", body);
    expect(objects.get("kit/a/b c.bin")).toEqual(Buffer.from(body));
    expect(Buffer.from((await store.get("a/b c.bin"))!)).toEqual(Buffer.from(body));
    await store.put("a/b c.bin", Uint8Array.of(1));
    expect(Buffer.from((await store.get("a/b c.bin"))!)).toEqual(Buffer.of(1));
    expect(await store.get("a/none")).toBeUndefined();
  });

  it("lists every page in order, without the bucket's prefix", async () => {
    for (const name of ["e", "a", "d", "b", "c"]) await store.put(`list/${name}`, Uint8Array.of(1));
    expect(await store.list("list/")).toEqual(["a", "b", "c", "d", "e"].map((name) => `list/${name}`));
    expect(await store.list("none/")).toEqual([]);
  });

  it("says which object of which bucket could not be written", async () => {
    denied.add("kit/shut");
    const error = await store.put("shut", Uint8Array.of(1)).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "OBJECT_STORE_UNWRITABLE" });
    expect(error.message).toMatch(/bucket bucket.*kit\/shut.*AccessDenied/);
  });

  it("holds channels: an entry that was written twice, in objects of their own, is read once", async () => {
    const entry = (sequenceNumber: string, view: string | null = null) => ({
      source: "payments",
      writer: "00000000/shardId-000000000000",
      sequenceNumber,
      view,
      arrivalMs: 1,
      reason: "malformed" as const,
      detail: "line one\nline two",
      partitionKey: "ü",
      payload: "AAE=",
    });
    await writeChannel(store, "quarantine", [entry("1"), entry("2")]);
    await writeChannel(store, "quarantine", [entry("1"), entry("2")]);
    expect(await store.list("quarantine/")).toHaveLength(1);
    await writeChannel(store, "quarantine", [entry("2"), entry("2", "card@1"), entry("3")]);
    await writeChannel(store, "quarantine", []);
    expect(await store.list("quarantine/")).toHaveLength(2);
    const entries = await entriesOf(store, "quarantine");
    expect(entries).toHaveLength(4);
    expect(entries).toEqual(
      expect.arrayContaining([entry("1"), entry("2"), entry("2", "card@1"), entry("3")]),
    );
    expect(await entriesOf(store, "late")).toEqual([]);
  });
});
