import { heartbeatPlan } from "../constructs/heartbeat-plan.ts";
import { MB } from "./cost-line.ts";
import { isSentHeartbeats, type StatedLoad } from "./load.ts";
import type { PipelineShape, SourceShape, ViewShape } from "./pipeline-shape.ts";

/** Shards that a stream on demand begins with. */
const ON_DEMAND_SHARDS = 4;
/** What a shard takes. */
export const SHARD_BYTES_A_SECOND = MB;
export const SHARD_RECORDS_A_SECOND = 1_000;
/** A stream on demand makes room for twice its peak. */
const HEADROOM = 2;

/** How often Lambda reads a shard. */
const POLL_SECONDS = 1;

/** What goes through one source's stream. */
export interface SourceTraffic {
  readonly source: SourceShape;
  /** Whether its stream exists already, and is another's to pay for. */
  readonly exists: boolean;
  readonly shards: number;
  readonly eventsPerSecond: number;
  /** Of one shard. */
  readonly heartbeatsPerSecond: number;
  /** Of the aggregator, over all shards. */
  readonly invocationsPerSecond: number;
  /** On average; batches that hold only a heartbeat among them. */
  readonly eventsPerInvocation: number;
  readonly views: readonly ViewTraffic[];
}

export interface ViewTraffic {
  readonly view: ViewShape;
  /** Different entities among the events of a batch, on average: as many conditional writes. */
  readonly writesPerInvocation: number;
}

/** What a load does to each stream. */
export function trafficOf(shape: PipelineShape, load: StatedLoad): readonly SourceTraffic[] {
  return shape.sources.map((source) => {
    const eventsPerSecond = load.eventsPerSecond[source.name]!;
    const exists = load.existingStreams.includes(source.name);
    const shards =
      load.shards === "on-demand" || exists
        ? Math.max(ON_DEMAND_SHARDS, shardsFor(eventsPerSecond, load.eventBytes))
        : load.shards;
    const heartbeatsPerSecond = isSentHeartbeats(load, source)
      ? 1_000 / heartbeatPlan(source.slaMs!).periodMs
      : 0;
    const invocationsPerShard = invocationRate(eventsPerSecond / shards + heartbeatsPerSecond, load);
    const views = shape.views.filter((view) => view.source === source.name);
    const invocationsPerSecond = views.length === 0 ? 0 : shards * invocationsPerShard;
    const eventsPerInvocation = invocationsPerSecond === 0 ? 0 : eventsPerSecond / invocationsPerSecond;
    return {
      source,
      exists,
      shards,
      eventsPerSecond,
      heartbeatsPerSecond,
      invocationsPerSecond,
      eventsPerInvocation,
      views: views.map((view) => ({
        view,
        writesPerInvocation: differentEntities(view, eventsPerInvocation, shards, load),
      })),
    };
  });
}

/** Shards that take twice a rate of events. */
export function shardsFor(eventsPerSecond: number, eventBytes: number): number {
  const ofBytes = (eventsPerSecond * eventBytes) / SHARD_BYTES_A_SECOND;
  const ofRecords = eventsPerSecond / SHARD_RECORDS_A_SECOND;
  return Math.max(1, Math.ceil(HEADROOM * Math.max(ofBytes, ofRecords)));
}

/**
 * Batches a second of a shard whose records come at random at a rate: after one is closed, the next record is waited
 * for, and then the window; a batch that is full does not wait.
 */
function invocationRate(recordsPerSecond: number, load: StatedLoad): number {
  const windowSeconds = Math.max(POLL_SECONDS, load.batchingWindowSeconds);
  const byWindow = recordsPerSecond / (1 + recordsPerSecond * windowSeconds);
  return Math.max(byWindow, recordsPerSecond / load.batchSize);
}

/** How many of a batch's events are of an entity that none before them is of. */
function differentEntities(
  { entity, writers }: ViewShape,
  eventsPerInvocation: number,
  shards: number,
  { entities }: StatedLoad,
): number {
  if (entity.length === 0) return Math.min(1, eventsPerInvocation);
  if (entities === null) return eventsPerInvocation;
  const inShard = Math.max(1, writers === "single" ? entities / shards : entities);
  return Math.min(eventsPerInvocation, inShard * (1 - (1 - 1 / inShard) ** eventsPerInvocation));
}
