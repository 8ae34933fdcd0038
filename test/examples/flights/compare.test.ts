import { describe, expect, test } from "vitest";
import { describeDifference } from "../../../examples/command/difference.ts";
import { agrees } from "../../../examples/flights/check/agreement.ts";
import { compareEntity } from "../../../examples/flights/check/compare.ts";

const empty = { departures_3h: 0, departures_24h: 0 };
const read = (
  features: Record<string, number | null>,
  known = true,
): Parameters<typeof compareEntity>[0] => ({
  view: "route_departures",
  key: "JFK|LAX",
  asOfMs: Date.UTC(2001, 4, 7, 12),
  known,
  features,
});

describe("agreement", () => {
  test("is equality for counts, and null agrees with null alone", () => {
    expect(agrees("exact", 3, 3)).toBe(true);
    expect(agrees("exact", 3, 3.000001)).toBe(false);
    expect(agrees("exact", null, null)).toBe(true);
    expect(agrees("exact", null, 0)).toBe(false);
    expect(agrees("exact", 0, null)).toBe(false);
    expect(agrees("exact", 1, "1")).toBe(false);
  });

  test("is 1e-9 relative for floats and 1 % for quantiles, negative ones too", () => {
    expect(agrees("rounding", -10, -10 * (1 + 9e-10))).toBe(true);
    expect(agrees("rounding", -10, -10 * (1 + 2e-9))).toBe(false);
    expect(agrees("quantile-sketch", -100, -100.9)).toBe(true);
    expect(agrees("quantile-sketch", -100, -101.1)).toBe(false);
    expect(agrees("quantile-sketch", 0, 0.001)).toBe(false);
  });

  test("is five standard errors for distinct counts, which leaves none to few", () => {
    expect(agrees("distinct-sketch", 200, 216)).toBe(true);
    expect(agrees("distinct-sketch", 200, 217)).toBe(false);
    expect(agrees("distinct-sketch", 12, 13)).toBe(false);
  });

  test("is that of every item in turn for lists, which are as long", () => {
    expect(agrees("exact", [3, 5], [3, 5])).toBe(true);
    expect(agrees("exact", [3, 5], [5, 3])).toBe(false);
    expect(agrees("exact", [3, 5], [3])).toBe(false);
    expect(agrees("exact", [3], [3, 5])).toBe(false);
    expect(agrees("exact", [3], 3)).toBe(false);
    expect(agrees("exact", 3, [3])).toBe(false);
    expect(agrees("exact", null, [])).toBe(false);
    expect(agrees("rounding", [-10, 0], [-10 * (1 + 9e-10), 0])).toBe(true);
  });
});

describe("comparing an entity", () => {
  test("finds nothing where all agrees", () => {
    const features = { departures_3h: 1, departures_24h: 4 };
    expect(compareEntity(read(features), features, empty)).toEqual([]);
    expect(compareEntity(read(empty, false), undefined, empty)).toEqual([]);
  });

  test("finds a wrong, a missing and a superfluous feature", () => {
    const expected = { departures_3h: 1, departures_24h: 4 };
    const differences = compareEntity(read({ departures_3h: 2, departures_1h: 1 }), expected, empty);
    expect(differences.map(({ feature, expected: wanted, actual }) => [feature, wanted, actual])).toEqual([
      ["departures_3h", 1, 2],
      ["departures_24h", 4, undefined],
      ["departures_1h", undefined, 1],
    ]);
    expect(describeDifference(differences[0]!)).toBe(
      "read at 2001-05-07T12:00:00.000Z: route_departures JFK|LAX: departures_3h is 2, expected 1",
    );
  });

  test("finds an entity taken for unknown, and one taken for known", () => {
    const expected = { departures_3h: 0, departures_24h: 0 };
    expect(
      compareEntity(
        read({ departures_3h: 1, departures_24h: 4 }, false),
        { departures_3h: 1, departures_24h: 4 },
        empty,
      ),
    ).toHaveLength(1);
    expect(compareEntity(read(expected, true), undefined, empty)).toHaveLength(1);
    // It had events, but none in its windows: expired or not, both are right.
    expect(compareEntity(read(expected, false), expected, empty)).toEqual([]);
  });
});
