import type { Source } from "../define/types.ts";
import type { PassingDecoder, ShardContext } from "../engine/decode.ts";
import { compareSequenceNumbers } from "../engine/position.ts";
import type { DeliveredRecord, PassingEvent } from "../engine/record.ts";
import type { ChannelEntry } from "./channels.ts";

/** An entry for a channel and the place in the batch of the record that it is about. */
export interface BatchEntry {
  readonly entry: ChannelEntry;
  readonly index: number;
}

/** A batch, every record decoded once. What views make of its events is theirs; their rows are not kept. */
export interface DecodedBatch {
  /** In sequence order, each once. */
  readonly records: readonly DeliveredRecord[];
  /** When each record arrived, epoch ms; NaN for a rejected one of a source that declares arrivals. */
  readonly arrivalsMs: Float64Array;
  /** How many records are events. */
  readonly events: number;
  /** Records that no view can take. */
  readonly rejected: readonly BatchEntry[];
  readonly heartbeats: number;
}

/** Decodes a batch, and hands each event on with its index in `records`. */
export function decodeBatch(
  source: Source,
  decode: PassingDecoder["decode"],
  shard: ShardContext,
  delivered: readonly DeliveredRecord[],
  take: (event: PassingEvent, index: number) => void,
): DecodedBatch {
  const records = inSequenceOrder(delivered);
  const arrivalsMs = new Float64Array(records.length);
  const rejected: BatchEntry[] = [];
  let events = 0;
  let heartbeats = 0;
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!;
    const result = decode(record, shard);
    arrivalsMs[index] = result.arrivalMs;
    if (result.kind === "event") {
      events++;
      take(result, index);
    } else if (result.kind === "heartbeat") heartbeats++;
    else {
      const { arrivalMs, reason, detail } = result;
      // Where arrival is declared in the record, one that cannot be read has none: Kinesis's stamp is of another clock.
      if (source.arrivalTime !== null) arrivalsMs[index] = Number.NaN;
      rejected.push({
        index,
        entry: channelEntry({ source, shard, record, arrivalMs, view: null, reason, detail }),
      });
    }
  }
  return { records, arrivalsMs, events, rejected, heartbeats };
}

/** Kinesis delivers in order; a fold of records out of order would take the lower for folded, so it is made sure. */
function inSequenceOrder(records: readonly DeliveredRecord[]): readonly DeliveredRecord[] {
  const inOrder = records.every(
    (record, i) =>
      i === 0 || compareSequenceNumbers(records[i - 1]!.sequenceNumber, record.sequenceNumber) < 0,
  );
  if (inOrder) return records;
  return [...records]
    .sort((left, right) => compareSequenceNumbers(left.sequenceNumber, right.sequenceNumber))
    .filter(({ sequenceNumber }, i, sorted) => i === 0 || sorted[i - 1]!.sequenceNumber !== sequenceNumber);
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
  // Asked for once: a getter answers other bytes each time, in a pool's buffers at another place.
  const { data } = record;
  return {
    source: source.name,
    writer: shard.writer,
    sequenceNumber: record.sequenceNumber,
    view,
    arrivalMs,
    reason,
    detail,
    partitionKey: record.partitionKey,
    payload: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
  };
}
