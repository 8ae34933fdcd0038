import type { KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda";
import type { Source } from "../../../define/types.ts";
import type { Scalar } from "../../../define/where.ts";
import { decodeHeartbeat } from "../../../engine/heartbeat.ts";
import type { ViewPlan } from "../../../engine/plan.ts";
import type { Clock } from "../../../engine/ports/clock.ts";
import type { KinesisBatchHandler } from "../../poller/kinesis-batch-handler.ts";
import type { LatencyRow } from "../snapshot.ts";
import { type BusiestKeys, createBusiestKeys, type KeyValues } from "./busiest-keys.ts";
import { createRecentDurations } from "./recent-durations.ts";

/** Watches what the poller hands to the aggregator: how long records waited, and whose they are. */
export interface Deliveries {
  /** A handler that does as the given one does. */
  observe(source: Source, handler: KinesisBatchHandler): KinesisBatchHandler;
  busiest(viewId: string, count: number): readonly KeyValues[];
  latencies(): readonly LatencyRow[];
}

/** Decoding every record twice would cost: of a batch, every n-th, so that at most this many. */
const MOST_SAMPLED = 200;
const MOST_KEYS = 256;
const LONGEST_KEY = 200;
const AGE_EVERY_MS = 20_000;
const DURATIONS = { capacity: 4_096, keepMs: 300_000 };

/** @param options.wallClock - the one that the stream stamps arrivals by. */
export function createDeliveries(options: {
  readonly plans: readonly ViewPlan[];
  readonly wallClock: Clock;
}): Deliveries {
  const { plans, wallClock } = options;
  const available = createRecentDurations(DURATIONS);
  const batches = createRecentDurations(DURATIONS);
  const keys = new Map<string, BusiestKeys>(
    plans.map(({ id }) => [id, createBusiestKeys({ capacity: MOST_KEYS })]),
  );
  let agedAtMs = wallClock.now();

  const noteKeys = (source: Source, record: KinesisStreamRecord, weight: number): void => {
    const row = rowOf(source, record);
    if (row === null) return;
    for (const { id, view } of plans) {
      if (view.source.name !== source.name) continue;
      const key = view.entity.map((field) => row[field]);
      if (key.every(canBeKey)) keys.get(id)!.add(key, weight);
    }
  };
  const note = (source: Source, { Records: records }: KinesisStreamEvent): void => {
    const nowMs = wallClock.now();
    if (nowMs - agedAtMs >= AGE_EVERY_MS) {
      for (const each of keys.values()) each.age();
      agedAtMs = nowMs;
    }
    const stride = Math.ceil(records.length / MOST_SAMPLED);
    for (let index = 0; index < records.length; index += stride) {
      const record = records[index]!;
      if (decodeHeartbeat(Buffer.from(record.kinesis.data, "base64")) !== null) continue;
      available.add(nowMs, Math.max(0, nowMs - 1_000 * record.kinesis.approximateArrivalTimestamp));
      noteKeys(source, record, stride);
    }
  };
  return {
    observe: (source, handler) => async (event) => {
      const startedMs = wallClock.now();
      const answer = await handler(event);
      // Records of a batch that is not finished will be delivered, and noted, again.
      if ((answer?.batchItemFailures ?? []).length === 0) {
        const endedMs = wallClock.now();
        batches.add(endedMs, endedMs - startedMs);
        note(source, event);
      }
      return answer;
    },
    busiest: (viewId, count) => keys.get(viewId)?.top(count) ?? [],
    latencies: () => {
      const nowMs = wallClock.now();
      const row = (name: string, of: typeof available): LatencyRow => ({
        name,
        kind: "pipeline",
        ...of.percentiles(nowMs),
        failed: 0,
      });
      return [row("put to available", available), row("fold of a batch", batches)];
    },
  };
}

/** A row by its schema; null for what will be quarantined. */
function rowOf(source: Source, { kinesis }: KinesisStreamRecord): Readonly<Record<string, unknown>> | null {
  try {
    const parsed = source.schema.safeParse(JSON.parse(Buffer.from(kinesis.data, "base64").toString("utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** What entities are named by, in a length that is worth showing. */
function canBeKey(value: unknown): value is Scalar {
  if (typeof value === "string") return value.length <= LONGEST_KEY && value.isWellFormed();
  return typeof value === "boolean" || Number.isFinite(value);
}
