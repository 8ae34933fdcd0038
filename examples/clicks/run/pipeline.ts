import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { client, type ServiceClient } from "../../../lib/client/index.ts";
import type { Clock } from "../../../lib/engine/ports/clock.ts";
import { embeddedKinesisClient } from "../../../lib/local/embedded-clients.ts";
import { type LocalRuntime, startLocalRuntime } from "../../../lib/local/runtime.ts";
import { clicks, traffic, visitor } from "../definitions.ts";
import type { ClicksOptions } from "../options.ts";

/** Typed clients of what is served. */
export interface ClicksApi {
  readonly visitor: ServiceClient<typeof visitor>;
  readonly traffic: ServiceClient<typeof traffic>;
}

/** The example's pipeline, and what a producer and a reader of it need. */
export interface ClicksPipeline {
  readonly runtime: LocalRuntime;
  readonly api: ClicksApi;
  /** For `put`. */
  readonly stream: { readonly kinesis: KinesisClient; readonly streamName: string };
  stop(): Promise<void>;
}

/** Starts the example's pipeline on a clock. */
export async function startPipeline(
  options: Pick<ClicksOptions, "shards" | "port">,
  clock: Clock,
): Promise<ClicksPipeline> {
  const runtime = await startLocalRuntime({
    definitionsFile: new URL("../definitions.ts", import.meta.url),
    shards: options.shards,
    port: options.port,
    clock,
  });
  const kinesis = embeddedKinesisClient(runtime.endpoints.kinesis);
  const { url } = runtime;
  return {
    runtime,
    api: { visitor: client(visitor, { url }), traffic: client(traffic, { url }) },
    stream: { kinesis, streamName: runtime.streams[clicks.name]! },
    stop: async () => {
      kinesis.destroy();
      await runtime.stop();
    },
  };
}
