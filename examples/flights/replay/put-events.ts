import type { RawRecord } from "../../../lib/local/producer/stream-producer.ts";
import { type Deliveries, type Delivery, recordOf, type StreamName } from "../deliver/delivery.ts";

/** What a replay needs of the runtime. */
export interface ReplayTarget {
  putRecords(source: string, records: readonly RawRecord[]): Promise<unknown>;
}

/** Puts both streams in the order of their deliveries, from where it was. */
export interface DeliveryFeed {
  /** Puts everything due before a time; answers how many records that were. */
  putUntil(endMs: number): Promise<number>;
  /** Records put, those before the feed began among them. */
  readonly put: Readonly<Record<StreamName, number>>;
}

/** @param alreadyPut - Records of each stream that are in it already: the first of the deliveries. */
export function feedDeliveries(
  target: ReplayTarget,
  deliveries: Deliveries,
  alreadyPut: Readonly<Record<StreamName, number>> = { departures: 0, arrivals: 0 },
): DeliveryFeed {
  const put = { ...alreadyPut };
  const putStream = async (stream: StreamName, endMs: number): Promise<number> => {
    const due = dueBefore(deliveries[stream], put[stream], endMs);
    if (due.length > 0) await target.putRecords(stream, due.map(recordOf));
    put[stream] += due.length;
    return due.length;
  };
  return {
    putUntil: async (endMs) => {
      const [departures, arrivals] = await Promise.all([
        putStream("departures", endMs),
        putStream("arrivals", endMs),
      ]);
      return departures + arrivals;
    },
    put,
  };
}

function dueBefore(deliveries: readonly Delivery[], from: number, endMs: number): readonly Delivery[] {
  let end = from;
  while (end < deliveries.length && deliveries[end]!.atMs < endMs) end += 1;
  return deliveries.slice(from, end);
}
