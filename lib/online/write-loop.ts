import type { Source } from "../define/types.ts";
import { createPassingDecoder } from "../engine/decode.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { ObjectStore } from "../engine/ports/object-store.ts";
import { compareSequenceNumbers } from "../engine/position.ts";
import type { DeliveredRecord } from "../engine/record.ts";
import { type BatchReport, openReport } from "./batch-report.ts";
import { BatchRun } from "./batch-run.ts";
import { beginBatch } from "./begin-batch.ts";
import { decodeBatch } from "./decode-batch.ts";
import { EntityDirectory } from "./entity-directory.ts";
import { EntityGroups } from "./group-by-entity.ts";
import { NOTHING_FOLDED, type ShardProgress } from "./progress.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore } from "./state-store.ts";
import { isBeforeStart } from "./view-start.ts";
import { WarmImages } from "./warm-images.ts";

export interface WriteLoopOptions {
  readonly source: Source;
  /** Plans of the source's views; those of other sources are left alone. */
  readonly plans: readonly ViewPlan[];
  readonly store: StateStore;
  /** Where late and quarantined records go. */
  readonly objects: ObjectStore;
  /** Names this process among all that ever write: it tells whose warm images progress vouches for. */
  readonly processId: string;
  /**
   * Names the aggregator among those that fold the source into the table: its releases follow each other, and a view that
   * one of them left out warms again when the next has it.
   * @default "aggregate"
   */
  readonly aggregator?: string;
  readonly images?: WarmImages;
  /**
   * How many conditional writes run at a time.
   * @default 16
   */
  readonly concurrency?: number;
}

/** Records of one shard, as delivered together. */
export interface ShardBatch {
  readonly shard: ShardWithAncestors;
  readonly records: readonly DeliveredRecord[];
}

export interface WriteLoop {
  /**
   * Folds a batch into the table, exactly once in effect however often it is delivered (R2). Never rejects: what an
   * outside cause keeps from being finished is named in the report, to be delivered again.
   */
  processBatch(batch: ShardBatch): Promise<BatchReport>;
}

/**
 * Makes the write loop of a source.
 *
 * @example
 * ```ts
 * const loop = createWriteLoop({ source: transactions, plans: [planView(card)], store, objects, processId });
 * const shard = await directory.shardOf(transactions, "shardId-000000000000");
 * const { failedSequenceNumber } = await loop.processBatch({ shard, records });
 * ```
 */
export function createWriteLoop(options: WriteLoopOptions): WriteLoop {
  const { source, store, aggregator = "aggregate" } = options;
  const { images = new WarmImages(), concurrency = 16 } = options;
  const plans = options.plans.filter((plan) => plan.view.source.name === source.name);
  const viewIds = plans.map((plan) => plan.id);
  const { decode, fields } = createPassingDecoder(source);
  const entities = new Map(plans.map((plan) => [plan.id, new EntityDirectory(plan, fields)]));

  const beginning = { store, source, decode, plans, aggregator };

  return {
    async processBatch({ shard, records }) {
      const report = openReport(source, shard.writer, records.length, viewIds);
      if (records.length === 0) return report;
      const { writer } = shard;
      const meter = report.capacity;
      let progress: ReadonlyMap<string, ShardProgress>;
      let startOf: (viewId: string) => string;
      try {
        ({ progress, startOf } = await beginBatch({ ...beginning, shard, records, meter }));
      } catch (error) {
        report.failures.push(error);
        report.failedSequenceNumber = lowestSequenceNumber(records);
        return report;
      }
      // An item forgets a parent's position once its records are past the declared retention; the stream may keep them.
      const isFolded = (viewId: string, sequenceNumber: string) =>
        compareSequenceNumbers(sequenceNumber, progress.get(viewId)?.sequenceNumber ?? NOTHING_FOLDED) <= 0;
      const grouped = new Map(
        plans.map((plan) => [
          plan.id,
          new EntityGroups(plan, entities.get(plan.id)!, { writer, records: records.length }),
        ]),
      );
      const batch = decodeBatch(source, decode, shard, records, (event, index) => {
        for (const [viewId, groups] of grouped) {
          const { sequenceNumber } = event;
          if (isBeforeStart(sequenceNumber, startOf(viewId))) report.views[viewId]!.beforeStart++;
          else if (isFolded(viewId, sequenceNumber)) report.views[viewId]!.alreadyFolded++;
          else groups.add(event, index);
        }
      });
      report.heartbeats = batch.heartbeats;
      report.rejected = batch.rejected.length;
      const tools = { ...options, plans, aggregator, images, concurrency };
      await new BatchRun(tools, { shard, batch, grouped, progress, startOf, report }).run();
      return report;
    },
  };
}

function lowestSequenceNumber(records: readonly DeliveredRecord[]): string {
  return records
    .map(({ sequenceNumber }) => sequenceNumber)
    .reduce((lowest, each) => (compareSequenceNumbers(each, lowest) < 0 ? each : lowest));
}
