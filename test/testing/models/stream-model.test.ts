import {
  CreateStreamCommand,
  DeleteStreamCommand,
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  ListShardsCommand,
  type ListShardsOutput,
  MergeShardsCommand,
  PutRecordsCommand,
  type PutRecordsOutput,
  SplitShardCommand,
  StartStreamEncryptionCommand,
} from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { createStream } from "../../../lib/local/create-stream.ts";
import { asKinesisClient } from "../../../lib/testing/models/clients.ts";
import { createStreamModel, type StreamModelOptions } from "../../../lib/testing/models/stream-model.ts";

const HOUR_MS = 3_600_000;
const MIDDLE = 2n ** 127n;
const first = "shardId-000000000000";

/** What test/conformance cannot ask of every server. */
describe("the stream model", () => {
  async function start(options: Omit<StreamModelOptions, "clock"> = {}) {
    const clock = { nowMs: 1_700_000_000_000, now: () => clock.nowMs };
    const model = createStreamModel({ ...options, clock });
    const StreamName = "transactions";
    await createStream({
      kinesis: asKinesisClient(model.send),
      streamName: StreamName,
      shards: 1,
      retentionMs: 24 * HOUR_MS,
    });
    const answered = <Output>(answer: ReturnType<typeof model.apply>): Output => {
      if (!answer.ok) throw answer.error;
      return answer.output as Output;
    };
    return {
      clock,
      model,
      put: (texts: readonly string[], hashKey = "0") =>
        answered<PutRecordsOutput>(
          model.apply(
            new PutRecordsCommand({
              StreamName,
              Records: texts.map((text) => ({
                Data: Buffer.from(text),
                PartitionKey: "key",
                ExplicitHashKey: hashKey,
              })),
            }),
          ),
        ).Records!.map(({ SequenceNumber }) => BigInt(SequenceNumber!)),
      split: (shardId: string, at: bigint) =>
        answered(
          model.apply(
            new SplitShardCommand({ StreamName, ShardToSplit: shardId, NewStartingHashKey: String(at) }),
          ),
        ),
      merge: (lower: string, upper: string) =>
        answered(
          model.apply(
            new MergeShardsCommand({ StreamName, ShardToMerge: lower, AdjacentShardToMerge: upper }),
          ),
        ),
      list: () => answered<ListShardsOutput>(model.apply(new ListShardsCommand({ StreamName }))).Shards!,
      open: (ShardId: string) =>
        answered<{ ShardIterator: string }>(
          model.apply(
            new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
          ),
        ).ShardIterator,
      read: (ShardIterator: string) =>
        answered<GetRecordsOutput>(model.apply(new GetRecordsCommand({ ShardIterator }))),
    };
  }

  it("numbers a child above its parents, or below them when told to, generation after generation", async () => {
    for (const childNumbers of ["above-parents", "below-parents"] as const) {
      const { put, split, merge, clock } = await start({ childNumbers });
      const generations = [put(["a", "b"])];
      split(first, MIDDLE);
      generations.push(put(["c", "d"]));
      clock.nowMs += 60_000;
      split("shardId-000000000001", MIDDLE / 2n);
      generations.push(put(["e"]));
      merge("shardId-000000000003", "shardId-000000000004");
      generations.push(put(["f", "g"]));
      const ascends = (left: bigint, right: bigint) => left < right;
      for (const numbers of generations) {
        for (let i = 1; i < numbers.length; i++) expect(ascends(numbers[i - 1]!, numbers[i]!)).toBe(true);
      }
      for (let i = 1; i < generations.length; i++) {
        expect(ascends(generations[i - 1]!.at(-1)!, generations[i]![0]!)).toBe(
          childNumbers === "above-parents",
        );
      }
    }
  });

  it("writes numbers as Kinesis does: 56 digits, which name the shard and the second", async () => {
    const { put } = await start();
    expect(put(["a"])).toEqual([49_646_437_577_108_476_416_916_876_405_827_138_351_405_044_305_449_975_810n]);
  });

  it("ends a closed shard with its last records, or with the empty page behind them", async () => {
    for (const closedShardEnds of ["with-last-records", "after-last-records"] as const) {
      const { put, split, open, read } = await start({ closedShardEnds });
      put(["a"]);
      split(first, MIDDLE);
      const page = read(open(first));
      expect(page.Records).toHaveLength(1);
      expect(page.NextShardIterator === undefined).toBe(closedShardEnds === "with-last-records");
      const last = page.NextShardIterator === undefined ? page : read(page.NextShardIterator);
      expect(last.NextShardIterator).toBeUndefined();
      expect(last.ChildShards).toHaveLength(2);
    }
  });

  it("stamps arrivals by its clock, whichever way that goes", async () => {
    const { put, open, read, clock } = await start();
    put(["a"]);
    clock.nowMs -= 2_000;
    put(["b"]);
    const stamps = read(open(first)).Records!.map(({ ApproximateArrivalTimestamp: stamp }) =>
      stamp!.getTime(),
    );
    expect(stamps).toEqual([1_700_000_000_000, 1_699_999_998_000]);
  });

  it("forgets records past the retention, and the closed shard that held them, but not that it was a parent", async () => {
    const { put, split, open, read, list, model, clock } = await start();
    put(["old"]);
    clock.nowMs += HOUR_MS;
    split(first, MIDDLE);
    put(["new"]);
    clock.nowMs += 24 * HOUR_MS;
    expect(read(open(first)).Records).toEqual([]);
    expect(list()).toHaveLength(3);
    const iterator = open(first);
    clock.nowMs += 1;
    expect(list().map(({ ShardId, ParentShardId }) => [ShardId, ParentShardId])).toEqual([
      ["shardId-000000000001", first],
      ["shardId-000000000002", first],
    ]);
    expect(() => open(first)).toThrow(first);
    expect(() => read(iterator)).toThrow(first);
    expect(model.records("transactions", "shardId-000000000001")).toEqual([]);
  });

  it("knows an iterator of a stream that was deleted from one of its namesake", async () => {
    const { put, open, read, model, clock } = await start();
    put(["a"]);
    const iterator = open(first);
    model.apply(new DeleteStreamCommand({ StreamName: "transactions" }));
    clock.nowMs += 1;
    model.apply(new CreateStreamCommand({ StreamName: "transactions", ShardCount: 1 }));
    expect(() => read(iterator)).toThrow("transactions");
    expect(read(open(first)).Records).toEqual([]);
  });

  it("refuses to reshard what is closed already", async () => {
    const { split } = await start();
    split(first, MIDDLE);
    expect(() => split(first, MIDDLE)).toThrow("closed");
  });

  it("keeps and answers copies of the data", async () => {
    const { put, open, read } = await start();
    put(["a"]);
    read(open(first)).Records![0]!.Data![0] = 0;
    expect(Buffer.from(read(open(first)).Records![0]!.Data!).toString()).toBe("a");
  });

  it("throws for what it does not model, rather than pass it over", async () => {
    const { model } = await start();
    const encrypt = new StartStreamEncryptionCommand({
      StreamName: "transactions",
      EncryptionType: "KMS",
      KeyId: "key",
    });
    expect(() => model.apply(encrypt)).toThrow("StartStreamEncryptionCommand");
    const filtered = new ListShardsCommand({
      StreamName: "transactions",
      ShardFilter: { Type: "AT_LATEST" },
    });
    expect(() => model.apply(filtered)).toThrow("ShardFilter");
  });
});
