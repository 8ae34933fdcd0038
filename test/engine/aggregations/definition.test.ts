import { describe, expect, it } from "vitest";
import type { AggregationCall, AggregationName } from "../../../lib/define/aggregation-call.ts";
import { FreshetError } from "../../../lib/define/error.ts";
import { aggregations } from "../../../lib/engine/aggregations/registry.ts";
import { allCalls, bytesOf, kinds, partialOf, roundTrip } from "./column-fixtures.ts";

const value = { kind: "field", field: "value" } as const;
const window = { kind: "lifetime" } as const;
const context = { parameters: {}, asOfMs: 0, window, startMs: null, endMs: 0 } as const;
const codeOf = (action: () => unknown): string | undefined => {
  try {
    action();
  } catch (error) {
    if (error instanceof FreshetError) return error.code;
  }
  return undefined;
};

describe("every aggregation", () => {
  it("stands in the registry under its own name", () => {
    for (const [name, aggregation] of Object.entries(aggregations)) expect(aggregation.name).toBe(name);
    expect(new Set(allCalls.map((call) => call.name))).toEqual(new Set(Object.keys(aggregations)));
  });

  it.each([
    "sum",
    "mean",
    "min",
    "max",
    "last",
    "approxDistinct",
    "approxPercentile",
  ] satisfies AggregationName[])("%s refuses a call without a value", (name) => {
    const call: AggregationCall = { name, value: null, where: null, parameters: { p: 0.5 } };
    expect(codeOf(() => aggregations[name].columns(call, window))).toBe("DEFINITION_INVALID");
  });

  it.each([undefined, -0.1, 1.1, 90, Number.NaN])("approxPercentile refuses p = %s", (p) => {
    const parameters: Record<string, number> = p === undefined ? {} : { p };
    const call: AggregationCall = { name: "approxPercentile", value, where: null, parameters };
    expect(codeOf(() => aggregations.approxPercentile.columns(call, window))).toBe("DEFINITION_INVALID");
  });

  it("shares columns where the state is the same: percentiles whatever their p, mean's sum with sum", () => {
    const ids = (name: AggregationName, parameters: Record<string, number>) =>
      aggregations[name].columns({ name, value, where: null, parameters }, window).map(({ kind }) => kind.id);
    expect(ids("approxPercentile", { p: 0.5 })).toEqual(ids("approxPercentile", { p: 0.9 }));
    expect(ids("mean", {})).toEqual(expect.arrayContaining(ids("sum", {})));
  });

  it("has kinds of different state under different names", () => {
    expect(new Set(kinds.map(({ id }) => id)).size).toBe(kinds.length);
  });
});

describe("sums beyond the range of a double", () => {
  const kind = kinds.find(({ id }) => id === "sum")!;
  const input = (number: number) => ({ value: number, eventTimeMs: 0, identityHigh: 0, identityLow: 0 });

  it("answer null, as sum and as mean, and keep their state through bytes", () => {
    const infinite = partialOf(kind, [input(Number.MAX_VALUE), input(Number.MAX_VALUE)]);
    const undefinedSum = kind.merge(
      infinite,
      partialOf(kind, [input(-Number.MAX_VALUE), input(-Number.MAX_VALUE)]),
    );
    for (const partial of [infinite, undefinedSum]) {
      expect(aggregations.sum.result([partial], context)).toBeNull();
      expect(aggregations.mean.result([2, partial], context)).toBeNull();
      expect(roundTrip(kind, partial)).toBe(partial);
      expect(bytesOf(kind, partial).length).toBeLessThanOrEqual(kind.maxBytes);
    }
  });
});

describe("bounds", () => {
  it("hold for the longest numbers", () => {
    for (const { id, kind } of kinds.map((kind) => ({ id: kind.id, kind }))) {
      if (!id.startsWith("count")) continue;
      expect(bytesOf(kind, Number.MAX_SAFE_INTEGER).length).toBeLessThanOrEqual(kind.maxBytes);
    }
    for (const number of [
      0.1,
      -1 / 3,
      Number.MAX_VALUE,
      5e-324,
      2 ** 50 - 1,
      -(2 ** 50) + 1,
      11258999068426.23,
    ]) {
      for (const name of ["sum", "min", "max"]) {
        const kind = kinds.find(({ id }) => id === name)!;
        expect(bytesOf(kind, number).length).toBeLessThanOrEqual(kind.maxBytes);
        expect(roundTrip(kind, number)).toBe(number);
      }
    }
  });
});
