import { type Charge, type CostLine, GB, KB, MILLION, MONTH_SECONDS } from "../cost-line.ts";
import type { StatedLoad } from "../load.ts";
import type { PipelineShape, ViewShape } from "../pipeline-shape.ts";
import type { SourceTraffic } from "../traffic.ts";

/** How often one process of the API reads progress, at most; it remembers it for half a second. */
const PROGRESS_READS_A_SECOND = 2;

const writeUnits = ({ itemBytes }: ViewShape) => Math.ceil(itemBytes / KB);
const readUnits = ({ itemBytes }: ViewShape) => Math.ceil(itemBytes / (4 * KB));

/** The table: what batches write and read, as if no image were warm, what predictions read, and what is kept. */
export function tableLines(
  shape: PipelineShape,
  traffic: readonly SourceTraffic[],
  load: StatedLoad,
  charge: Charge,
): CostLine[] {
  const { entities, predictionsPerSecond } = load;
  let itemWrites = 0;
  let progressWrites = 0;
  let batchReads = 0;
  let keptBytes = 0;
  const shardsOf = new Map<string, number>();
  for (const { invocationsPerSecond, shards, views } of traffic) {
    progressWrites += invocationsPerSecond * views.length;
    // Which views were folded before is read beside their progress.
    batchReads += invocationsPerSecond;
    for (const { view, writesPerInvocation } of views) {
      const writes = invocationsPerSecond * writesPerInvocation;
      itemWrites += writes * writeUnits(view);
      // Beside the items, one of progress for each batch.
      batchReads += invocationsPerSecond + writes * readUnits(view);
      const items =
        (view.entity.length === 0 ? 1 : (entities ?? 0)) * (view.writers === "single" ? 1 : shards);
      keptBytes += items * view.itemBytes;
      shardsOf.set(view.id, shards);
    }
  }
  const viewsById = new Map(shape.views.map((view) => [view.id, view]));
  let itemReads = 0;
  let progressReads = 0;
  for (const id of shape.readByPrediction) {
    const view = viewsById.get(id)!;
    const shards = view.writers === "single" ? 1 : shardsOf.get(id)!;
    itemReads += predictionsPerSecond * readUnits(view) * shards;
    progressReads += Math.min(PROGRESS_READS_A_SECOND, predictionsPerSecond) * shards;
  }
  const monthly = (perSecond: number) => (perSecond * MONTH_SECONDS) / MILLION;
  return [
    charge("DynamoDB", "writes of items", "dynamoWriteMillion", monthly(itemWrites)),
    charge("DynamoDB", "writes of progress", "dynamoWriteMillion", monthly(progressWrites)),
    charge("DynamoDB", "reads of batches", "dynamoReadMillion", monthly(batchReads)),
    charge("DynamoDB", "reads of predictions", "dynamoReadMillion", monthly(itemReads + progressReads)),
    charge("DynamoDB", "storage", "dynamoGbMonth", keptBytes / GB),
    charge("DynamoDB", "point-in-time recovery", "dynamoRecoveryGbMonth", keptBytes / GB),
  ];
}
