import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { vi } from "vitest";
import { systemClock } from "../../../lib/engine/ports/clock.ts";
import { createStream } from "../../../lib/local/create-stream.ts";
import { embeddedKinesisClient } from "../../../lib/local/embedded-clients.ts";
import { startKinesalite } from "../../../lib/local/kinesalite-server.ts";
import { asKinesisClient } from "../../../lib/testing/models/clients.ts";
import { createStreamModel, type StreamModelOptions } from "../../../lib/testing/models/stream-model.ts";
import { outcome } from "../check.ts";
import type { StreamSubject } from "../stream/stream-subject.ts";
import { AWS, connection } from "./endpoint.ts";

const DAY_MS = 86_400_000;

/** The in-memory model of the simulation. */
export function startStreamModel(
  options: Omit<StreamModelOptions, "clock"> = {},
): () => Promise<StreamSubject> {
  return async () => {
    let aheadMs = 0;
    const model = createStreamModel({ ...options, clock: { now: () => systemClock.now() + aheadMs } });
    return streamSubject({
      client: asKinesisClient(model.send),
      prefix: "stream",
      async ahead(ms, action) {
        aheadMs = ms;
        try {
          return await action();
        } finally {
          aheadMs = 0;
        }
      },
      stop: async () => {},
    });
  };
}

/** It runs in this process, so that its clock is this process's `Date`. */
export async function startKinesaliteSubject(): Promise<StreamSubject> {
  const server = await startKinesalite();
  const client = embeddedKinesisClient(server.endpoint);
  return streamSubject({
    client,
    prefix: "stream",
    async ahead(ms, action) {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
      try {
        return await action();
      } finally {
        vi.useRealTimers();
      }
    },
    async stop() {
      client.destroy();
      await server.stop();
    },
  });
}

/** A server that someone else runs: what is made there is deleted after each check. @param endpoint - URL, or `aws`. */
export async function connectStreamSubject(endpoint: string): Promise<StreamSubject> {
  const client = new KinesisClient({
    ...(endpoint === AWS ? {} : { ...connection(endpoint), requestHandler: new NodeHttpHandler() }),
  });
  const made: string[] = [];
  return {
    ...streamSubject({
      client,
      prefix: `freshet-conformance-${Date.now()}`,
      onStream: (stream) => made.push(stream),
      ahead: null,
      stop: async () => client.destroy(),
    }),
    async cleanUp() {
      for (const StreamName of made.splice(0)) {
        await client.send(new DeleteStreamCommand({ StreamName })).catch((error: unknown) => {
          // One of the checks deletes its own.
          if (!(error instanceof ResourceNotFoundException)) throw error;
        });
        await untilGone(client, StreamName);
      }
    },
  };
}

const LOOK_EVERY_MS = 100;

/** A stream that is being deleted still counts its shards. */
async function untilGone(client: KinesisClient, StreamName: string): Promise<void> {
  while ((await outcome(client.send(new DescribeStreamSummaryCommand({ StreamName })))) === "answered") {
    await sleep(LOOK_EVERY_MS);
  }
}

function streamSubject(options: {
  readonly client: KinesisClient;
  readonly prefix: string;
  readonly onStream?: (stream: string) => void;
  readonly ahead: StreamSubject["ahead"];
  readonly stop: () => Promise<void>;
}): StreamSubject {
  const { client, prefix, onStream, ahead, stop } = options;
  let count = 0;
  return {
    client,
    async newStream(shards) {
      const streamName = `${prefix}-${++count}`;
      // Before it is there: what is half made is deleted too.
      onStream?.(streamName);
      await createStream({ kinesis: client, streamName, shards, retentionMs: DAY_MS });
      return streamName;
    },
    ahead,
    cleanUp: async () => {},
    stop,
  };
}
