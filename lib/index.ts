export type { AggregationCall, AggregationName, ValueExpression } from "./define/aggregation-call.ts";
export { collectDefinitions } from "./define/collect-definitions.ts";
export { type Duration, formatDuration, parseDuration } from "./define/duration.ts";
export { FreshetError, type FreshetErrorCode } from "./define/error.ts";
export type { AggregationOptions, FeatureBuilder, NumberOption } from "./define/features/feature-builder.ts";
export type { WhereOption } from "./define/features/filter.ts";
export type { Windowed, Windowless, WindowOptions } from "./define/features/windowed-feature.ts";
export { type ModelOptions, model } from "./define/model.ts";
export { type DefinedService, type ServiceOptions, service, type VectorName } from "./define/service.ts";
export { type SourceOptions, source } from "./define/source.ts";
export type {
  Definitions,
  Derive,
  Documented,
  Feature,
  FeatureService,
  FeatureValue,
  Model,
  Source,
  StalePolicy,
  View,
  ViewReference,
} from "./define/types.ts";
export { type ViewOptions, view } from "./define/view.ts";
export type { DefinedView, TypedViewReference } from "./define/view-reference.ts";
export {
  type Comparison,
  type Condition,
  gt,
  gte,
  lt,
  lte,
  not,
  oneOf,
  type Scalar,
  type Where,
} from "./define/where.ts";
export type { Window } from "./define/window.ts";
