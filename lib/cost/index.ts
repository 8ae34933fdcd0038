export type { CostLine, CostService } from "./cost-line.ts";
export { type CostEstimate, estimateCost } from "./estimate.ts";
export type { Load, StatedLoad } from "./load.ts";
export type { PipelineShape, SourceShape, ViewShape } from "./pipeline-shape.ts";
export { type Price, type PriceFile, type PriceList, type PriceName, withPriceFile } from "./price-list.ts";
export type { Saving } from "./savings.ts";
export { US_EAST_1 } from "./us-east-1.ts";
