import { FreshetError } from "../../define/error.ts";
import {
  addValue,
  createDDSketch,
  type DDSketch,
  decodeDDSketch,
  encodeDDSketch,
  MAX_DDSKETCH_BYTES,
  MAX_DDSKETCH_GROWTH_BYTES,
  mergeDDSketch,
  quantile,
} from "../sketches/ddsketch.ts";
import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";

/** Null before the first value: most tiles of most columns never need a sketch. */
const quantileKind: ColumnKind<DDSketch | null> = {
  id: "ddsketch/0.01",
  accepts: "number",
  maxBytes: MAX_DDSKETCH_BYTES,
  maxGrowthBytes: MAX_DDSKETCH_GROWTH_BYTES,
  zero: () => null,
  add(partial, { value }) {
    const sketch = partial ?? createDDSketch();
    addValue(sketch, value as number);
    return sketch;
  },
  merge(left, right) {
    if (right === null) return left;
    if (left === null) return { keys: right.keys.slice(), counts: right.counts.slice() };
    mergeDDSketch(left, right);
    return left;
  },
  encode(writer, partial) {
    if (partial === null) writer.byte(0);
    else encodeDDSketch(writer, partial);
  },
  decode(reader) {
    // One byte of 0 is a sketch of no buckets: null.
    const sketch = decodeDDSketch(reader);
    return sketch.keys.length === 0 ? null : sketch;
  },
};

/**
 * The value at index floor(p * (n - 1)) of the n sorted values, within 1 % of it, by DDSketch; null when there are none.
 * Parameter `p`: 0 to 1. Percentiles of one value share a sketch, whatever their `p`.
 */
export const approxPercentile: Aggregation = {
  name: "approxPercentile",
  accuracy: "within 1 % of the value at that rank; past 1,024 buckets the least magnitudes count as 0",
  columns: (call) => {
    const { p } = call.parameters;
    if (p === undefined || !(p >= 0 && p <= 1)) {
      throw new FreshetError(
        "DEFINITION_INVALID",
        `approxPercentile was given p = ${p}; p is a number from 0 to 1, such as 0.9 for the 90th percentile.`,
      );
    }
    return [{ kind: quantileKind, value: requiredValue(call), where: call.where }];
  },
  result: ([sketch]: readonly (DDSketch | null)[], { parameters }) =>
    sketch === null || sketch === undefined ? null : quantile(sketch, parameters.p!),
};
