import type { SourceEvent } from "../../engine/record.ts";
import { columnValue, type HistoryColumn } from "./history-column.ts";

/** Where a record of the history stood in its stream, as far as that is known. */
export interface HistoryPosition {
  /** Null: whoever delivered the record did not say. */
  readonly shardId: string | null;
  readonly sequenceNumber: string | null;
  /** Tells the records apart that an aggregated record was taken apart into; null for any other. */
  readonly subsequenceNumber: string | null;
  readonly partitionKey: string | null;
  /** Epoch ms. */
  readonly arrivalMs: number;
  /** Whose arrival it is: the stream's own stamp, or Firehose's where that was not delivered. */
  readonly stampedBy: "kinesis" | "firehose";
}

/** What stands beside `event` in every record of the history, with Glue's types. */
export const POSITION_COLUMNS = {
  shard_id: "string",
  sequence_number: "string",
  subsequence_number: "string",
  partition_key: "string",
  arrival_ms: "bigint",
  stamped_by: "string",
} as const;

/** The payload as it was put, which Parquet's typed columns alone could not give back to the byte. */
export const PAYLOAD_COLUMN = "payload";

/**
 * One line of the history. With `columns`, for Parquet: the event as typed columns, and its payload. Without: the payload
 * itself as `event`.
 *
 * @param payload - the record's own JSON text.
 */
export function historyLine(
  position: HistoryPosition,
  {
    event,
    payload,
    columns,
  }: {
    readonly event: SourceEvent;
    readonly payload: string;
    readonly columns: readonly HistoryColumn[] | null;
  },
): string {
  const place: Record<keyof typeof POSITION_COLUMNS, string | number | null> = {
    shard_id: position.shardId,
    sequence_number: position.sequenceNumber,
    subsequence_number: position.subsequenceNumber,
    partition_key: position.partitionKey,
    arrival_ms: position.arrivalMs,
    stamped_by: position.stampedBy,
  };
  if (columns !== null) {
    const values = Object.fromEntries(columns.map((column) => [column.name, columnValue(column, event.row)]));
    return `${JSON.stringify({ ...place, event: values, [PAYLOAD_COLUMN]: payload })}\n`;
  }
  // Line ends stand between the tokens of JSON only; in its strings they are escaped.
  return `${JSON.stringify(place).slice(0, -1)},"event":${payload.replace(/[\r\n]/g, " ")}}\n`;
}
