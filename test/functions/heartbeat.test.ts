import { GetRecordsCommand, GetShardIteratorCommand, SplitShardCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHeartbeatHandler } from "../../functions/heartbeat/handler.ts";
import { decodeHeartbeat } from "../../lib/engine/heartbeat.ts";
import { systemTimer } from "../../lib/engine/ports/timer.ts";
import { listShards } from "../../lib/local/list-shards.ts";
import { type EmbeddedKinesis, startEmbeddedKinesis } from "../local/embedded-stream.ts";

let embedded: EmbeddedKinesis;
beforeAll(async () => {
  embedded = await startEmbeddedKinesis();
});
afterAll(() => embedded.stop());

/** Time that passes by waiting alone. */
function fakeTime(startMs: number) {
  const time = {
    nowMs: startMs,
    clock: { now: () => time.nowMs },
    timing: {
      sleep: async (ms: number) => {
        time.nowMs += ms;
      },
      random: () => 0,
    },
  };
  return time;
}

const environment = (stream: string, { periodMs, coverMs }: { periodMs: number; coverMs: number }) => ({
  FRESHET_STREAM: stream,
  FRESHET_PERIOD_MS: String(periodMs),
  FRESHET_COVER_MS: String(coverMs),
});
const logger = { error: () => {} };

/** The sender's times of each shard's heartbeats, and how many records there were. */
async function heartbeatsOf(streamName: string): Promise<Record<string, number[]>> {
  const { kinesis } = embedded;
  const times: Record<string, number[]> = {};
  for (const { shardId } of await listShards(kinesis, streamName)) {
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({
        StreamName: streamName,
        ShardId: shardId,
        ShardIteratorType: "TRIM_HORIZON",
      }),
    );
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    times[shardId] = Records.map(({ Data }) => decodeHeartbeat(Data!) ?? Number.NaN);
  }
  return times;
}

describe("the heartbeat function", () => {
  it("puts one to every open shard, and goes on for as long as it must cover", async () => {
    const { streamName } = await embedded.newStream(3);
    const { clock, timing } = fakeTime(1_000_000);
    const handler = createHeartbeatHandler({
      environment: environment(streamName, { periodMs: 20_000, coverMs: 60_000 }),
      kinesis: embedded.kinesis,
      clock,
      timing,
      logger,
    });
    expect(await handler()).toEqual({ beats: 3, heartbeats: 9 });
    expect(Object.values(await heartbeatsOf(streamName))).toEqual(
      Array(3).fill([1_000_000, 1_020_000, 1_040_000]),
    );
  });

  it("finds the shards that a split made, and leaves the closed one", async () => {
    const { streamName } = await embedded.newStream(1);
    const [shard] = await listShards(embedded.kinesis, streamName);
    const { clock, timing } = fakeTime(5_000);
    let split = false;
    const handler = createHeartbeatHandler({
      environment: environment(streamName, { periodMs: 30_000, coverMs: 60_000 }),
      kinesis: embedded.kinesis,
      clock,
      timing: {
        ...timing,
        async sleep(ms) {
          if (!split) {
            split = true;
            await embedded.kinesis.send(
              new SplitShardCommand({
                StreamName: streamName,
                ShardToSplit: shard!.shardId,
                NewStartingHashKey: (2n ** 127n).toString(),
              }),
            );
            // kinesalite splits after a while.
            while ((await listShards(embedded.kinesis, streamName)).length < 3) await systemTimer.sleep(20);
          }
          await timing.sleep(ms);
        },
      },
      logger,
    });
    expect(await handler()).toEqual({ beats: 2, heartbeats: 3 });
    expect(await heartbeatsOf(streamName)).toEqual({
      "shardId-000000000000": [5_000],
      "shardId-000000000001": [35_000],
      "shardId-000000000002": [35_000],
    });
  });

  it("tries every beat, and rejects with what failed", async () => {
    const { clock, timing } = fakeTime(0);
    const errors: unknown[] = [];
    const handler = createHeartbeatHandler({
      environment: environment("absent", { periodMs: 20_000, coverMs: 60_000 }),
      kinesis: embedded.kinesis,
      clock,
      timing,
      logger: { error: (_message, fields) => errors.push(fields.stream) },
    });
    await expect(handler()).rejects.toMatchObject({ code: "STREAM_UNAVAILABLE" });
    expect(errors).toEqual(["absent", "absent", "absent"]);
  });

  it.each([
    [{ FRESHET_STREAM: "" }, /FRESHET_STREAM is not set/],
    [{ FRESHET_STREAM: "one", FRESHET_PERIOD_MS: "0" }, /FRESHET_PERIOD_MS is "0"; write a whole number/],
    [{ FRESHET_STREAM: "one", FRESHET_PERIOD_MS: "1.5" }, /FRESHET_PERIOD_MS is "1.5"; write a whole number/],
    [{ FRESHET_STREAM: "one", FRESHET_PERIOD_MS: "1000" }, /FRESHET_COVER_MS is not set/],
  ])("refuses the environment %j", (given, message) => {
    expect(() => createHeartbeatHandler({ environment: given, kinesis: embedded.kinesis })).toThrow(message);
  });
});
