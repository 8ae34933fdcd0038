import type { KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda";
import type { DeliveredRecord } from "../../lib/engine/record.ts";

/** The records of one shard in an invocation's event. */
export interface ShardRecords {
  readonly streamArn: string;
  readonly shardId: string;
  readonly records: readonly DeliveredRecord[];
}

/** Lambda hands a batch of one shard; were there more in an event, each would be a batch of its own. */
export function shardRecordsOf(event: KinesisStreamEvent): readonly ShardRecords[] {
  const shards = new Map<string, ShardRecords & { records: DeliveredRecord[] }>();
  for (const record of event.Records) {
    const shardId = shardIdOf(record);
    const key = `${record.eventSourceARN} ${shardId}`;
    let shard = shards.get(key);
    if (shard === undefined) {
      shard = { streamArn: record.eventSourceARN, shardId, records: [] };
      shards.set(key, shard);
    }
    shard.records.push(new LambdaRecord(record));
  }
  return [...shards.values()];
}

/** The shard that a record came from: `eventID` is `shardId-000000000006:49590338271490256608559692538361571095921575989136588898`. */
export function shardIdOf({ eventID }: Pick<KinesisStreamRecord, "eventID">): string {
  return eventID.slice(0, eventID.lastIndexOf(":"));
}

/** A record as Lambda hands it: its bytes stay base64 until something asks for them, which a decoder seldom does. */
class LambdaRecord implements DeliveredRecord {
  readonly base64: string;
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  readonly approximateArrivalMs: number;

  constructor({ kinesis }: KinesisStreamRecord) {
    this.base64 = kinesis.data;
    this.partitionKey = kinesis.partitionKey;
    this.sequenceNumber = kinesis.sequenceNumber;
    // Lambda gives seconds, with decimals.
    this.approximateArrivalMs = Math.round(kinesis.approximateArrivalTimestamp * 1000);
  }

  get data(): Uint8Array {
    return Buffer.from(this.base64, "base64");
  }
}

/** A stream's name from its ARN, or from that of an enhanced fan-out consumer of it. */
export function streamNameOf(arn: string): string {
  return /:stream\/([^/]+)/.exec(arn)?.[1] ?? arn;
}
