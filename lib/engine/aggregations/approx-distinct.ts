import { type Hash64, hashScalar } from "../hash.ts";
import {
  addHash,
  createHyperLogLog,
  decodeHyperLogLog,
  encodeHyperLogLog,
  estimateHyperLogLog,
  type HyperLogLog,
  MAX_HYPERLOGLOG_BYTES,
  MAX_HYPERLOGLOG_GROWTH_BYTES,
  mergeHyperLogLog,
} from "../sketches/hyperloglog.ts";
import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";

const hash: Hash64 = { high: 0, low: 0 };

/** Null before the first value: most tiles of most columns never need a sketch. */
const distinctKind: ColumnKind<HyperLogLog | null> = {
  id: "hyperloglog/12",
  accepts: "scalar",
  maxBytes: MAX_HYPERLOGLOG_BYTES,
  maxGrowthBytes: MAX_HYPERLOGLOG_GROWTH_BYTES,
  zero: () => null,
  add(partial, { value }) {
    hashScalar(value, hash);
    const sketch = partial ?? createHyperLogLog();
    addHash(sketch, hash.high, hash.low);
    return sketch;
  },
  merge(left, right) {
    if (right === null) return left;
    const sketch = left ?? createHyperLogLog();
    mergeHyperLogLog(sketch, right);
    return sketch;
  },
  encode(writer, partial) {
    if (partial === null) writer.byte(0);
    else encodeHyperLogLog(writer, partial);
  },
  decode(reader) {
    // One byte of 0 is a sketch of no entries: null.
    const sketch = decodeHyperLogLog(reader);
    return sketch.dense === null && sketch.entries.length === 0 ? null : sketch;
  },
};

/**
 * The number of distinct values, estimated by HyperLogLog with a standard error of 1.6 % and rounded to a whole number;
 * `1`, `"1"` and `true` are distinct. 0 for an empty window.
 */
export const approxDistinct: Aggregation = {
  name: "approxDistinct",
  accuracy: "standard error 1.6 %",
  columns: (call) => [{ kind: distinctKind, value: requiredValue(call), where: call.where }],
  result: ([sketch]: readonly (HyperLogLog | null)[]) =>
    sketch === null || sketch === undefined ? 0 : Math.round(estimateHyperLogLog(sketch)),
};
