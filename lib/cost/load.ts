import { OBJECT_BUFFER } from "../constructs/history-buffers.ts";
import { isRecord, type OptionNames } from "../define/check-options.ts";
import { FreshetError } from "../define/error.ts";
import { requireKnownOptions } from "../define/require-known-options.ts";
import type { SourceShape } from "./pipeline-shape.ts";

/** Limits of an event source mapping of Kinesis. */
export const MAX_BATCH_SIZE = 10_000;
export const MAX_BATCHING_WINDOW_SECONDS = 300;
/** Of Firehose. */
export const MAX_BUFFERING_INTERVAL_SECONDS = 900;

/** What goes through a pipeline, and how it is deployed: what `FeaturePipeline` does by default, unless said otherwise. */
export interface Load {
  /** Of all sources together, evenly spread over them; or by source. */
  readonly eventsPerSecond: number | Readonly<Record<string, number>>;
  /** Each a request of its own, for one entity. */
  readonly predictionsPerSecond: number;
  /** Of one event as it is put. @default 300 */
  readonly eventBytes?: number;
  /**
   * How many entities each view has, equally busy: of the events of a batch, those of one entity are one write.
   * @default each event of a batch is another entity's
   */
  readonly entities?: number;
  /** Sources whose streams exist already, whose owners pay for them. @default none */
  readonly existingStreams?: readonly string[];
  /** Shards of each stream that does not exist already. @default "on-demand" */
  readonly shards?: number | "on-demand";
  /** @default 1000 */
  readonly batchSize?: number;
  /** @default 1 */
  readonly batchingWindowSeconds?: number;
  /** Of the aggregator. @default 1024 */
  readonly aggregatorMemoryMb?: number;
  /** Of the API's function. @default 1769 */
  readonly apiMemoryMb?: number;
  /** Environments of the API's function that are kept warm. @default 0 */
  readonly provisionedConcurrency?: number;
  /** @default "arm64" */
  readonly architecture?: "arm64" | "x86_64";
  /** How events are kept in S3. @default "parquet" */
  readonly history?: "parquet" | "json" | "none";
  /** How long Firehose gathers before it writes an object. @default 300 */
  readonly bufferingIntervalSeconds?: number;
  /** Of every source that a view reads, or of those that are named. @default true */
  readonly heartbeats?: boolean | readonly string[];
  /** False: another process predicts, whose reads of the table are counted. @default true */
  readonly api?: boolean;
  /** Dashboard and alarms, beside the API's own two; metrics are written either way. @default true */
  readonly monitoring?: boolean;
}

const LOAD_OPTIONS: OptionNames<Load> = {
  eventsPerSecond: true,
  predictionsPerSecond: true,
  eventBytes: true,
  entities: true,
  existingStreams: true,
  shards: true,
  batchSize: true,
  batchingWindowSeconds: true,
  aggregatorMemoryMb: true,
  apiMemoryMb: true,
  provisionedConcurrency: true,
  architecture: true,
  history: true,
  bufferingIntervalSeconds: true,
  heartbeats: true,
  api: true,
  monitoring: true,
};

/** A load with its defaults filled in, and events by source. */
export interface StatedLoad extends Required<Omit<Load, "eventsPerSecond" | "entities">> {
  /** By source. */
  readonly eventsPerSecond: Readonly<Record<string, number>>;
  /** Null: each event of a batch is another entity's. */
  readonly entities: number | null;
}

/** @throws FreshetError `OPTION_INVALID` for a number that cannot be, an option or a source that there is not. */
export function statedLoad(load: Load, sources: readonly string[]): StatedLoad {
  requireKnownOptions("the load", load, LOAD_OPTIONS);
  const stated: StatedLoad = {
    eventBytes: 300,
    shards: "on-demand",
    batchSize: 1000,
    batchingWindowSeconds: 1,
    aggregatorMemoryMb: 1024,
    apiMemoryMb: 1769,
    provisionedConcurrency: 0,
    architecture: "arm64",
    history: "parquet",
    bufferingIntervalSeconds: OBJECT_BUFFER.seconds,
    existingStreams: [],
    heartbeats: true,
    api: true,
    monitoring: true,
    ...load,
    entities: load.entities ?? null,
    eventsPerSecond: eventsBySource(load.eventsPerSecond, sources),
  };
  requireFrom("predictionsPerSecond", stated.predictionsPerSecond, 0);
  requireFrom("eventBytes", stated.eventBytes, 1);
  if (stated.entities !== null) requireFrom("entities", stated.entities, 1);
  requireFrom("shards", stated.shards, 1, { word: "on-demand" });
  requireFrom("batchSize", stated.batchSize, 1, { most: MAX_BATCH_SIZE });
  const { batchingWindowSeconds } = stated;
  requireFrom("batchingWindowSeconds", batchingWindowSeconds, 0, { most: MAX_BATCHING_WINDOW_SECONDS });
  requireFrom("aggregatorMemoryMb", stated.aggregatorMemoryMb, 128);
  requireFrom("apiMemoryMb", stated.apiMemoryMb, 128);
  const { bufferingIntervalSeconds } = stated;
  requireFrom("bufferingIntervalSeconds", bufferingIntervalSeconds, 0, {
    most: MAX_BUFFERING_INTERVAL_SECONDS,
  });
  requireFrom("provisionedConcurrency", stated.provisionedConcurrency, 0);
  requireSources("existingStreams", stated.existingStreams, sources);
  if (typeof stated.heartbeats !== "boolean") requireSources("heartbeats", stated.heartbeats, sources);
  return stated;
}

/** Whether heartbeats are sent to a source's stream: where no view reads it, nobody waits for any. */
export function isSentHeartbeats({ heartbeats }: StatedLoad, { name, slaMs }: SourceShape): boolean {
  return slaMs !== null && (typeof heartbeats === "boolean" ? heartbeats : heartbeats.includes(name));
}

function eventsBySource(
  given: Load["eventsPerSecond"],
  sources: readonly string[],
): Readonly<Record<string, number>> {
  if (typeof given === "number") {
    requireFrom("eventsPerSecond", given, 0);
    return Object.fromEntries(sources.map((name) => [name, given / sources.length]));
  }
  if (!isRecord(given)) {
    throw new FreshetError(
      "OPTION_INVALID",
      `eventsPerSecond is ${JSON.stringify(given)}; it is a number, or numbers by source.`,
    );
  }
  requireSources("eventsPerSecond", Object.keys(given), sources);
  for (const [name, rate] of Object.entries(given)) requireFrom(`eventsPerSecond of ${name}`, rate, 0);
  return Object.fromEntries(sources.map((name) => [name, given[name] ?? 0]));
}

function requireSources(option: string, names: readonly string[], sources: readonly string[]): void {
  const unknown = names.find((name) => !sources.includes(name));
  if (unknown === undefined) return;
  throw new FreshetError(
    "OPTION_INVALID",
    `${option} names the source ${JSON.stringify(unknown)}; there are ${sources.join(", ")}.`,
  );
}

function requireFrom(
  name: string,
  value: number | string,
  least: number,
  { most = Number.MAX_VALUE, word }: { readonly most?: number; readonly word?: string } = {},
): void {
  if (word !== undefined && value === word) return;
  if (typeof value === "number" && value >= least && value <= most) return;
  const given = typeof value === "number" ? value : JSON.stringify(value);
  const range = most === Number.MAX_VALUE ? `from ${least} on` : `from ${least} to ${most}`;
  const orWord = word === undefined ? "" : `${JSON.stringify(word)}, or `;
  throw new FreshetError("OPTION_INVALID", `${name} is ${given}; it is ${orWord}a number ${range}.`);
}
