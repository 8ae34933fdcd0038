import type { FirehoseTransformationEventRecord, FirehoseTransformationResultRecord } from "aws-lambda";
import { createHistoryTransform } from "../../functions/history-transform/handler.ts";
import { TRANSFORM_BUFFER } from "../constructs/history-buffers.ts";
import { FreshetError } from "../define/error.ts";
import { quote } from "../define/refuse.ts";
import type { Source } from "../define/types.ts";
import type { RecordedPut } from "./recorded-puts.ts";

const FORMATS = ["parquet", "json"] as const;
const TRANSFORM_BYTES = TRANSFORM_BUFFER.mib * 1_048_576;

/** One event of the history, by the columns that a deployment's rows have. */
export interface TestHistoryEvent {
  /** The shard that it stood in. */
  readonly shard_id: string;
  /** Its place in the shard. */
  readonly sequence_number: string;
  /** Null: its record was not taken apart. */
  readonly subsequence_number: string | null;
  /** What it was put by. */
  readonly partition_key: string;
  /** When the stream took it, in epoch ms. */
  readonly arrival_ms: number;
  /** Whose time `arrival_ms` is: the stream's. */
  readonly stamped_by: "kinesis";
  /** For Parquet: its columns. For JSON: the event as it was put. */
  readonly event: Readonly<Record<string, unknown>>;
  /** For Parquet: the text that was put. */
  readonly payload?: string;
}

/** A record that does not fit its source, which a deployment keeps below `history-errors/`. */
export interface TestHistoryRejection {
  /** Where it stands in the stream. */
  readonly shardId: string;
  /** Its place in the shard. */
  readonly sequenceNumber: string;
  /** What was put, read as UTF-8. */
  readonly text: string;
}

/** What a deployment would keep of a source in S3. */
export interface TestHistory {
  /** In the order in which they were put, repeats among them. */
  readonly events: readonly TestHistoryEvent[];
  /** In the order in which they were put. */
  readonly rejected: readonly TestHistoryRejection[];
}

/**
 * Hands records to the transform that is deployed, shard by shard as Firehose does, and gathers what it answers.
 *
 * @throws FreshetError `OPTION_INVALID` for another format.
 */
export async function historyOf(options: {
  /** What the user gave. */
  readonly module: Readonly<Record<string, unknown>>;
  readonly source: Source;
  readonly format: (typeof FORMATS)[number];
  readonly puts: readonly RecordedPut[];
}): Promise<TestHistory> {
  const { module, source, format, puts } = options;
  if (!FORMATS.includes(format))
    throw new FreshetError(
      "OPTION_INVALID",
      `format is ${quote(format)}; history is told as ${FORMATS.map(quote).join(" or ")}.`,
    );
  const transform = createHistoryTransform({
    environment: { FRESHET_SOURCE: source.name, FRESHET_HISTORY_FORMAT: format },
    definitions: module,
    metrics: () => {},
    // What it logs is told by the rejections.
    logger: { warn() {} },
  });
  const answers = new Map<string, FirehoseTransformationResultRecord>();
  for (const records of batchesOf(puts)) {
    const answer = await transform({
      invocationId: "test",
      deliveryStreamArn: `arn:aws:firehose:us-east-1:000000000000:deliverystream/${source.name}`,
      region: "us-east-1",
      records: [...records],
    });
    for (const record of answer.records) answers.set(record.recordId, record);
  }
  const events: TestHistoryEvent[] = [];
  const rejected: TestHistoryRejection[] = [];
  for (const [index, { shardId, sequenceNumber, data }] of puts.entries()) {
    const answer = answers.get(String(index))!;
    if (answer.result === "Ok") {
      events.push(JSON.parse(Buffer.from(answer.data!, "base64").toString("utf8")) as TestHistoryEvent);
    } else if (answer.result === "ProcessingFailed") {
      rejected.push({ shardId, sequenceNumber, text: Buffer.from(data).toString("utf8") });
    }
  }
  return { events, rejected };
}

/** What Firehose gathers of a shard before it calls the transform; a record is named by its place among all. */
function batchesOf(puts: readonly RecordedPut[]): readonly (readonly FirehoseTransformationEventRecord[])[] {
  const batches: FirehoseTransformationEventRecord[][] = [];
  const open = new Map<string, { readonly records: FirehoseTransformationEventRecord[]; bytes: number }>();
  for (const [index, { data, partitionKey, shardId, sequenceNumber, arrivalMs }] of puts.entries()) {
    let batch = open.get(shardId);
    if (batch === undefined || batch.bytes >= TRANSFORM_BYTES) {
      batch = { records: [], bytes: 0 };
      open.set(shardId, batch);
      batches.push(batch.records);
    }
    batch.bytes += data.length;
    batch.records.push({
      recordId: String(index),
      approximateArrivalTimestamp: arrivalMs,
      data: Buffer.from(data).toString("base64"),
      kinesisRecordMetadata: {
        shardId,
        partitionKey,
        sequenceNumber,
        subsequenceNumber: "",
        approximateArrivalTimestamp: arrivalMs,
      },
    });
  }
  return batches;
}
