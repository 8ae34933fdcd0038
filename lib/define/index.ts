export { collectDefinitions } from "./collect-definitions.ts";
export { type ModelOptions, model } from "./model.ts";
export {
  type DefinedService,
  type FeaturesByAlias,
  type ServiceOptions,
  service,
  type VectorName,
} from "./service.ts";
export { type SourceOptions, source } from "./source.ts";
export { type ViewOptions, view } from "./view.ts";
export type { DefinedView, TypedViewReference } from "./view-reference.ts";
export { gt, gte, lt, lte, not, oneOf } from "./where.ts";
