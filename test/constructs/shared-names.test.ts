import { describe, expect, it } from "vitest";
import { createHeartbeatHandler } from "../../functions/heartbeat/handler.ts";
import { BUCKET_PREFIXES } from "../../lib/constructs/data-bucket.ts";
import { HEARTBEAT_KEY_PREFIX } from "../../lib/constructs/filter-patterns.ts";
import { TABLE_ATTRIBUTES } from "../../lib/constructs/table-attributes.ts";
import { writeChannel } from "../../lib/online/channels.ts";
import { TABLE_SPEC } from "../../lib/online/table.ts";

// Constructs import nothing that runs in a function, so that they write these down a second time.
describe("names that constructs and functions share", () => {
  it("are the table's attributes", () => {
    expect(TABLE_ATTRIBUTES).toEqual({
      partitionKey: TABLE_SPEC.partitionKey,
      timeToLive: TABLE_SPEC.timeToLiveAttribute,
    });
  });

  it.each(["late", "quarantine"] as const)("are the prefix of %s records", async (channel) => {
    const keys: string[] = [];
    const store = {
      put: async (key: string) => {
        keys.push(key);
      },
      get: async () => undefined,
      list: async () => [],
    };
    await writeChannel(store, channel, [
      {
        source: "orders",
        writer: "w",
        sequenceNumber: "1",
        view: null,
        arrivalMs: 0,
        reason: "schema",
        detail: "",
        partitionKey: "k",
        payload: "",
      },
    ]);
    expect(keys[0]!.startsWith(BUCKET_PREFIXES[channel])).toBe(true);
  });

  it("are the partition key that heartbeats pass filters by", async () => {
    const keys: (string | undefined)[] = [];
    const shard = {
      ShardId: "shardId-000000000000",
      HashKeyRange: { StartingHashKey: "0", EndingHashKey: "10" },
      SequenceNumberRange: { StartingSequenceNumber: "1" },
    };
    const kinesis = {
      async send({ input }: { readonly input: { readonly Records?: { PartitionKey?: string }[] } }) {
        keys.push(...(input.Records ?? []).map(({ PartitionKey }) => PartitionKey));
        return {
          StreamDescriptionSummary: { StreamARN: "arn", StreamCreationTimestamp: new Date(0) },
          Shards: [shard],
          Records: [{ SequenceNumber: "1", ShardId: shard.ShardId }],
        };
      },
    };
    const handler = createHeartbeatHandler({
      environment: { FRESHET_STREAM: "one", FRESHET_PERIOD_MS: "1000", FRESHET_COVER_MS: "1000" },
      kinesis: kinesis as never,
      logger: { error() {} },
    });
    await handler();
    expect(keys).toHaveLength(1);
    expect(keys[0]!.startsWith(HEARTBEAT_KEY_PREFIX)).toBe(true);
  });
});
