import type { AggregationCall, ValueExpression } from "../../define/aggregation-call.ts";
import { FreshetError } from "../../define/error.ts";

/** @throws FreshetError `DEFINITION_INVALID` when an aggregation that needs a value was given none. */
export function requiredValue(call: AggregationCall): ValueExpression {
  if (call.value !== null) return call.value;
  throw new FreshetError(
    "DEFINITION_INVALID",
    `${call.name} was given no value; name the field to aggregate or give a function of the row.`,
  );
}
