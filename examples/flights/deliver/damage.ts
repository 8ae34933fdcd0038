import { createHash } from "node:crypto";
import type { RawRecord } from "../../../lib/local/producer/stream-producer.ts";
import type { Damage, Delivery } from "./delivery.ts";

const KINESIS_PRODUCER_LIBRARY_MAGIC = Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2);

/** Spoils a record in one of the ways that no view can take. */
export function damagedRecord(record: RawRecord, damage: Damage, delivery: Delivery): RawRecord {
  const { data, partitionKey } = record;
  switch (damage) {
    case "not-json":
      return { ...record, data: data.subarray(0, data.length >> 1) };
    case "not-text":
      return { ...record, data: Buffer.concat([data.subarray(0, 8), Uint8Array.of(0xff), data.subarray(8)]) };
    case "wrong-type":
      return { ...record, data: withTextForNumber(delivery) };
    case "aggregated":
      return { ...record, data: Buffer.concat([KINESIS_PRODUCER_LIBRARY_MAGIC, data]) };
    case "wrong-partition-key":
      return { ...record, partitionKey: otherKey(delivery, partitionKey) };
    case "wrong-shard":
      return { ...record, explicitHashKey: oppositeHash(partitionKey) };
    case "future-dated":
      return { ...record, data: datedLater(delivery) };
  }
}

function withTextForNumber({ stream, row }: Delivery): Uint8Array {
  const field = stream === "departures" ? "distance" : "delay";
  const value = (row as Readonly<Record<string, unknown>>)[field];
  return Buffer.from(JSON.stringify({ ...row, [field]: String(value) }));
}

function otherKey({ flight }: Delivery, partitionKey: string): string {
  const other = flight.origin === partitionKey ? flight.destination : flight.origin;
  return other === partitionKey ? `${partitionKey}?` : other;
}

/** Half the ring of hashes away: another shard's wherever there are two of equal size, or more. */
function oppositeHash(partitionKey: string): string {
  const hash = BigInt(`0x${createHash("md5").update(partitionKey).digest("hex")}`);
  return ((hash + 2n ** 127n) % 2n ** 128n).toString();
}

function datedLater({ stream, timeMs, row }: Delivery): Uint8Array {
  const later = new Date(timeMs);
  later.setUTCFullYear(later.getUTCFullYear() + 100);
  const field = stream === "departures" ? "scheduled" : "landed";
  return Buffer.from(JSON.stringify({ ...row, [field]: later.toISOString() }));
}
