import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { collectDefinitions } from "../../lib/define/collect-definitions.ts";
import { EMBEDDED_CREDENTIALS, EMBEDDED_REGION } from "../../lib/local/embedded-clients.ts";
import { startEmbeddedServers } from "../../lib/local/embedded-servers.ts";
import { createShutdown } from "../../lib/local/shutdown.ts";

const TABLE = "features";

/** What the functions are started against: an empty table and a stream a source, in this process. */
export interface Servers {
  /** What both functions are configured by. */
  readonly environment: Readonly<Record<string, string>>;
  /** ARNs by source name. */
  readonly streams: ReadonlyMap<string, string>;
  stop(): Promise<void>;
}

export async function startServers(definitionsFile: string): Promise<Servers> {
  const definitions = collectDefinitions(await import(pathToFileURL(resolve(definitionsFile)).href));
  const shutdown = createShutdown();
  const { endpoints, streams } = await startEmbeddedServers({
    sources: definitions.sources,
    shards: 1,
    table: TABLE,
    state: null,
    shutdown,
  });
  const arns = new Map(streams.map(({ source, stream }) => [source.name, stream.streamArn]));
  // The embedded Kinesis knows streams by name.
  const names = Object.fromEntries(streams.map(({ source, stream }) => [source.name, stream.streamName]));
  return {
    streams: arns,
    environment: {
      FRESHET_TABLE: TABLE,
      FRESHET_STREAMS: JSON.stringify(names),
      FRESHET_BUCKET: "unused",
      AWS_REGION: EMBEDDED_REGION,
      AWS_ACCESS_KEY_ID: EMBEDDED_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: EMBEDDED_CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL_KINESIS: endpoints.kinesis,
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamo,
    },
    stop: () => shutdown.run(),
  };
}
