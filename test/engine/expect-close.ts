import { expect } from "vitest";

/**
 * Equal, or within the error that the aggregation documents. The rounding of a sum is relative to what was added
 * (`magnitude`), not to what is left when signs cancel.
 */
export function expectClose(check: {
  name: string;
  actual: unknown;
  expected: unknown;
  magnitude: number;
}): void {
  const { name, actual, expected, magnitude } = check;
  if (typeof expected !== "number" || typeof actual !== "number") {
    expect(actual, name).toEqual(expected);
    return;
  }
  const tolerance = /^(p90|median|distinct)/.test(name) ? 0.01 * Math.abs(expected) : 0;
  const rounding = 1e-9 * (/sum|mean/i.test(name) ? magnitude : Math.abs(expected));
  expect(Math.abs(actual - expected), `${name}: ${actual} for ${expected}`).toBeLessThanOrEqual(
    tolerance + rounding,
  );
}
