export type {
  AggregationCall,
  AggregationName,
  AggregationParameters,
  ValueExpression,
} from "./aggregation-call.ts";
export { collectDefinitions } from "./collect-definitions.ts";
export { type Duration, formatDuration, parseDuration } from "./duration.ts";
export { FreshetError, type FreshetErrorCode } from "./error.ts";
export type {
  AggregationOptions,
  ByOption,
  FeatureBuilder,
  FieldAggregation,
  FieldListAggregation,
  NumberAggregation,
  NumberListAggregation,
  NumberOption,
  ScalarOption,
  ValueCountAggregation,
  ValueFunction,
} from "./features/feature-builder.ts";
export type { WhereOption } from "./features/filter.ts";
export type {
  HoppingOptions,
  SessionOptions,
  Windowed,
  Windowless,
  WindowOptions,
} from "./features/windowed-feature.ts";
export { type CommonModelOptions, type ModelOptions, model } from "./model.ts";
export {
  type CommonServiceOptions,
  type DefinedService,
  type FeaturesByAlias,
  type ServiceOptions,
  type ServiceView,
  service,
  type VectorName,
} from "./service.ts";
export { type SourceOptions, source } from "./source.ts";
export type {
  Definitions,
  Derive,
  Documented,
  Feature,
  FeatureScalar,
  FeatureService,
  FeatureValue,
  Model,
  Source,
  StalePolicy,
  ValueCount,
  ValuesByKey,
  View,
  ViewReference,
} from "./types.ts";
export { type DedupOptions, type ViewOptions, view } from "./view.ts";
export type { DefinedView, TypedViewReference } from "./view-reference.ts";
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
} from "./where.ts";
export type { Window } from "./window.ts";
