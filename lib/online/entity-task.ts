import type { Source } from "../define/types.ts";
import type { ShardContext } from "../engine/decode.ts";
import { type FoldRefusal, type FoldResult, foldBatch, type ItemState } from "../engine/fold.ts";
import { writersBeside } from "../engine/position.ts";
import type { DeliveredRecord } from "../engine/record.ts";
import { ARRIVAL, EVENT_TIME } from "../engine/view-events.ts";
import { type BatchEntry, channelEntry } from "./decode-batch.ts";
import type { EntityGroup } from "./group-by-entity.ts";
import { entityState } from "./items.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { StoredItem } from "./state-store.ts";

/** An entity of a batch on its way to its conditional write. */
export interface EntityTask {
  readonly group: EntityGroup;
  /** Where the first of its events stands in the batch. */
  readonly firstIndex: number;
  /** The item that the fold starts from; its position is what the write expects. */
  stored: ItemState | undefined;
  /** Whether `stored` is a warm image rather than a strongly consistent read. */
  warm: boolean;
  fold: FoldResult | null;
  /** Whether the view has closed the shard since the batch began: then nothing of it is folded. */
  isClosed: boolean;
  /** The outside cause for which the entity could not be finished. */
  failure: unknown;
}

export function entityTask(group: EntityGroup): EntityTask {
  return {
    group,
    firstIndex: group.order[group.from]!,
    stored: undefined,
    warm: false,
    fold: null,
    isClosed: false,
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
  const { plan, events } = task.group;
  task.fold = foldBatch({ plan, writer, item: stored, events, range: task.group });
}

/**
 * Whether an item may hold records of a shard that came of this one: entries of the stream's incarnation other than its own,
 * or its ancestors'.
 */
export function mayBeAhead(item: StoredItem | undefined, { writer, ancestors }: ShardWithAncestors): boolean {
  const position = item?.position;
  if (!(position instanceof Uint8Array)) return false;
  const incarnation = writer.slice(0, writer.indexOf("/") + 1);
  return writersBeside(position, writer).some(
    (other) => other.startsWith(incarnation) && !ancestors.includes(other),
  );
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
  if (fold === null || task.isClosed) return [];
  const entries: BatchEntry[] = [];
  fold.outcomes.forEach((outcome, i) => {
    if (outcome !== "late" && outcome !== "item-full" && outcome !== "function-threw") return;
    const { events, order, from } = group;
    const index = order[from + i]!;
    entries.push({
      index,
      entry: channelEntry({
        source: batch.source,
        shard: batch.shard,
        record: batch.records[index]!,
        arrivalMs: events.numbers[index * events.stride + ARRIVAL]!,
        view: group.plan.id,
        reason: outcome,
        detail: detailOf(outcome, group, index),
      }),
    });
  });
  return entries;
}

function detailOf(outcome: "late" | FoldRefusal, { plan, pk, events }: EntityGroup, index: number): string {
  switch (outcome) {
    case "late": {
      const eventTime = new Date(events.numbers[index * events.stride + EVENT_TIME]!).toISOString();
      return `event time ${eventTime} is older than what any window of view ${plan.id} still holds for the entity.`;
    }
    case "item-full":
      return `the record would push item ${pk} past its size bound.`;
    case "function-threw":
      return `a where or value function of view ${plan.id} threw ${events.thrown.get(index)}.`;
  }
}
