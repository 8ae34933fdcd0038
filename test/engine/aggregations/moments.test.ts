import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AggregationName } from "../../../lib/define/aggregation-call.ts";
import type { ColumnInput, ColumnKind } from "../../../lib/engine/aggregations/column-kind.ts";
import { aggregations } from "../../../lib/engine/aggregations/registry.ts";
import { exactMoments, quotient } from "../../oracles/moments.ts";
import { CASES, partialOf, roundTrip } from "./column-fixtures.ts";
import { expectAnswer } from "./expect-answer.ts";

const names = ["variance", "stddev", "skew", "kurtosis"] as const satisfies readonly AggregationName[];
const context = { asOfMs: 0, window: { kind: "lifetime" } } as const;
const callOf = (name: AggregationName) =>
  ({ name, value: { kind: "field", field: "value" }, where: null, parameters: {} }) as const;

function inputsOf(values: readonly number[]): ColumnInput[] {
  return values.map((value) => ({ value, eventTimeMs: 0, identityHigh: 0, identityLow: 0 }));
}

/** Tiles of as many values as `sizes` says over and over, stored, loaded and merged in order. */
function answers(name: AggregationName, values: readonly number[], sizes: readonly number[]) {
  const kind = aggregations[name].columns(callOf(name), context.window)[0]!.kind as ColumnKind;
  let merged = kind.zero();
  for (let start = 0, tile = 0; start < values.length; tile++) {
    const end = start + sizes[tile % sizes.length]!;
    merged = kind.merge(merged, roundTrip(kind, partialOf(kind, inputsOf(values.slice(start, end)))));
    start = end;
  }
  return aggregations[name].result([merged], { ...context, parameters: {}, startMs: null, endMs: 0 });
}

/** A small spread about a mean up to a million million times as large; outliers first, last or nowhere. */
const hardValues = fc
  .record({
    offset: fc.constantFrom(0, 1, -1e3, 1e6, 1e9, -1e12),
    spread: fc.constantFrom(1, 1e-3, 1e4),
    drawn: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 120 }),
    outlier: fc.constantFrom(null, 0, -1),
  })
  .map(({ offset, spread, drawn, outlier }) => {
    const values = drawn.map((value) => offset + spread * (Math.abs(value) < 1e-6 ? 0 : value));
    if (outlier !== null) values[outlier === 0 ? 0 : values.length - 1] = offset + 1e6 * spread;
    return values;
  });

describe.each(names)("%s", (name) => {
  it("keeps to its error bound where powers of the values would lose every digit", () => {
    fc.assert(
      fc.property(
        hardValues,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (values, sizes) => {
          const events = values.map((value) => ({ row: { value }, eventTimeMs: 0 }));
          expectAnswer({ call: callOf(name), actual: answers(name, values, sizes), events, context });
        },
      ),
      { numRuns: CASES, seed: 20260510 },
    );
  });

  it("is 0 or null for equal values, to the last bit, whatever the tiles", () => {
    for (const value of [0.1, -1e12, 1 / 3, 5e-324]) {
      const same = new Array<number>(50).fill(value);
      expect(answers(name, same, [1, 7, 3])).toBe(name === "variance" || name === "stddev" ? 0 : null);
    }
  });

  it("is null where it leaves the range of a double, and goes on from bytes", () => {
    expect(answers(name, [1e200, -1e200, 3e200, 7], [2])).toBeNull();
    expect(answers(name, [Number.MAX_VALUE, -Number.MAX_VALUE, 1, 2], [1])).toBeNull();
  });
});

describe("few values", () => {
  it("have no skew below three and no kurtosis below four", () => {
    const values = [1, 5, 2, 9];
    expect([1, 2, 3].map((count) => answers("skew", values.slice(0, count), [1]) === null)).toEqual([
      true,
      true,
      false,
    ]);
    expect([2, 3, 4].map((count) => answers("kurtosis", values.slice(0, count), [1]) === null)).toEqual([
      true,
      true,
      false,
    ]);
    expect(answers("variance", [3], [1])).toBe(0);
  });
});

describe("the oracle", () => {
  it("agrees with figures worked out by hand", () => {
    expect(exactMoments([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({
      variance: 4,
      stddev: 2,
      skew: 0.65625,
      kurtosis: -0.21875,
    });
    expect(exactMoments([-1, 0, 0, 0, 0, 0, 0, 0, 0, 1]).kurtosis).toBe(2);
    expect(quotient(-1n, 3n)).toBe(-1 / 3);
    expect(quotient(10n ** 400n, 10n ** 200n * 10n ** 199n)).toBe(10);
  });
});
