import type { ColumnKind } from "./column-kind.ts";

/** Count, mean, and sums of powers of the deviations from it. */
export interface Moments {
  count: number;
  mean: number;
  /** Sum of squared deviations. */
  m2: number;
  /** Of cubed ones; 0 where the kind keeps fewer powers. */
  m3: number;
  m4: number;
}

/**
 * The column of the central moments up to a power. Deviations are summed, not powers of the values, whose difference
 * would keep no digit of a small spread about a large mean; values join one at a time and tiles by Pébay's formulas
 * ("Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments", 2008).
 *
 * With n values of deviations d and root mean square r: each sum of powers p is within 2 n (r / s) 2^-52 of the sum of
 * |d|^p, s being their standard deviation: a mean a million times the spread costs six digits, not twelve.
 */
export function momentsKind(powers: 2 | 3 | 4): ColumnKind<Moments | null> {
  return {
    id: `moments/${powers}`,
    accepts: "number",
    maxBytes: 8 + 9 * powers,
    zero: () => null,
    add(partial, { value }) {
      const added = (value as number) + 0;
      if (partial === null) return { count: 1, mean: added, m2: 0, m3: 0, m4: 0 };
      addOne(partial, added, powers);
      return partial;
    },
    merge(left, right) {
      if (right === null) return left;
      if (left === null) return { ...right };
      join(left, right, powers);
      return left;
    },
    encode(writer, partial) {
      if (partial === null) {
        writer.varint(0);
        return;
      }
      writer.varint(partial.count);
      writer.number(partial.mean);
      writer.number(partial.m2);
      if (powers > 2) writer.number(partial.m3);
      if (powers > 3) writer.number(partial.m4);
    },
    decode(reader) {
      const count = reader.varint();
      if (count === 0) return null;
      const mean = reader.number();
      const m2 = reader.number();
      const m3 = powers > 2 ? reader.number() : 0;
      const m4 = powers > 3 ? reader.number() : 0;
      return { count, mean, m2, m3, m4 };
    },
  };
}

// Adding 0 makes -0 the 0 that it is decoded as (R8).
function addOne(moments: Moments, value: number, powers: number): void {
  const before = moments.count;
  const count = before + 1;
  const delta = value - moments.mean;
  const step = delta / count;
  const square = delta * step * before;
  const { m2, m3 } = moments;
  moments.count = count;
  moments.mean = moments.mean + step + 0;
  moments.m2 = m2 + square;
  if (powers > 2) moments.m3 = m3 + square * step * (count - 2) - 3 * step * m2 + 0;
  if (powers > 3) {
    const fourth = square * step * step * (count * count - 3 * count + 3);
    moments.m4 = moments.m4 + fourth + 6 * step * step * m2 - 4 * step * m3 + 0;
  }
}

function join(left: Moments, right: Moments, powers: number): void {
  const a = left.count;
  const b = right.count;
  const count = a + b;
  const delta = right.mean - left.mean;
  const step = delta / count;
  const square = delta * step * a * b;
  const { m2, m3, m4 } = left;
  left.count = count;
  left.mean = left.mean + step * b + 0;
  left.m2 = m2 + right.m2 + square;
  if (powers > 2) {
    left.m3 = m3 + right.m3 + square * step * (a - b) + 3 * step * (a * right.m2 - b * m2) + 0;
  }
  if (powers > 3) {
    const fourth = square * step * step * (a * a - a * b + b * b);
    const squares = 6 * step * step * (a * a * right.m2 + b * b * m2);
    left.m4 = m4 + right.m4 + fourth + squares + 4 * step * (a * right.m3 - b * m3) + 0;
  }
}

/** A result, or null where it is none: of too few values, or past the range of a double. */
export function finiteOrNull(result: number): number | null {
  return Number.isFinite(result) ? result : null;
}
