import { heartbeatPlan } from "../../constructs/heartbeat-plan.ts";
import { TRANSFORM_BUFFER } from "../../constructs/history-buffers.ts";
import { type Charge, type CostLine, KB, MB, MILLION, MONTH_SECONDS } from "../cost-line.ts";
import { isSentHeartbeats, type StatedLoad } from "../load.ts";
import type { SourceTraffic } from "../traffic.ts";

/**
 * What an invocation takes, in ms: two round trips to the table, then writes, sixteen at a time. Rounded up from
 * `npm run bench -- store` and `-- serve`, with 5 ms a call to DynamoDB.
 */
const BATCH_MS = 20;
const EVENT_MS = 0.02;
const WRITE_MS = 0.4;
const PREDICTION_MS = 15;
const HEARTBEAT_WORK_MS = 300;
const HEARTBEAT_MEMORY_MB = 192;
const TRANSFORM_MS = 50;
const TRANSFORM_RECORD_MS = 0.05;
const TRANSFORM_MEMORY_MB = 512;

/** The functions: aggregator, API, heartbeats and the history's transform. */
export function functionLines(
  traffic: readonly SourceTraffic[],
  load: StatedLoad,
  charge: Charge,
): CostLine[] {
  const duration = load.architecture === "arm64" ? "lambdaArmGbSecond" : "lambdaX86GbSecond";
  const lines = (what: string, invocationsPerSecond: number, msPerSecond: number, memoryMb: number) => [
    charge(
      "Lambda",
      `${what}: requests`,
      "lambdaRequestMillion",
      (invocationsPerSecond * MONTH_SECONDS) / MILLION,
    ),
    charge("Lambda", `${what}: time`, duration, ((msPerSecond / 1_000) * MONTH_SECONDS * memoryMb) / KB),
  ];
  let invocations = 0;
  let busyMs = 0;
  let beats = 0;
  let beatMs = 0;
  let transforms = 0;
  let transformMs = 0;
  for (const each of traffic) {
    invocations += each.invocationsPerSecond;
    const writes = each.views.reduce((sum, { writesPerInvocation }) => sum + writesPerInvocation, 0);
    busyMs +=
      each.invocationsPerSecond *
      (BATCH_MS + EVENT_MS * each.eventsPerInvocation * each.views.length + WRITE_MS * writes);
    if (isSentHeartbeats(load, each.source)) {
      const { monthly } = heartbeatPlan(each.source.slaMs!);
      beats += monthly.invocations / MONTH_SECONDS;
      beatMs +=
        (monthly.waitingSeconds * 1_000 + monthly.recordsPerShard * HEARTBEAT_WORK_MS) / MONTH_SECONDS;
    }
    const records = each.eventsPerSecond + each.heartbeatsPerSecond * each.shards;
    const batches = Math.max(
      Math.min(records, each.shards / TRANSFORM_BUFFER.seconds),
      (each.eventsPerSecond * load.eventBytes) / (TRANSFORM_BUFFER.mib * MB),
    );
    transforms += batches;
    transformMs += batches * TRANSFORM_MS + records * TRANSFORM_RECORD_MS;
  }
  const predictionsPerSecond = load.api ? load.predictionsPerSecond : 0;
  const provisionedConcurrency = load.api ? load.provisionedConcurrency : 0;
  const predictionMs = predictionsPerSecond * PREDICTION_MS;
  // Requests under way at a time, on average: what is kept warm takes them first.
  const servedWarm = predictionMs === 0 ? 0 : Math.min(1, provisionedConcurrency / (predictionMs / 1_000));
  return [
    ...lines("aggregator", invocations, busyMs, load.aggregatorMemoryMb),
    ...lines("API", predictionsPerSecond, (1 - servedWarm) * predictionMs, load.apiMemoryMb),
    ...keptWarm(load, servedWarm * predictionMs, charge),
    ...lines("heartbeats", beats, beatMs, HEARTBEAT_MEMORY_MB),
    charge("EventBridge Scheduler", "heartbeats", "schedulerMillion", (beats * MONTH_SECONDS) / MILLION),
    ...(load.history === "none"
      ? []
      : lines("history's transform", transforms, transformMs, TRANSFORM_MEMORY_MB)),
  ];
}

/** The API's environments that are kept warm, asked or not, and the time that they serve. */
function keptWarm(load: StatedLoad, msPerSecond: number, charge: Charge): CostLine[] {
  const { provisionedConcurrency, apiMemoryMb } = load;
  if (!load.api || provisionedConcurrency === 0) return [];
  const isArm = load.architecture === "arm64";
  const gbMonth = (MONTH_SECONDS * apiMemoryMb) / KB;
  return [
    charge(
      "Lambda",
      "API: kept warm",
      isArm ? "lambdaArmProvisionedGbSecond" : "lambdaX86ProvisionedGbSecond",
      provisionedConcurrency * gbMonth,
    ),
    charge(
      "Lambda",
      "API: time, kept warm",
      isArm ? "lambdaArmProvisionedDurationGbSecond" : "lambdaX86ProvisionedDurationGbSecond",
      (msPerSecond / 1_000) * gbMonth,
    ),
  ];
}
