import type { Source } from "../define/types.ts";
import { createDecoder, type ShardContext } from "../engine/decode.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { ObjectStore } from "../engine/ports/object-store.ts";
import type { DeliveredRecord } from "../engine/record.ts";
import { type BatchReport, openReport } from "./batch-report.ts";
import { BatchRun } from "./batch-run.ts";
import { decodeBatch } from "./decode-batch.ts";
import { readProgress, type ShardProgress } from "./progress.ts";
import type { StateStore } from "./state-store.ts";
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
  readonly images?: WarmImages;
  /**
   * How many conditional writes run at a time.
   * @default 16
   */
  readonly concurrency?: number;
}

/** Records of one shard, as delivered together. */
export interface ShardBatch {
  readonly shard: ShardContext;
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
 * const { failedSequenceNumber } = await loop.processBatch({ shard: { writer, hashRange }, records });
 * ```
 */
export function createWriteLoop(options: WriteLoopOptions): WriteLoop {
  const { source, store, images = new WarmImages(), concurrency = 16 } = options;
  const plans = options.plans.filter((plan) => plan.view.source.name === source.name);
  const viewIds = plans.map((plan) => plan.id);
  const decode = createDecoder(source);

  return {
    async processBatch({ shard, records }) {
      const report = openReport(source.name, shard.writer, records.length, viewIds);
      if (records.length === 0) return report;
      const batch = decodeBatch(source, decode, shard, records);
      report.heartbeats = batch.heartbeats;
      report.rejected = batch.rejected.length;
      let progress: ReadonlyMap<string, ShardProgress>;
      try {
        progress = await readProgress(store, viewIds, shard.writer, report.capacity);
      } catch (error) {
        report.failures.push(error);
        report.failedSequenceNumber = batch.records[0]!.sequenceNumber;
        return report;
      }
      await new BatchRun({ ...options, plans, images, concurrency }, shard, batch, progress, report).run();
      return report;
    },
  };
}
