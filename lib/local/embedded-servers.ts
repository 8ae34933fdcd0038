import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { Source } from "../define/types.ts";
import { createTable } from "../online/table.ts";
import { type CreatedStream, createStream, findStream } from "./create-stream.ts";
import type { Journal } from "./durable/journal.ts";
import { type KeptStore, keepStore } from "./durable/keep-store.ts";
import { countPuts } from "./durable/record-puts.ts";
import { STATE_MAPS, type StateFolder } from "./durable/state-folder.ts";
import { embeddedDynamoClient, embeddedKinesisClient } from "./embedded-clients.ts";
import { type ServerPair, startServerPair } from "./server-pair.ts";
import { startServerThread } from "./server-thread/start.ts";
import type { Shutdown } from "./shutdown.ts";

/** The embedded Kinesis and DynamoDB with what a pipeline needs in them. */
export interface EmbeddedServers extends Omit<ServerPair, "stop"> {
  readonly kinesis: KinesisClient;
  readonly dynamo: DynamoDBClient;
  /** One a source. */
  readonly streams: readonly { readonly source: Source; readonly stream: CreatedStream }[];
}

/**
 * Starts both servers with a table and a stream for each source: new ones, or those that a state folder holds.
 *
 * @throws FreshetError `STATE_FOLDER_UNWRITABLE`
 */
export async function startEmbeddedServers(options: {
  readonly sources: readonly Source[];
  readonly shards: number;
  readonly table: string;
  readonly state: StateFolder | null;
  /** Whether they run in a thread of their own; not with `state`. @default false */
  readonly thread?: boolean;
  readonly shutdown: Shutdown;
}): Promise<EmbeddedServers> {
  const { sources, shards, table, state, shutdown } = options;
  const journal = state?.journal;
  const pair = options.thread ? await startServerThread() : await startServerPair(journal && kept(journal));
  shutdown.add(pair.stop);
  const { endpoints } = pair;
  const kinesis = embeddedKinesisClient(endpoints.kinesis);
  shutdown.add(() => kinesis.destroy());
  const dynamo = embeddedDynamoClient(endpoints.dynamo);
  shutdown.add(() => dynamo.destroy());

  const isNew = journal === undefined || !journal.begun;
  if (isNew) await createTable(dynamo, table);
  const streams = await Promise.all(
    sources.map(async (source) => {
      const { name: streamName, retentionMs } = source;
      const stream = isNew
        ? await createStream({ kinesis, streamName, shards, retentionMs })
        : await findStream(kinesis, streamName);
      return { source, stream };
    }),
  );
  // Only now: what is half made is not gone on with.
  if (isNew) journal?.begin();
  return { ...pair, kinesis, dynamo, streams };
}

function kept(journal: Journal): { readonly stream: KeptStore; readonly table: KeptStore } {
  const counted = countPuts(journal.maps[STATE_MAPS.puts]!, STATE_MAPS.puts);
  return {
    stream: keepStore(journal, STATE_MAPS.stream, counted),
    table: keepStore(journal, STATE_MAPS.table),
  };
}
