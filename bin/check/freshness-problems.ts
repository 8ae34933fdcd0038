import { formatDuration } from "../../lib/define/duration.ts";
import type { View } from "../../lib/define/types.ts";

/** As `Aggregator` has it (lib/constructs), which waits so long for a batch to fill. */
export const DEFAULT_BATCHING_WINDOW_MS = 1_000;

/** Warnings of a view whose answers would be stale in a deployment that leaves all as it is by default. */
export function freshnessProblems({ name, version, slaMs }: View): readonly string[] {
  if (slaMs > DEFAULT_BATCHING_WINDOW_MS) return [];
  const window = formatDuration(DEFAULT_BATCHING_WINDOW_MS);
  return [
    `view ${name}@${version}: its SLA is ${formatDuration(slaMs)}, and a batch waits ${window} to fill by default: FeaturePipeline refuses it unless aggregator.batchingWindow is shorter. Lengthen the SLA.`,
  ];
}
