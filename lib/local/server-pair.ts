import type { KeptStore } from "./durable/keep-store.ts";
import { startDynalite } from "./dynalite-server.ts";
import { type KinesaliteServer, startKinesalite } from "./kinesalite-server.ts";

/** A Kinesis and a DynamoDB on 127.0.0.1, with what of the stream's store no client can ask for. */
export interface ServerPair extends Pick<KinesaliteServer, "trim" | "count"> {
  readonly endpoints: { readonly kinesis: string; readonly dynamo: string };
  stop(): Promise<void>;
}

/** Starts both in this thread, in memory. @param kept - What keeps what is in memory beyond the process. */
export async function startServerPair(
  kept: { readonly stream?: KeptStore; readonly table?: KeptStore } = {},
): Promise<ServerPair> {
  const kinesalite = await startKinesalite(kept.stream);
  try {
    const dynalite = await startDynalite(kept.table);
    return {
      endpoints: { kinesis: kinesalite.endpoint, dynamo: dynalite.endpoint },
      trim: kinesalite.trim,
      count: kinesalite.count,
      stop: async () => {
        await Promise.all([dynalite.stop(), kinesalite.stop()]);
      },
    };
  } catch (error) {
    await kinesalite.stop();
    throw error;
  }
}
