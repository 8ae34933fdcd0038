import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ColumnKind } from "../../../lib/engine/aggregations/column-kind.ts";
import { aggregations } from "../../../lib/engine/aggregations/registry.ts";
import { CASES, partialOf, roundTrip } from "./column-fixtures.ts";

const HALF_LIFE_MS = 1_000;
const HOUR_MS = 3_600_000;
const parameters = { halfLifeMs: HALF_LIFE_MS };
const window = { kind: "lifetime" } as const;
const call = {
  name: "expDecaySum",
  value: { kind: "field", field: "value" },
  where: null,
  parameters,
} as const;
const kind = aggregations.expDecaySum.columns(call, window)[0]!.kind as ColumnKind;

interface Timed {
  readonly value: number;
  readonly eventTimeMs: number;
}

function partialFor(events: readonly Timed[]): unknown {
  return partialOf(
    kind,
    events.map((event) => ({ ...event, identityHigh: 0, identityLow: 0 })),
  );
}

/** Tiles of as many events as `sizes` says over and over, stored, loaded and merged in order. */
function answer(events: readonly Timed[], asOfMs: number, sizes: readonly number[] = [events.length]) {
  let merged = kind.zero();
  for (let start = 0, tile = 0; start < events.length; tile++) {
    const end = start + sizes[tile % sizes.length]!;
    merged = kind.merge(merged, roundTrip(kind, partialFor(events.slice(start, end))));
    start = end;
  }
  merged = roundTrip(kind, merged);
  return aggregations.expDecaySum.result([merged], {
    asOfMs,
    window,
    parameters,
    startMs: null,
    endMs: asOfMs,
  });
}

/** A power of 2 below the least double is 0, though a large value times it is not: a thousand halvings at a time. */
function halvedBySteps(value: number, times: number): number {
  let result = value;
  for (let rest = times; rest > 0 && result !== 0; rest -= 1_000) result *= 2 ** -Math.min(rest, 1_000);
  return result;
}

describe("expDecaySum of values at the end of a double's range", () => {
  it("forgets them as it forgets any other", () => {
    const events = [1.7e308, 1, 1, 1].map((value, index) => ({ value, eventTimeMs: 700 + index * HOUR_MS }));
    for (let size = 1; size <= events.length; size++) {
      expect(answer(events, 700 + 3 * HOUR_MS, [size])).toBeCloseTo(1, 12);
    }
  });

  it("keeps the largest value until its halvings leave the range of a double", () => {
    const events = [Number.MAX_VALUE, 0].map((value, index) => ({ value, eventTimeMs: index * 1_980_000 }));
    expect(answer(events, 1_980_000, [1])).toBe(Number.MAX_VALUE * 2 ** -1_000 * 2 ** -980);
  });

  it("is null only while the sum is past the range", () => {
    const events = [1.7e308, 1.7e308, 1.7e308].map((value) => ({ value, eventTimeMs: 300 }));
    expect(answer(events, 300)).toBeNull();
    expect(answer(events, 300 + HALF_LIFE_MS)).toBeNull();
    expect(answer(events, 300 + 2 * HALF_LIFE_MS)! as number).toBeCloseTo(3 * (1.7e308 / 4), -294);
    expect(answer(events, 300 + HOUR_MS)).toBe(0);
  });

  it("is within its error bound of a recount, whatever the tiles", () => {
    const SMALLER = 2 ** -70;
    const event = fc.record({
      value: fc.oneof(
        fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, 1.7e308, 1e308, -1.2e308, 1e300, 1e290, 3.5, 0),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
      ),
      at: fc.nat({ max: 1_000 }),
    });
    let outOfRange = 0;
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(0, 1, 100, 10_000),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
        fc.oneof(fc.constantFrom(0, 1, 999, 1_000), fc.nat({ max: 100_000 })),
        (drawn, stretch, sizes, ahead) => {
          const events = drawn.map(({ value, at }) => ({ value, eventTimeMs: at * stretch }));
          const asOfMs = Math.max(...events.map(({ eventTimeMs }) => eventTimeMs)) + ahead;
          const terms = events.map(({ value, eventTimeMs }) => {
            const past = asOfMs - eventTimeMs;
            return (
              halvedBySteps(value * SMALLER, Math.floor(past / HALF_LIFE_MS)) /
              2 ** ((past % HALF_LIFE_MS) / HALF_LIFE_MS)
            );
          });
          const expected = terms.reduce((sum, term) => sum + term, 0);
          const magnitude = terms.reduce((sum, term) => sum + Math.abs(term), 0);
          // Below a normal double, what halving rounds away.
          const allowed = (events.length + 12) * (2 ** -50 * magnitude + Number.MIN_VALUE);
          const actual = answer(events, asOfMs, sizes);
          if (actual === null) {
            outOfRange++;
            expect(Math.abs(expected) + allowed).toBeGreaterThanOrEqual(Number.MAX_VALUE * SMALLER);
          } else {
            const difference = Math.abs((actual as number) * SMALLER - expected);
            expect(difference).toBeLessThanOrEqual(allowed);
          }
        },
      ),
      { numRuns: CASES, seed: 20260561 },
    );
    expect(outOfRange).toBeGreaterThan(0);
  });
});
