import { entityKey } from "../../lib/engine/key.ts";
import { planView } from "../../lib/engine/plan.ts";
import { controlAttributes, controlKey } from "../../lib/online/control.ts";
import { entityItem } from "../../lib/online/items.ts";
import { changeProgress } from "../../lib/online/progress.ts";
import { runConcurrently } from "../../lib/online/run-concurrently.ts";
import type { StateStore } from "../../lib/online/state-store.ts";
import { cardEvents, FIRST_EVENT_MS } from "../workload/card-events.ts";
import { payments } from "../workload/card-view.ts";
import { SHARD } from "../workload/delivered-records.ts";
import { foldCard } from "../workload/fold-card.ts";
import { wideViews } from "../workload/wide-views.ts";

const DAY_MS = 86_400_000;
const DAYS = 2;
const EVENTS_A_DAY = 20;
/** As many histories as are folded; cards share them. */
const HISTORIES = 10;

/** When the cards are read: as their last window is full. */
export const READ_AT_MS = FIRST_EVENT_MS + DAYS * DAY_MS;

export const cardName = (card: number): string => `card_${String(card).padStart(6, "0")}`;

/** Fills a store with the four views' items of so many cards, of 20 events a day, and with their shard's progress. */
export async function seedStore(store: StateStore, cards: number): Promise<void> {
  const { writer, hashRange } = SHARD;
  const shards = [{ writer, hashRange: hashRange!, parents: [], open: true, closedMs: null }];
  const control = controlAttributes({
    arn: "arn:aws:kinesis:us-east-1:0:stream/payments",
    createdMs: 0,
    shards,
  });
  await store.put({ pk: controlKey(payments.name), ...control }, { expected: null });
  for (const plan of wideViews.map(planView)) {
    const next = {
      // Ahead of every read, which then is fresh however long the run takes.
      arrivalMs: READ_AT_MS + DAY_MS,
      stampMs: READ_AT_MS + DAY_MS,
      sequenceNumber: "1",
      processId: "bench",
      sinceMs: FIRST_EVENT_MS,
      fromSequenceNumber: "1",
      unknown: false,
      returned: false,
      epochs: {},
    };
    await changeProgress(store, { viewId: plan.id, writer }, () => next);
    const histories = Array.from({ length: HISTORIES }, (_, seed) =>
      foldCard(
        plan,
        cardEvents({
          count: EVENTS_A_DAY * DAYS,
          keys: 1,
          distribution: "uniform",
          stepMs: DAY_MS / EVENTS_A_DAY,
          seed,
        }),
      ),
    );
    await runConcurrently([...Array(cards).keys()], 16, async (card) => {
      const key = entityKey(plan, [cardName(card)]);
      await store.put(entityItem(key.partition, key, histories[card % HISTORIES]!, null), { expected: null });
    });
  }
}
