import { PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createStream } from "../../lib/local/create-stream.ts";
import { embeddedDynamoClient, embeddedKinesisClient } from "../../lib/local/embedded-clients.ts";
import type { ServerPair } from "../../lib/local/server-pair.ts";
import { startServerThread } from "../../lib/local/server-thread/start.ts";
import { createTable } from "../../lib/online/table.ts";

let servers: ServerPair;
beforeAll(async () => {
  servers = await startServerThread();
});
afterAll(() => servers.stop());

it("serves both APIs, and counts and trims a shard's records as servers in this thread do", async () => {
  const dynamo = embeddedDynamoClient(servers.endpoints.dynamo);
  const kinesis = embeddedKinesisClient(servers.endpoints.kinesis);
  try {
    await createTable(dynamo, "table");
    const { streamName } = await createStream({
      kinesis,
      streamName: "events",
      shards: 1,
      retentionMs: 86_400_000,
    });
    const put = await kinesis.send(
      new PutRecordsCommand({
        StreamName: streamName,
        Records: Array.from({ length: 30 }, (_, index) => ({
          Data: Buffer.from([index]),
          PartitionKey: "key",
        })),
      }),
    );
    const shardId = put.Records![0]!.ShardId!;
    const through = (index: number) => ({
      streamName,
      shardId,
      throughSequenceNumber: put.Records![index]!.SequenceNumber!,
    });
    expect(await servers.count(through(29))).toBe(30);
    await servers.trim(through(9));
    expect(await servers.count(through(29))).toBe(20);
    expect(await servers.count(through(9))).toBe(0);
  } finally {
    kinesis.destroy();
    dynamo.destroy();
  }
});

it("answers nobody once it is stopped", async () => {
  const own = await startServerThread();
  const { dynamo } = own.endpoints;
  expect((await fetch(dynamo)).status).toBeGreaterThan(0);
  await own.stop();
  await expect(fetch(dynamo)).rejects.toThrow();
});
