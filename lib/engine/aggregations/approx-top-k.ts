import type { Scalar } from "../../define/where.ts";
import {
  addFrequent,
  compareScalars,
  createFrequentValues,
  type FrequentValues,
  mergeFrequent,
} from "../sketches/frequent-values.ts";
import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { requiredParameter } from "./required-parameter.ts";
import { requiredValue } from "./required-value.ts";
import { MAX_TEXT_BYTES, readValue, storable, tagOf, writeValue } from "./stored-value.ts";

function frequentKind(capacity: number): ColumnKind<FrequentValues | null> {
  return {
    id: `frequent/${capacity}`,
    accepts: "scalar",
    // How many; what was missed; of each the count, a tag, a length, a text.
    maxBytes: 2 + 8 + capacity * (8 + 1 + 2 + MAX_TEXT_BYTES),
    // A counter more, or one byte more of a count; and the first byte of what was missed.
    maxGrowthBytes: 3 + 1 + 1 + 2 + MAX_TEXT_BYTES,
    zero: () => null,
    add(partial, { value }) {
      const sketch = partial ?? createFrequentValues();
      addFrequent(sketch, storable(value), capacity);
      return sketch;
    },
    merge(left, right) {
      if (right === null) return left;
      const sketch = left ?? createFrequentValues();
      mergeFrequent(sketch, right, capacity);
      return sketch;
    },
    encode(writer, partial) {
      if (partial === null) {
        writer.varint(0);
        return;
      }
      writer.varint(1 + partial.counts.size);
      writer.varint(partial.missed);
      const entries = [...partial.counts].sort(([left], [right]) => compareScalars(left, right));
      for (const [value, count] of entries) {
        writer.varint(count);
        writer.byte(tagOf(value));
        writeValue(writer, value);
      }
    },
    decode(reader) {
      const head = reader.varint();
      if (head > 1 + capacity) reader.refuse(`counts ${head - 1} values where ${capacity} is the most`);
      if (head === 0) return null;
      const missed = reader.varint();
      const counts = new Map<Scalar, number>();
      for (let i = 1; i < head; i++) {
        const count = reader.varint();
        counts.set(readValue(reader, reader.byte()), count);
      }
      return { counts, missed };
    },
  };
}

/**
 * The `k` values that came most often, most frequent first, each with how often it came; equally frequent ones in the
 * order of the values. Exact while a window has at most `capacity` distinct values; past that a count is low by at most
 * the window's values over `capacity + 1`, and a value that came less often than that may be missed. Null when there
 * are no values. A text is kept to its first 256 bytes, and texts that share these are one.
 */
export const approxTopK: Aggregation = {
  name: "approxTopK",
  accuracy:
    "exact up to capacity distinct values; then counts are low by at most n / (capacity + 1) of n values",
  columns: (call) => [
    {
      kind: frequentKind(requiredParameter(call, "capacity")),
      value: requiredValue(call),
      where: call.where,
    },
  ],
  result: ([sketch]: readonly (FrequentValues | null)[], { parameters }) => {
    if (sketch === null || sketch === undefined) return null;
    return [...sketch.counts]
      .map(([value, count]) => ({ value, count }))
      .sort((left, right) => right.count - left.count || compareScalars(left.value, right.value))
      .slice(0, parameters.k!);
  },
};
