import type { AggregationCall, AggregationParameters } from "../../define/aggregation-call.ts";
import { FreshetError } from "../../define/error.ts";

/** @throws FreshetError `DEFINITION_INVALID` when an aggregation was not given a parameter that it needs. */
export function requiredParameter<Name extends keyof AggregationParameters>(
  call: AggregationCall,
  name: Name,
): NonNullable<AggregationParameters[Name]> {
  const value = call.parameters[name];
  if (value !== undefined) return value;
  throw new FreshetError("DEFINITION_INVALID", `${call.name} was given no ${name}.`);
}
