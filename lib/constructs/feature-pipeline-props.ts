import type { IStream } from "aws-cdk-lib/aws-kinesis";
import type { Load } from "../cost/index.ts";
import type {
  AggregatorOptions,
  AnyBucket,
  AnyTable,
  EventHistoryOptions,
  ExistingStream,
  FeatureMonitoringOptions,
  FunctionOptions,
  InferenceApiOptions,
  RetentionOptions,
  StreamOptions,
} from "./options.ts";

/** What a `FeaturePipeline` takes: the definitions, what exists already, and what differs from the defaults. */
export interface FeaturePipelineProps extends FunctionOptions, RetentionOptions {
  /**
   * The module that exports the definitions: a path, or a file URL such as `new URL("./fraud.ts", import.meta.url)`.
   * It is checked at synthesis, as `freshet check` does, and bundled with the functions.
   */
  readonly definitions: string | URL;
  /** Existing streams by source name; every other source gets one of its own. @default none */
  readonly streams?: Readonly<Record<string, IStream | ExistingStream>>;
  /** An existing table with the partition key `pk` (text), no sort key, and the TTL attribute `ttl`. @default one is made */
  readonly table?: AnyTable;
  /** An existing bucket for late and quarantined records, lost batches and history. @default one is made */
  readonly bucket?: AnyBucket;
  /** How streams are made. */
  readonly stream?: StreamOptions;
  /** How streams are folded: the same for every source. */
  readonly aggregator?: AggregatorOptions;
  /** @default Parquet; false: events are not kept */
  readonly history?: EventHistoryOptions | false;
  /**
   * What is expected to go through: with it, synthesis tells what a month costs, as `freshet cost` does.
   * @default nothing is told
   */
  readonly load?: Pick<Load, "eventsPerSecond" | "predictionsPerSecond" | "eventBytes" | "entities">;
  /** @default the API is deployed; false: it is not */
  readonly api?: InferenceApiOptions | false;
  /** @default a dashboard, and alarms that tell nobody; false: neither */
  readonly monitoring?: FeatureMonitoringOptions | false;
}
