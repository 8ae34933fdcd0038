import type { FeatureValue } from "../../../lib/define/types.ts";
import type { RecountedResult } from "./recount.ts";
import type { Agreement } from "./recount-measures.ts";

const ROUNDING_RELATIVE = 1e-9;
const QUANTILE_RELATIVE = 0.01;
/** HyperLogLog of 4,096 registers: 1.04 / sqrt(4096). */
const DISTINCT_STANDARD_ERROR = 0.01625;
const DISTINCT_STANDARD_ERRORS = 5;

/** Whether an answer agrees with the recount, a list item by item. Null agrees with null only. */
export function agrees(agreement: Agreement, expected: RecountedResult, actual: FeatureValue): boolean {
  if (expected === null || actual === null) return expected === actual;
  if (typeof expected !== "number") {
    return (
      isList(actual) &&
      actual.length === expected.length &&
      expected.every((item, index) => agrees(agreement, item, actual[index] as FeatureValue))
    );
  }
  if (typeof actual !== "number" || Number.isNaN(actual)) return false;
  return Math.abs(actual - expected) <= tolerance(agreement, expected);
}

const isList = (value: FeatureValue): value is Extract<FeatureValue, readonly unknown[]> =>
  Array.isArray(value);

function tolerance(agreement: Agreement, expected: number): number {
  const size = Math.abs(expected);
  switch (agreement) {
    case "exact":
      return 0;
    case "rounding":
      return ROUNDING_RELATIVE * size;
    case "difference":
      return ROUNDING_RELATIVE;
    case "quantile-sketch":
      return (QUANTILE_RELATIVE + ROUNDING_RELATIVE) * size;
    case "distinct-sketch":
      return DISTINCT_STANDARD_ERRORS * DISTINCT_STANDARD_ERROR * size;
  }
}
