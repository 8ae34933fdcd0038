import { type CostEstimate, estimateCost, type Load, type PipelineShape } from "../cost/index.ts";
import type { FeaturePipelineProps } from "./feature-pipeline-props.ts";

/** Savings that a summary names. */
const NAMED_SAVINGS = 2;

/** What a month of a pipeline as it is deployed costs under a stated load. */
export function estimatePipeline(
  shape: PipelineShape,
  props: FeaturePipelineProps,
  /** The sources whose streams are sent heartbeats. */
  { heartbeats }: { readonly heartbeats: readonly string[] },
): CostEstimate | undefined {
  const { load, stream, streams = {}, aggregator, history, api, monitoring } = props;
  if (load === undefined) return undefined;
  const deployed: Load = {
    ...load,
    heartbeats,
    existingStreams: Object.keys(streams),
    api: api !== false,
    monitoring: monitoring !== false,
    history: history === false ? "none" : (history?.format ?? "parquet"),
    ...(history === undefined || history === false || history.bufferingInterval === undefined
      ? {}
      : { bufferingIntervalSeconds: history.bufferingInterval.toSeconds() }),
    ...(stream?.shards === undefined ? {} : { shards: stream.shards }),
    ...(aggregator?.batchSize === undefined ? {} : { batchSize: aggregator.batchSize }),
    ...(aggregator?.batchingWindow === undefined
      ? {}
      : { batchingWindowSeconds: aggregator.batchingWindow.toSeconds() }),
    ...(aggregator?.memorySize === undefined ? {} : { aggregatorMemoryMb: aggregator.memorySize }),
    ...(api === undefined || api === false || api.memorySize === undefined
      ? {}
      : { apiMemoryMb: api.memorySize }),
    ...(api === undefined || api === false || api.provisionedConcurrency === undefined
      ? {}
      : { provisionedConcurrency: api.provisionedConcurrency }),
  };
  return estimateCost({ shape, load: deployed });
}

/** An estimate in three lines: the whole, by service, and what would lower it. */
export function costSummary({ totalUsd, services, savings, load, region, pricesOf }: CostEstimate): string {
  const events = Object.values(load.eventsPerSecond).reduce((sum, rate) => sum + rate, 0);
  const lines = [
    `about ${usd(totalUsd)} a month for ${events} events/s and ${load.predictionsPerSecond} predictions/s (list prices of ${region}, ${pricesOf})`,
    services.map((each) => `${each.service} ${usd(each.usd)}`).join(", "),
    ...savings.slice(0, NAMED_SAVINGS).map((saving) => `${usd(saving.usd)} less: ${saving.change}`),
  ];
  return lines.join("\n");
}

function usd(amount: number): string {
  return `${amount.toFixed(2)} USD`;
}
