import type { DeliveredRecord } from "../../lib/engine/record.ts";
import { cardEvents, type WrittenEvent } from "../workload/card-events.ts";
import { type CheckedEvent, damagedEvents } from "../workload/damaged-events.ts";
import { deliveredRecord, inBatches } from "../workload/delivered-records.ts";
import { eventsOfFile } from "../workload/event-file.ts";
import type { KeyDistribution } from "../workload/key-distribution.ts";

/** Which records a case folds, and how. */
export interface FoldCase {
  readonly name: string;
  readonly events:
    | { readonly file: string }
    | { readonly keys: number; readonly distribution: KeyDistribution };
  readonly batch: number;
}

/** Records of one shard that are delivered together. */
export interface FoldBatch {
  readonly records: readonly (DeliveredRecord & { readonly base64: string })[];
  /** Indices of the records that must be refused. */
  readonly refused: readonly number[];
}

/** A case's batches without an end, or to the end of its file: one at a time, as a function is handed them. */
export function* foldBatches({ events, batch }: FoldCase): Generator<FoldBatch> {
  const written: Iterable<WrittenEvent> =
    "file" in events ? eventsOfFile(events.file) : cardEvents({ ...events, count: Number.POSITIVE_INFINITY });
  let index = 0;
  for (const checked of inBatches<CheckedEvent>(damagedEvents(written), batch)) {
    const records = checked.map((event) => deliveredRecord(event, index++));
    yield { records, refused: checked.flatMap(({ refused }, place) => (refused ? [place] : [])) };
  }
}
