import type { Source } from "../define/types.ts";
import type { ShardContext } from "../engine/decode.ts";
import { type FoldRefusal, type FoldResult, foldEvents, type ItemState } from "../engine/fold.ts";
import type { DeliveredRecord, SourceEvent } from "../engine/record.ts";
import { type BatchEntry, channelEntry } from "./decode-batch.ts";
import type { EntityGroup } from "./group-by-entity.ts";
import { entityState } from "./items.ts";
import type { StoredItem } from "./state-store.ts";

/** An entity of a batch on its way to its conditional write. */
export interface EntityTask {
  readonly group: EntityGroup;
  readonly events: readonly SourceEvent[];
  /** Where the first of its events stands in the batch. */
  readonly firstIndex: number;
  /** The item that the fold starts from; its position is what the write expects. */
  stored: ItemState | undefined;
  /** Whether `stored` is a warm image rather than a strongly consistent read. */
  warm: boolean;
  fold: FoldResult | null;
  /** The outside cause for which the entity could not be finished. */
  failure: unknown;
}

export function entityTask(group: EntityGroup): EntityTask {
  return {
    group,
    events: group.events.map(({ event }) => event),
    firstIndex: group.events[0]!.index,
    stored: undefined,
    warm: false,
    fold: null,
    failure: null,
  };
}

/** Folds from a warm image. */
export function foldWarm(task: EntityTask, writer: string, stored: ItemState): void {
  task.warm = true;
  fold(task, writer, stored);
}

/** Folds from what a strongly consistent read, or a failed condition, answered. */
export function foldStored(task: EntityTask, writer: string, item: StoredItem | undefined): void {
  task.warm = false;
  task.fold = null;
  fold(task, writer, item === undefined ? undefined : entityState(item, task.group.key));
}

function fold(task: EntityTask, writer: string, stored: ItemState | undefined): void {
  task.stored = stored;
  task.fold = foldEvents({ plan: task.group.plan, writer, item: stored, events: task.events });
}

/** The entries that the fold calls for, before its state may be written (R12). */
export function verdicts(
  task: EntityTask,
  batch: {
    readonly source: Source;
    readonly shard: ShardContext;
    readonly records: readonly DeliveredRecord[];
  },
): BatchEntry[] {
  const { fold, group } = task;
  if (fold === null) return [];
  const entries: BatchEntry[] = [];
  fold.outcomes.forEach((outcome, i) => {
    if (outcome !== "late" && outcome !== "item-full" && outcome !== "function-threw") return;
    const { event, index } = group.events[i]!;
    entries.push({
      index,
      entry: channelEntry({
        source: batch.source,
        shard: batch.shard,
        record: batch.records[index]!,
        arrivalMs: event.arrivalMs,
        view: group.plan.id,
        reason: outcome,
        detail: detailOf(outcome, event, fold, group),
      }),
    });
  });
  return entries;
}

function detailOf(
  outcome: "late" | FoldRefusal,
  event: SourceEvent,
  { thrown }: FoldResult,
  { plan, pk }: EntityGroup,
): string {
  switch (outcome) {
    case "late":
      return `event time ${new Date(event.eventTimeMs).toISOString()} is older than every window of view ${plan.id} still holds for ${pk}.`;
    case "item-full":
      return `the record would push item ${pk} past its size bound.`;
    case "function-threw":
      return `a where or value function of view ${plan.id} threw ${thrown.get(event)}.`;
  }
}
