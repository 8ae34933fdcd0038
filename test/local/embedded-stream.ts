import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { type CreatedStream, createStream } from "../../lib/local/create-stream.ts";
import { embeddedKinesisClient } from "../../lib/local/embedded-clients.ts";
import { type KinesaliteServer, startKinesalite } from "../../lib/local/kinesalite-server.ts";
import { listShards } from "../../lib/local/list-shards.ts";
import { withoutNodeVersionNotice } from "../../lib/local/node-version-notice.ts";

/** A kinesalite for one test file. */
export interface EmbeddedKinesis {
  readonly server: KinesaliteServer;
  readonly kinesis: KinesisClient;
  newStream(shards?: number): Promise<TestStream>;
  stop(): Promise<void>;
}

export interface TestStream extends CreatedStream {
  /** Puts texts to a shard, in order. */
  put(texts: readonly string[], shard?: number): Promise<void>;
}

export async function startEmbeddedKinesis(): Promise<EmbeddedKinesis> {
  withoutNodeVersionNotice();
  const server = await startKinesalite();
  const kinesis = embeddedKinesisClient(server.endpoint);
  let streams = 0;
  return {
    server,
    kinesis,
    async newStream(shards = 1) {
      const stream = await createStream({
        kinesis,
        streamName: `stream-${streams++}`,
        shards,
        retentionMs: 86_400_000,
      });
      const open = await listShards(kinesis, stream.streamName);
      return {
        ...stream,
        async put(texts, shard = 0) {
          for (let from = 0; from < texts.length; from += 500) {
            await kinesis.send(
              new PutRecordsCommand({
                StreamName: stream.streamName,
                Records: texts.slice(from, from + 500).map((text) => ({
                  Data: Buffer.from(text),
                  PartitionKey: "key",
                  ExplicitHashKey: open[shard]!.startingHashKey,
                })),
              }),
            );
          }
        },
      };
    },
    async stop() {
      kinesis.destroy();
      await server.stop();
    },
  };
}

/** The texts numbered from..to, `to` left out. */
export function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `record ${from + index}`);
}
