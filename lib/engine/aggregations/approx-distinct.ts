import {
  addEntry,
  createHyperLogLog,
  decodeEntry,
  decodeHyperLogLog,
  encodeEntry,
  encodeHyperLogLog,
  entryOf,
  estimateHyperLogLog,
  type HyperLogLog,
  MAX_HYPERLOGLOG_BYTES,
  MAX_HYPERLOGLOG_GROWTH_BYTES,
  mergeHyperLogLog,
} from "../sketches/hyperloglog.ts";
import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";

/** No value yet, the entry of the only register that is not zero, or a sketch: most tiles of most columns hold one value. */
type Distinct = null | number | HyperLogLog;

function sketchOf(partial: Distinct): HyperLogLog {
  if (partial === null) return createHyperLogLog();
  return typeof partial === "number" ? { entries: [partial], dense: null } : partial;
}

/** Values that share a register leave one entry: it is kept as it is read again from bytes. */
function compacted(sketch: HyperLogLog): Distinct {
  return sketch.dense === null && sketch.entries.length === 1 ? sketch.entries[0]! : sketch;
}

const distinctKind: ColumnKind<Distinct> = {
  id: "hyperloglog/12",
  accepts: "scalar",
  maxBytes: MAX_HYPERLOGLOG_BYTES,
  maxGrowthBytes: MAX_HYPERLOGLOG_GROWTH_BYTES,
  digest: ({ high, low }) => entryOf(high, low),
  zero: () => null,
  add(partial, { value }) {
    const entry = value as number;
    if (partial === null || partial === entry) return entry;
    const sketch = sketchOf(partial);
    addEntry(sketch, entry);
    return compacted(sketch);
  },
  merge(left, right) {
    if (right === null || left === right) return left;
    if (left === null && typeof right === "number") return right;
    const sketch = sketchOf(left);
    if (typeof right === "number") addEntry(sketch, right);
    else mergeHyperLogLog(sketch, right);
    return compacted(sketch);
  },
  encode(writer, partial) {
    if (partial === null) writer.byte(0);
    else if (typeof partial === "number") encodeEntry(writer, partial);
    else encodeHyperLogLog(writer, partial);
  },
  decode(reader) {
    const entry = decodeEntry(reader);
    if (entry !== null) return entry;
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
  result: ([partial]: readonly Distinct[]) =>
    partial === null || partial === undefined ? 0 : Math.round(estimateHyperLogLog(sketchOf(partial))),
};
