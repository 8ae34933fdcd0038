import { createDecoder } from "../../lib/engine/decode.ts";
import { foldEvents, type ItemState } from "../../lib/engine/fold.ts";
import type { ViewPlan } from "../../lib/engine/plan.ts";
import type { SourceEvent } from "../../lib/engine/record.ts";
import type { WrittenEvent } from "./card-events.ts";
import { deliveredRecord, inBatches, SHARD } from "./delivered-records.ts";

/** How an item is folded. */
export interface FoldCardOptions {
  /** @default 100 */
  readonly eventsAFold?: number;
  /** Called with the item after each fold. */
  readonly each?: (item: ItemState, timeToLiveMs: number | null, arrivalMs: number) => void;
}

/** Folds one card's events and answers its item. */
export function foldCard(
  plan: ViewPlan,
  events: Iterable<WrittenEvent>,
  { eventsAFold = 100, each = () => {} }: FoldCardOptions = {},
): ItemState {
  const decode = createDecoder(plan.view.source);
  let item: ItemState | undefined;
  let index = 0;
  for (const batch of inBatches(events, eventsAFold)) {
    const decoded = batch.map((event): SourceEvent => {
      const outcome = decode(deliveredRecord(event, index++), SHARD);
      if (outcome.kind === "event") return outcome;
      throw new Error(`a benchmark's record was no event: ${JSON.stringify(outcome)}`);
    });
    const folded = foldEvents({ plan, writer: SHARD.writer, item, events: decoded });
    item = folded.item!;
    each(item, folded.timeToLiveMs, decoded.at(-1)!.arrivalMs);
  }
  return item!;
}
