import { CreateTableCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateStreamCommand, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { startDynalite } from "../../lib/local/dynalite-server.ts";
import { embeddedDynamoClient, embeddedKinesisClient } from "../../lib/local/embedded-clients.ts";
import { startKinesalite } from "../../lib/local/kinesalite-server.ts";
import { watchServerData } from "../soak/pipeline/server-data.ts";

const COUNT = 40;

/** Node makes small buffers in slabs of 8 KiB, and one that is kept keeps its whole slab. */
describe("what the embedded servers keep", () => {
  const serverData = watchServerData();

  it("pins no memory beside an item's own bytes", async () => {
    const server = await startDynalite();
    const dynamo = embeddedDynamoClient(server.endpoint);
    try {
      await dynamo.send(
        new CreateTableCommand({
          TableName: "held",
          AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
          BillingMode: "PAY_PER_REQUEST",
        }),
      );
      for (let id = 0; id < COUNT; id++) {
        const Item = { pk: { S: `item ${id}` }, image: { B: new Uint8Array(200) } };
        await dynamo.send(new PutItemCommand({ TableName: "held", Item }));
      }
      const { entries, bytes, pinnedBytes } = await serverData.table();
      expect(entries).toBeGreaterThanOrEqual(COUNT);
      expect(bytes).toBeGreaterThan(COUNT * 200);
      expect(pinnedBytes).toBe(bytes);
    } finally {
      dynamo.destroy();
      await server.stop();
    }
  });

  it("pins no memory beside a record's own bytes", async () => {
    const server = await startKinesalite();
    const kinesis = embeddedKinesisClient(server.endpoint);
    try {
      await kinesis.send(new CreateStreamCommand({ StreamName: "held", ShardCount: 1 }));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const Records = Array.from({ length: COUNT }, (_, id) => ({
        Data: new Uint8Array(200),
        PartitionKey: `record ${id}`,
      }));
      await kinesis.send(new PutRecordsCommand({ StreamName: "held", Records }));
      const { entries, bytes, pinnedBytes } = serverData.stream();
      expect(entries).toBeGreaterThanOrEqual(COUNT);
      expect(bytes).toBeGreaterThan(COUNT * 200);
      expect(pinnedBytes).toBe(bytes);
    } finally {
      kinesis.destroy();
      await server.stop();
    }
  });
});
