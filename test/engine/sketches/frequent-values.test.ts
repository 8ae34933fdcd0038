import { describe, expect, it } from "vitest";
import type { Scalar } from "../../../lib/define/where.ts";
import {
  addFrequent,
  compareScalars,
  createFrequentValues,
  type FrequentValues,
  mergeFrequent,
} from "../../../lib/engine/sketches/frequent-values.ts";
import { distributions, take } from "./distributions.ts";

const CAPACITY = 64;

function sketchOf(values: readonly Scalar[]): FrequentValues {
  const sketch = createFrequentValues();
  for (const value of values) addFrequent(sketch, value, CAPACITY);
  return sketch;
}

/** Whole numbers, so that values repeat: the shapes of a thousandth's steps. */
const shapes = Object.entries(distributions).map(
  ([name, distribution]) =>
    [
      name,
      (seed: number) => take(100_000, distribution(seed)).map((value) => Math.floor(value * 1_000)),
    ] as const,
);

describe.each(shapes)("the frequent values of 100,000 of a %s distribution", (_, draw) => {
  it.each([1, 2, 3])("keep to their error, whole and merged from 25 parts: seed %i", (seed) => {
    const values = draw(seed);
    const truth = new Map<number, number>();
    for (const value of values) truth.set(value, (truth.get(value) ?? 0) + 1);
    const whole = sketchOf(values);
    const merged = createFrequentValues();
    for (let part = 0; part < 25; part++)
      mergeFrequent(merged, sketchOf(values.slice(part * 4_000, part * 4_000 + 4_000)), CAPACITY);
    for (const { counts, missed } of [whole, merged]) {
      expect(missed).toBeLessThanOrEqual(values.length / (CAPACITY + 1));
      expect(counts.size).toBeLessThanOrEqual(CAPACITY);
      for (const [value, count] of counts) expect(count).toBeLessThanOrEqual(truth.get(value as number)!);
      for (const [value, count] of truth) {
        if (!((counts.get(value) ?? 0) >= count - missed))
          expect.fail(`${value}: ${counts.get(value)} of ${count}`);
      }
    }
  });
});

describe("the order of values", () => {
  it("is of numbers, then texts, then booleans", () => {
    const ordered: Scalar[] = [-1, 0, 2, 10, "", "10", "9", "a", "é", false, true];
    expect([...ordered].reverse().sort(compareScalars)).toEqual(ordered);
  });
});
