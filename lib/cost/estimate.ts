import { type CostLine, type CostService, chargeBy } from "./cost-line.ts";
import { type Load, type StatedLoad, statedLoad } from "./load.ts";
import type { PipelineShape } from "./pipeline-shape.ts";
import type { PriceList } from "./price-list.ts";
import { findSavings, type Saving } from "./savings.ts";
import { functionLines } from "./services/functions.ts";
import { historyLines } from "./services/history.ts";
import { monitoringLines } from "./services/monitoring.ts";
import { streamLines } from "./services/streams.ts";
import { tableLines } from "./services/table.ts";
import { trafficOf } from "./traffic.ts";
import { US_EAST_1 } from "./us-east-1.ts";

/** What a month of a pipeline costs under a load. */
export interface CostEstimate {
  readonly region: string;
  /** The day of the prices. */
  readonly pricesOf: string;
  readonly load: StatedLoad;
  /** USD a month. */
  readonly totalUsd: number;
  /** The dearest first. */
  readonly services: readonly { readonly service: CostService; readonly usd: number }[];
  /** The dearest first. */
  readonly lines: readonly CostLine[];
  /** What would lower it, the most first. */
  readonly savings: readonly Saving[];
}

/**
 * Estimates what a month of 730 hours costs by list prices, without free tiers. Pure: shape and load say all, so that
 * the command and a synthesis, which has both as plain data, are told the same.
 *
 * @param options.prices - by default {@link US_EAST_1}
 * @throws FreshetError `OPTION_INVALID` for a load that cannot be.
 * @example
 * ```ts
 * const { totalUsd, services } = estimateCost({ shape, load: { eventsPerSecond: 100, predictionsPerSecond: 20 } });
 * ```
 */
export function estimateCost(options: {
  readonly shape: PipelineShape;
  readonly load: Load;
  readonly prices?: PriceList;
}): CostEstimate {
  const { shape, prices = US_EAST_1 } = options;
  const load = statedLoad(
    options.load,
    shape.sources.map(({ name }) => name),
  );
  const lines = linesOf(shape, load, prices).filter(({ usd }) => usd > 0);
  const services = new Map<CostService, number>();
  for (const { service, usd } of lines) services.set(service, (services.get(service) ?? 0) + usd);
  const totalUsd = sumOf(lines);
  return {
    region: prices.region,
    pricesOf: prices.date,
    load,
    totalUsd,
    services: [...services].map(([service, usd]) => ({ service, usd })).sort((a, b) => b.usd - a.usd),
    lines: [...lines].sort((a, b) => b.usd - a.usd),
    savings: findSavings({
      shape,
      load,
      totalUsd,
      totalOf: (other) => sumOf(linesOf(other.shape, other.load, prices)),
    }),
  };
}

function linesOf(shape: PipelineShape, load: StatedLoad, prices: PriceList): readonly CostLine[] {
  const traffic = trafficOf(shape, load);
  const charge = chargeBy(prices);
  return [
    ...streamLines(traffic, load, charge),
    ...functionLines(traffic, load, charge),
    ...tableLines(shape, traffic, load, charge),
    ...historyLines(traffic, load, charge),
    ...monitoringLines(shape, traffic, load, charge),
  ];
}

const sumOf = (lines: readonly CostLine[]) => lines.reduce((sum, { usd }) => sum + usd, 0);
