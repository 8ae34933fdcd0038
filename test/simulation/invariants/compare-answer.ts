import { isDeepStrictEqual } from "node:util";
import type { AggregationCall } from "../../../lib/define/aggregation-call.ts";
import type { FeatureValue } from "../../../lib/define/types.ts";
import { type OracleContext, type OracleEvent, oracleValue, takenValues } from "../../oracles/aggregate.ts";

/** The unit of rounding: half of it, relative, is what one operation on doubles errs by. */
const UNIT = 2 ** -52;

/** What is wrong with an answer beside a recount of its window's events; null for nothing. */
export function compareAnswer(answer: {
  readonly call: AggregationCall;
  readonly actual: FeatureValue | undefined;
  readonly events: readonly OracleEvent[];
  readonly context: OracleContext;
}): string | null {
  const { call, actual, events, context } = answer;
  const exact = oracleValue(call, events, context);
  if (isDeepStrictEqual(actual, exact)) return null;
  const wrong = `${JSON.stringify(actual)} for ${JSON.stringify(exact)}`;
  if (typeof actual !== "number" || typeof exact !== "number") return wrong;
  return Math.abs(actual - exact) <= allowedError(call, exact, events) ? null : wrong;
}

function allowedError(call: AggregationCall, exact: number, events: readonly OracleEvent[]): number {
  const numbers = takenValues(call, events).filter((value) => typeof value === "number");
  const magnitude = numbers.reduce((total, value) => total + Math.abs(value), 0);
  switch (call.name) {
    case "sum":
    case "mean":
      return (numbers.length + 1) * UNIT * magnitude;
    case "stddev":
      return 1e-9 * (1 + magnitude);
    case "approxDistinct":
      // Few values: two of them sharing a register is rare, three standard errors rarer.
      return 2 + 0.06 * exact;
    default:
      return 0;
  }
}
