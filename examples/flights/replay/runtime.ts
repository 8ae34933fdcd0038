import { createReplayClock, type ReplayClock } from "../../../lib/local/replay-clock.ts";
import { type LocalRuntime, startLocalRuntime } from "../../../lib/local/runtime.ts";
import type { PredictionLogEntry } from "../../../lib/serve/prediction-log.ts";
import type { JsonLines } from "../../command/json-lines.ts";
import type { StreamName } from "../deliver/delivery.ts";
import { DAY_MS } from "../flights.ts";
import type { FlightsOptions } from "../options.ts";
import { createReplayMeter, type ReplayMeter } from "./meter.ts";

/** The pipeline of the example on the clock of the replay. */
export interface FlightsRuntime {
  readonly runtime: LocalRuntime;
  readonly clock: ReplayClock;
  readonly meter: ReplayMeter;
  /** Records that an earlier run has put to each stream. */
  readonly alreadyPut: Readonly<Record<StreamName, number>>;
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
    ...(options.resume === null
      ? { serverThread: true }
      : { folder: { path: options.resume, madeBy: madeBy(options) } }),
    ...(log === null ? {} : { onPrediction: (entry) => log.write(logLine(entry)) }),
  });
  const { streams } = runtime.stats();
  const alreadyPut = { departures: streams.departures!.put, arrivals: streams.arrivals!.put };
  return { runtime, clock, meter, alreadyPut };
}

/** What a folder can be gone on with by. */
function madeBy({ once, range, faultSeed }: FlightsOptions) {
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    example: "flights",
    replay: once ? "once" : "live",
    from: time(range.fromMs),
    days: (range.endMs - range.fromMs) / DAY_MS,
    faults: faultSeed === null ? "none" : `seed ${faultSeed}`,
  };
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
