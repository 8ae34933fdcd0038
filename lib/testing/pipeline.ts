import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { z } from "zod";
import type { LossReport } from "../../functions/mark-losses/emit-metrics.ts";
import type { ServiceClient } from "../client/api/client.ts";
import type { Duration } from "../define/duration.ts";
import type { FeatureService, FeatureValue, Source, View } from "../define/types.ts";
import type { Scalar } from "../define/where.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { BatchReport } from "../online/batch-report.ts";
import type { SetAsideRecord, TestCounts, TestReading } from "./answers.ts";
import type { Fault } from "./faults/fault.ts";
import type { TestHistory } from "./history.ts";

/** A record as any producer may put it: what it holds is not checked. */
export interface TestRecord {
  /** What is put, as it is; text as UTF-8. */
  readonly data: string | Uint8Array;
  readonly partitionKey: string;
  /** A decimal from 0 to 2^128 - 1 that chooses the shard in place of the partition key's hash. */
  readonly explicitHashKey?: string;
}

/** A whole pipeline in this process, on time of its own. */
export interface TestPipeline {
  /** The test's time, for code that takes a clock. */
  readonly clock: Clock;
  /** The test's time as ISO 8601 text, or one so long before it. */
  time(before?: Duration): string;
  /**
   * Lets time pass: batching windows end, what failed is tried again, heartbeats are sent, the table's TTL deletes. Of a
   * long stretch only the last heartbeats are sent; the others would change no answer.
   */
  advance(by: Duration): Promise<void>;
  /**
   * Puts events on their source's stream, in order, at the test's time. When this resolves they are folded, or set
   * aside, unless something keeps them: a batching window, a fault, a pause.
   *
   * @throws FreshetError `REQUEST_INVALID` for an event that does not fit the source's schema: nothing is put then.
   */
  put<Schema extends z.ZodObject>(
    source: Source<string, Schema>,
    events: readonly z.input<Schema>[],
  ): Promise<void>;
  /** Puts records as they are, so that what is wrong with them ends in quarantine. */
  putRecords(source: Source, records: readonly TestRecord[]): Promise<void>;
  /**
   * Lets as much time pass as it takes until everything put has been handled.
   *
   * @throws FreshetError `STREAM_UNAVAILABLE` when a day is not enough.
   */
  drain(): Promise<void>;
  /**
   * An entity's features, through the reader that the API serves from. The key may be left out where there is none.
   *
   * @throws FreshetError `ENTITY_KEY_INVALID` for other fields than the entity has, and values that no event has.
   */
  read<Features extends Record<string, FeatureValue>, Key extends Record<string, Scalar>>(
    view: View<string, Features, Key>,
    ...key: Record<string, never> extends Key ? [key?: Key] : [key: Key]
  ): Promise<TestReading<Features>>;
  /** The API, asked without a network: the Hono app that a deployment serves. Paths stand alone, or in any URL. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** The API's typed client. A problem is thrown at once, as its `ApiError`. */
  client<const Service extends FeatureService>(
    service: Service,
    options?: { readonly model?: string },
  ): ServiceClient<Service>;
  /** Makes something go wrong, the next time that it can. */
  inject(fault: Fault): void;
  /** Faults that were injected and have not happened yet. */
  readonly pendingFaults: readonly Fault[];
  /** Hands no further batch to the function, heartbeats among them: lag grows as time passes. */
  pauseDelivery(): void;
  /** Hands batches on again, beginning with what waits. Resolves once that is handled. */
  resumeDelivery(): Promise<void>;
  /** Records that no view, or not the named one, could take, each once. */
  quarantined(source?: Source): Promise<readonly SetAsideRecord[]>;
  /** Records that came too late for a view, each once. */
  late(source?: Source): Promise<readonly SetAsideRecord[]>;
  /** What became of the records of a view's source, counted from items and objects. */
  counts(view: View): Promise<TestCounts>;
  /**
   * What a deployment would keep of a source's events in S3: everything put so far, as the deployed transform answers it.
   * Of Firehose itself nothing is run: objects, their prefixes and the minutes that they are gathered for.
   *
   * @param options.format - as the pipeline's option `history.format`; Parquet's rows unless given.
   * @throws FreshetError `DEFINITION_INVALID` for Parquet of a source whose fields its columns cannot tell apart,
   * `OPTION_INVALID` for another format.
   */
  history(source: Source, options?: { readonly format?: "parquet" | "json" }): Promise<TestHistory>;
  /** What the function that marks losses reported of each batch that was given up. */
  readonly losses: readonly LossReport[];
  /** What the function reported of each batch, as its metrics are made from. */
  readonly batches: readonly BatchReport[];
  /** The stream's client for code that puts by itself; also for `SplitShardCommand` and `MergeShardsCommand`. */
  readonly kinesis: KinesisClient;
  /** The table's client, past all faults. */
  readonly dynamo: DynamoDBClient;
  /** The table's name. */
  readonly table: string;
  /** Frees the models. Nothing else outlives the test. */
  close(): Promise<void>;
}
