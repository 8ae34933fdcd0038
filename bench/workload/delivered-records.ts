import type { DeliveredRecord } from "../../lib/engine/record.ts";
import type { ShardWithAncestors } from "../../lib/online/shard-ancestors.ts";
import type { WrittenEvent } from "./card-events.ts";

/** The one shard that all records come from. */
export const SHARD: ShardWithAncestors = {
  writer: "00000000/shardId-000000000000",
  hashRange: { start: "0".repeat(32), end: "f".repeat(32) },
  ancestors: [],
};

/** The length that Kinesis's own numbers have. */
const FIRST_SEQUENCE_NUMBER = 10n ** 55n;

/** A record as the aggregate function takes it from Lambda: its bytes are made when something asks for them. */
class LambdaRecord implements DeliveredRecord {
  constructor(
    readonly base64: string,
    readonly partitionKey: string,
    readonly sequenceNumber: string,
    readonly approximateArrivalMs: number,
  ) {}

  get data(): Uint8Array {
    return Buffer.from(this.base64, "base64");
  }
}

/** An event as Lambda delivers it; `index` counts the shard's records. */
export function deliveredRecord(
  event: WrittenEvent,
  index: number,
): DeliveredRecord & { readonly base64: string } {
  const { text, card, arrivalMs } = event;
  const sequenceNumber = String(FIRST_SEQUENCE_NUMBER + BigInt(index));
  return new LambdaRecord(Buffer.from(text).toString("base64"), card, sequenceNumber, arrivalMs);
}

/** Events by batches of a size, as they are delivered together; the last may be smaller. */
export function* inBatches<T>(events: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const event of events) {
    batch.push(event);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
