import { createReplayClock, type ReplayClock } from "../../../lib/local/replay-clock.ts";
import { type LocalRuntime, startLocalRuntime } from "../../../lib/local/runtime.ts";
import type { PredictionLogEntry } from "../../../lib/serve/prediction-log.ts";
import type { JsonLines } from "../../command/json-lines.ts";
import type { FlightsOptions } from "../options.ts";
import { createReplayMeter, type ReplayMeter } from "./meter.ts";

/** The pipeline of the example on the clock of the replay. */
export interface FlightsRuntime {
  readonly runtime: LocalRuntime;
  readonly clock: ReplayClock;
  readonly meter: ReplayMeter;
}

/** Lambda's largest: what piles up while the replay runs ahead is folded in few, large batches. */
const BATCH_SIZE = 10_000;

/** Starts the example's pipeline at the first minute of the range. */
export async function startFlights(options: FlightsOptions, log: JsonLines | null): Promise<FlightsRuntime> {
  const clock = createReplayClock(options.range.fromMs);
  const meter = createReplayMeter();
  const runtime = await startLocalRuntime({
    definitionsFile: new URL("../definitions.ts", import.meta.url),
    shards: options.shards,
    clock,
    port: options.port,
    batchSize: BATCH_SIZE,
    onMetrics: meter.report,
    ...(log === null ? {} : { onPrediction: (entry) => log.write(logLine(entry)) }),
  });
  return { runtime, clock, meter };
}

/** A scored request as `--log` writes it. */
function logLine({ timeMs, vector, views, score }: PredictionLogEntry): object {
  return {
    time: new Date(timeMs).toISOString(),
    keys: Object.fromEntries(Object.entries(views).map(([alias, { key }]) => [alias, key])),
    vector:
      vector === null
        ? null
        : Object.fromEntries(vector.names.map((name, index) => [name, vector.values[index]])),
    positions: Object.fromEntries(Object.entries(views).map(([alias, { positions }]) => [alias, positions])),
    score,
  };
}
