import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exp2Fraction, halved } from "../../lib/engine/exponential.ts";
import { relativeErrorOfExp2 } from "../oracles/exponential.ts";
import { CASES } from "./aggregations/column-fixtures.ts";

describe("2 to the power of a fraction", () => {
  const errorAt = (numerator: number, denominator: number) =>
    relativeErrorOfExp2(exp2Fraction(numerator / denominator), BigInt(numerator), BigInt(denominator));

  it("is within 2^-52 of what whole numbers of 220 bits give, all along", () => {
    for (let i = 0; i < 8_192; i++) expect(errorAt(i, 8_192), String(i)).toBeLessThanOrEqual(2 ** -52);
    fc.assert(
      fc.property(fc.maxSafeInteger(), (drawn) => {
        expect(errorAt(Math.abs(drawn), 2 ** 53)).toBeLessThanOrEqual(2 ** -52);
      }),
      { numRuns: 5 * CASES, seed: 20260501 },
    );
  });

  it("is within half of that more for the rounding of a time over a half-life", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.nat({ max: 2 ** 30 }), (halfLifeMs, drawn) => {
        expect(errorAt(drawn % halfLifeMs, halfLifeMs)).toBeLessThanOrEqual(1.5 * 2 ** -52);
      }),
      { numRuns: CASES, seed: 20260502 },
    );
  });

  it("is exact at its ends, and never falls", () => {
    expect(exp2Fraction(0)).toBe(1);
    expect(exp2Fraction(1)).toBe(2);
    expect(Math.abs(exp2Fraction(0.5) ** 2 - 2)).toBeLessThanOrEqual(4 * 2 ** -52);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (x) => {
        const next = Math.min(1, x + 2 ** -50);
        expect(exp2Fraction(next)).toBeGreaterThanOrEqual(exp2Fraction(x));
      }),
      { numRuns: CASES, seed: 20260503 },
    );
  });
});

describe("halving", () => {
  it("divides by a power of two exactly, from the largest double to below the least", () => {
    for (const value of [1, -3, 0.1, Number.MAX_VALUE, -Number.MAX_VALUE]) {
      let expected = value;
      for (let times = 0; times <= 2_300; times++) {
        if (Math.abs(expected) >= 2 ** -1022) expect(halved(value, times), String(times)).toBe(expected);
        else expect(Math.abs(halved(value, times) - expected)).toBeLessThanOrEqual(Number.MIN_VALUE);
        expected /= 2;
      }
      expect(Math.abs(halved(value, 1e15))).toBe(0);
    }
  });
});
