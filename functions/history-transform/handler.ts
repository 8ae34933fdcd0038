import { Logger } from "@aws-lambda-powertools/logger";
import type {
  FirehoseTransformationEvent,
  FirehoseTransformationEventRecord,
  FirehoseTransformationResult,
  FirehoseTransformationResultRecord,
} from "aws-lambda";
import { collectDefinitions } from "../../lib/define/collect-definitions.ts";
import type { Source } from "../../lib/define/types.ts";
import { createDecoder } from "../../lib/engine/decode.ts";
import type { DecodedRecord } from "../../lib/engine/record.ts";
import { historyColumns } from "../../lib/offline/history/history-column.ts";
import { type HistoryPosition, historyLine } from "../../lib/offline/history/history-record.ts";
import type { Environment } from "../environment.ts";
import { createHistoryMetrics, type HistoryReporter } from "./emit-metrics.ts";
import { readEnvironment } from "./environment.ts";
import { positionOf } from "./firehose-event.ts";

/** Lambda's limit on an answer is 6 MB; what would pass it is kept raw among the errors. */
const MAX_ANSWER_BYTES = 5_500_000;

/** Takes structured log lines; Powertools' Logger is one. */
export interface HistoryLogger {
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface HistoryTransformOptions {
  /** `FRESHET_SOURCE`, `FRESHET_HISTORY_FORMAT`, `FRESHET_METRICS_NAMESPACE`. */
  readonly environment: Environment;
  /** A definitions module's exports by name. */
  readonly definitions: Readonly<Record<string, unknown>>;
  /** Told of every batch. @default CloudWatch metrics in embedded metric format on standard output */
  readonly metrics?: HistoryReporter;
  /** @default JSON lines on standard output */
  readonly logger?: HistoryLogger;
}

export type HistoryTransform = (event: FirehoseTransformationEvent) => Promise<FirehoseTransformationResult>;

/**
 * Makes the Lambda through which Firehose passes a stream on its way to S3: events that the aggregator would take become
 * lines of the history with their place in the stream, heartbeats are dropped, and what does not fit the source goes, as it
 * was put, to the objects of the error prefix.
 *
 * @throws FreshetError `OPTION_INVALID` for an environment that is incomplete, `DEFINITION_INVALID`
 * @example
 * ```ts
 * export const handler = createHistoryTransform({ environment: process.env, definitions });
 * ```
 */
export function createHistoryTransform(options: HistoryTransformOptions): HistoryTransform {
  const { environment } = options;
  const { source, format } = readEnvironment(environment, collectDefinitions(options.definitions).sources);
  const columns = format === "parquet" ? historyColumns(source) : null;
  const logger: HistoryLogger = options.logger ?? new Logger({ serviceName: "history-transform" });
  const report = options.metrics ?? createHistoryMetrics(environment);
  const decode = createHistoryDecoder(source);

  return async ({ records }) => {
    const counts = { source: source.name, kept: 0, rejected: 0, heartbeats: 0, withoutPosition: 0 };
    let bytes = 0;
    const fail = (record: FirehoseTransformationEventRecord, reason: string, detail: string) => {
      counts.rejected++;
      logger.warn("a record is kept among the errors", { source: source.name, reason, detail });
      return { recordId: record.recordId, result: "ProcessingFailed" as const, data: record.data };
    };
    const transform = (record: FirehoseTransformationEventRecord): FirehoseTransformationResultRecord => {
      const position = positionOf(record);
      const payload = Buffer.from(record.data, "base64");
      const decoded = decode(payload, position);
      if (decoded.kind === "heartbeat") {
        counts.heartbeats++;
        return { recordId: record.recordId, result: "Dropped", data: record.data };
      }
      if (decoded.kind === "rejected") return fail(record, decoded.reason, decoded.detail);
      const line = historyLine(position, { event: decoded, payload: payload.toString("utf8"), columns });
      const data = Buffer.from(line).toString("base64");
      if (bytes + data.length > MAX_ANSWER_BYTES) {
        return fail(record, "answer-full", `the batch's lines take more than ${MAX_ANSWER_BYTES} bytes.`);
      }
      bytes += data.length;
      counts.kept++;
      if (position.stampedBy === "firehose") counts.withoutPosition++;
      return { recordId: record.recordId, result: "Ok", data };
    };
    const answer = { records: records.map(transform) };
    report(counts);
    return answer;
  };
}

/** Decodes as the aggregator does. A record that comes without its partition key is taken to have the right one. */
function createHistoryDecoder(
  source: Source,
): (data: Uint8Array, position: HistoryPosition) => DecodedRecord {
  const decode = createDecoder(source);
  return (data, { shardId, sequenceNumber, partitionKey, arrivalMs }) => {
    const delivered = (key: string) =>
      decode(
        { data, partitionKey: key, sequenceNumber: sequenceNumber ?? "", approximateArrivalMs: arrivalMs },
        { writer: shardId ?? "", hashRange: null },
      );
    const decoded = delivered(partitionKey ?? "");
    if (partitionKey !== null || decoded.kind !== "rejected" || decoded.reason !== "wrong-partition-key") {
      return decoded;
    }
    // It was refused for its key alone, so that it is JSON and fits the schema.
    const row = source.schema.parse(JSON.parse(Buffer.from(data).toString("utf8")));
    return delivered(String(row[source.partitionKey]));
  };
}
