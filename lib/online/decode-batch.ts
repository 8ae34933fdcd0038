import type { Source } from "../define/types.ts";
import type { createDecoder, ShardContext } from "../engine/decode.ts";
import { compareSequenceNumbers } from "../engine/position.ts";
import type { DecodedRecord, DeliveredRecord, SourceEvent } from "../engine/record.ts";
import type { ChannelEntry } from "./channels.ts";

/** An event and its place in the batch. */
export interface BatchEvent {
  readonly event: SourceEvent;
  readonly index: number;
}

/** An entry for a channel and the place in the batch of the record that it is about. */
export interface BatchEntry {
  readonly entry: ChannelEntry;
  readonly index: number;
}

/** A batch, every record decoded once. */
export interface DecodedBatch {
  /** In sequence order. */
  readonly records: readonly DeliveredRecord[];
  readonly decoded: readonly DecodedRecord[];
  readonly events: readonly BatchEvent[];
  /** Records that no view can take. */
  readonly rejected: readonly BatchEntry[];
  readonly heartbeats: number;
}

export function decodeBatch(
  source: Source,
  decode: ReturnType<typeof createDecoder>,
  shard: ShardContext,
  delivered: readonly DeliveredRecord[],
): DecodedBatch {
  const records = inSequenceOrder(delivered);
  const decoded: DecodedRecord[] = [];
  const events: BatchEvent[] = [];
  const rejected: BatchEntry[] = [];
  let heartbeats = 0;
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!;
    const result = decode(record, shard);
    decoded.push(result);
    if (result.kind === "event") events.push({ event: result, index });
    else if (result.kind === "heartbeat") heartbeats++;
    else {
      const { arrivalMs, reason, detail } = result;
      rejected.push({
        index,
        entry: channelEntry({ source, shard, record, arrivalMs, view: null, reason, detail }),
      });
    }
  }
  return { records, decoded, events, rejected, heartbeats };
}

/** Kinesis delivers in order; a fold of records out of order would take the lower for folded, so it is made sure. */
function inSequenceOrder(records: readonly DeliveredRecord[]): readonly DeliveredRecord[] {
  const inOrder = records.every(
    (record, i) =>
      i === 0 || compareSequenceNumbers(records[i - 1]!.sequenceNumber, record.sequenceNumber) <= 0,
  );
  if (inOrder) return records;
  return [...records].sort((left, right) =>
    compareSequenceNumbers(left.sequenceNumber, right.sequenceNumber),
  );
}

export function channelEntry(about: {
  readonly source: Source;
  readonly shard: ShardContext;
  readonly record: DeliveredRecord;
  readonly arrivalMs: number;
  readonly view: string | null;
  readonly reason: ChannelEntry["reason"];
  readonly detail: string;
}): ChannelEntry {
  const { source, shard, record, arrivalMs, view, reason, detail } = about;
  return {
    source: source.name,
    writer: shard.writer,
    sequenceNumber: record.sequenceNumber,
    view,
    arrivalMs,
    reason,
    detail,
    partitionKey: record.partitionKey,
    payload: Buffer.from(record.data.buffer, record.data.byteOffset, record.data.byteLength).toString(
      "base64",
    ),
  };
}
