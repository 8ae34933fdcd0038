import type { Source } from "../define/types.ts";
import type { PassingDecoder, ShardContext } from "../engine/decode.ts";
import type { DeliveredRecord } from "../engine/record.ts";
import { decodeBatch } from "./decode-batch.ts";

/** What the first batch of a release is judged by, before anything of it is folded. */
export interface BatchPreview {
  /** The first record that has an arrival: where a view begins, and when that was, by Kinesis's stamp too, epoch ms. */
  readonly first: {
    readonly sequenceNumber: string;
    readonly arrivalMs: number;
    readonly stampMs: number;
  } | null;
  /** When the latest of them arrived, epoch ms; 0: none. */
  readonly latestMs: number;
  /** The last record. */
  readonly last: string;
  /** The last that a view could lack, which a heartbeat is not, nor what no view can take. */
  readonly lastEvent: string | null;
}

/** Decodes a batch to that end alone: it is decoded once more to be folded, which few batches are. */
export function previewBatch(
  source: Source,
  decode: PassingDecoder["decode"],
  shard: ShardContext,
  delivered: readonly DeliveredRecord[],
): BatchPreview {
  let lastEvent: string | null = null;
  const { records, arrivalsMs } = decodeBatch(source, decode, shard, delivered, ({ sequenceNumber }) => {
    lastEvent = sequenceNumber;
  });
  const index = arrivalsMs.findIndex((arrivalMs) => !Number.isNaN(arrivalMs));
  const record = records[index];
  const first =
    record === undefined
      ? null
      : {
          sequenceNumber: record.sequenceNumber,
          arrivalMs: arrivalsMs[index]!,
          stampMs: record.approximateArrivalMs,
        };
  const latestMs = arrivalsMs.reduce((latest, each) => (each > latest ? each : latest), 0);
  return { first, latestMs, last: records.at(-1)!.sequenceNumber, lastEvent };
}
