import { decodeHeartbeat } from "../../engine/heartbeat.ts";
import type { Change } from "./frames.ts";
import type { JournalMap } from "./journal.ts";
import type { StoreOperation } from "./keep-store.ts";

/** What was ever put to a stream, heartbeats aside: trimmed records among it. */
export interface StreamPuts {
  readonly records: number;
  /** When the last was put, by the server's clock, epoch ms; null before the first. */
  readonly lastStampMs: number | null;
}

/** kinesalite's keys of a stream's records: `!stream-NAME!SHARD/SEQUENCE`. */
const RECORD_KEY = /^!stream-([^!]+)!/;

/** The beginning of a heartbeat's bytes as kinesalite stores them, in base64. */
const HEARTBEAT_START = Buffer.from('"Data":"eyJmcmVzaGV0SGVhcnRiZWF0Ijo');

/**
 * Counts what is put to each stream, with the put itself: a producer that goes on after a crash knows from it how much
 * of what it had to put is in the stream.
 */
export function countPuts(
  counted: JournalMap,
  map: number,
): (operations: readonly StoreOperation[]) => Change[] {
  return (operations) => {
    const puts = new Map<string, { records: number; last: Buffer }>();
    for (const operation of operations) {
      if (operation.type !== "put") continue;
      const stream = RECORD_KEY.exec(operation.key.toString("latin1"))?.[1];
      if (stream === undefined || isHeartbeat(operation.value)) continue;
      puts.set(stream, { records: (puts.get(stream)?.records ?? 0) + 1, last: operation.value });
    }
    return [...puts].map(([stream, { records, last }]) => {
      const before = readPuts(counted, stream);
      const after: StreamPuts = { records: before.records + records, lastStampMs: stampOf(last) };
      return { map, key: stream, value: Buffer.from(JSON.stringify(after)) };
    });
  };
}

/** What had been put to a stream. */
export function readPuts(counted: JournalMap, stream: string): StreamPuts {
  const value = counted.get(stream);
  if (value === undefined) return { records: 0, lastStampMs: null };
  return JSON.parse(Buffer.from(value).toString()) as StreamPuts;
}

interface StoredRecord {
  readonly Data: string;
  /** Seconds. */
  readonly ApproximateArrivalTimestamp: number;
}

function isHeartbeat(value: Buffer): boolean {
  if (!value.includes(HEARTBEAT_START)) return false;
  const { Data } = JSON.parse(value.toString()) as StoredRecord;
  return decodeHeartbeat(Buffer.from(Data, "base64")) !== null;
}

function stampOf(value: Buffer): number {
  const { ApproximateArrivalTimestamp } = JSON.parse(value.toString()) as StoredRecord;
  return Math.round(1_000 * ApproximateArrivalTimestamp);
}
