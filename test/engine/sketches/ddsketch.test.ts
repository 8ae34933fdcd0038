import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FreshetError } from "../../../lib/define/error.ts";
import { ByteReader } from "../../../lib/engine/codec/byte-reader.ts";
import { ByteWriter } from "../../../lib/engine/codec/byte-writer.ts";
import {
  addValue,
  createDDSketch,
  type DDSketch,
  decodeDDSketch,
  encodeDDSketch,
  MAX_BUCKET_COUNT,
  MAX_BUCKETS,
  MAX_DDSKETCH_BYTES,
  MAX_DDSKETCH_GROWTH_BYTES,
  mergeDDSketch,
  quantile,
} from "../../../lib/engine/sketches/ddsketch.ts";
import {
  bucketKey,
  bucketValue,
  MIN_MAGNITUDE,
  RELATIVE_ACCURACY,
} from "../../../lib/engine/sketches/ddsketch-buckets.ts";
import { distributions, signedDistributions, take, uniform } from "./distributions.ts";

function sketchOf(values: readonly number[]): DDSketch {
  const sketch = createDDSketch();
  for (const value of values) addValue(sketch, value);
  return sketch;
}

function bytesOf(sketch: DDSketch): Uint8Array {
  const writer = new ByteWriter();
  encodeDDSketch(writer, sketch);
  return writer.toBytes();
}

const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true });
const few = fc.array(fc.oneof(anyDouble, fc.integer({ min: -50, max: 50 })), { maxLength: 60 });
/** More buckets than a sketch keeps, on one side, on both, or only together. */
const many = fc
  .tuple(fc.constantFrom(10, 600, 2_500), fc.constantFrom(1, 10, 40), fc.nat())
  .map(([count, octaves, seed]) => {
    const random = uniform(seed);
    return take(count, () => (random() < 0.3 ? -1 : 1) * 2 ** ((random() - 0.5) * 2 * octaves));
  });
const sizes = [
  ["few", few, 1_000],
  ["many", many, 60],
] as const;

describe("buckets", () => {
  it("answer within 1 % of every value in them, and order as the values do", () => {
    fc.assert(
      fc.property(anyDouble, anyDouble, (left, right) => {
        for (const value of [left, right]) {
          const error = Math.abs(bucketValue(bucketKey(value)) - value);
          if (Math.abs(value) < MIN_MAGNITUDE) expect(bucketKey(value)).toBe(0);
          else expect(error).toBeLessThanOrEqual(RELATIVE_ACCURACY * Math.abs(value));
        }
        expect((bucketKey(left) - bucketKey(right)) * Math.sign(left - right)).toBeGreaterThanOrEqual(0);
        expect(bucketKey(-left) + bucketKey(left)).toBe(0);
      }),
      { numRuns: 5_000, seed: 20260401 },
    );
  });

  it("hold their own answers, from end to end of the doubles", () => {
    const lowest = bucketKey(MIN_MAGNITUDE);
    const highest = bucketKey(Number.MAX_VALUE);
    expect(lowest).toBe(1);
    for (let key = lowest; key <= highest; key++) {
      if (bucketKey(bucketValue(key)) !== key) expect.fail(`bucket ${key} answers ${bucketValue(key)}`);
    }
  });

  it("keep 1 % at the edges of octaves and of the range", () => {
    for (let exponent = -1022; exponent <= 1023; exponent++) {
      const power = 2 ** exponent;
      for (const value of [power, power * (1 + Number.EPSILON), power * (2 - Number.EPSILON)]) {
        const relative = Math.abs(bucketValue(bucketKey(value)) / value - 1);
        if (!(relative <= RELATIVE_ACCURACY))
          expect.fail(`${value} is answered by ${bucketValue(bucketKey(value))}`);
      }
    }
  });
});

describe("DDSketch", () => {
  it.each(sizes)(
    "has the bytes of the union when merged, and keeps the right side: %s values",
    (_, values, numRuns) => {
      fc.assert(
        fc.property(values, values, (first, second) => {
          const merged = sketchOf(first);
          const right = sketchOf(second);
          const lengths = bytesOf(merged).length + bytesOf(right).length;
          mergeDDSketch(merged, right);
          expect(bytesOf(merged)).toEqual(bytesOf(sketchOf([...second, ...first])));
          expect(bytesOf(right)).toEqual(bytesOf(sketchOf(second)));
          expect(bytesOf(merged).length).toBeLessThanOrEqual(lengths + MAX_DDSKETCH_GROWTH_BYTES);
        }),
        { numRuns, seed: 20260402 },
      );
    },
  );

  it.each(sizes)("comes back from bytes as it was, and grows on alike: %s values", (_, values, numRuns) => {
    fc.assert(
      fc.property(values, values, (some, more) => {
        const sketch = sketchOf(some);
        const decoded = decodeDDSketch(new ByteReader(bytesOf(sketch)));
        expect(decoded).toStrictEqual(sketch);
        for (const value of more) {
          addValue(sketch, value);
          addValue(decoded, value);
        }
        expect(bytesOf(decoded)).toEqual(bytesOf(sketch));
      }),
      { numRuns, seed: 20260403 },
    );
  });

  it.each(sizes)("keeps to its bounds on bytes and growth: %s values", (_, values, numRuns) => {
    fc.assert(
      fc.property(values, (some) => {
        const sketch = createDDSketch();
        let length = bytesOf(sketch).length;
        for (const value of some) {
          addValue(sketch, value);
          const grown = bytesOf(sketch).length;
          if (grown > MAX_DDSKETCH_BYTES || grown - length > MAX_DDSKETCH_GROWTH_BYTES) {
            expect.fail(`${value} makes ${grown} bytes of ${length}`);
          }
          length = grown;
        }
      }),
      { numRuns: Math.min(numRuns, 300), seed: 20260404 },
    );
  });

  it("keeps to its bound with every bucket, gap and count at its longest", () => {
    const sketch = createDDSketch();
    // 512 buckets of each sign over the whole range of doubles, 64 keys and more apart, and zero.
    for (let i = 0; i < MAX_BUCKETS / 2; i++) {
      const magnitude = 2 ** (1023.9 - i * 1.9);
      addValue(sketch, magnitude);
      addValue(sketch, -magnitude);
    }
    addValue(sketch, 0);
    for (let doubled = 0; doubled < 40; doubled++) mergeDDSketch(sketch, { ...sketch });
    expect(sketch.keys.length).toBe(MAX_BUCKETS + 1);
    expect(new Set(sketch.counts)).toEqual(new Set([MAX_BUCKET_COUNT]));
    const { length } = bytesOf(sketch);
    expect(length).toBeLessThanOrEqual(MAX_DDSKETCH_BYTES);
    expect(length).toBeGreaterThan(0.99 * MAX_DDSKETCH_BYTES);
    expect(decodeDDSketch(new ByteReader(bytesOf(sketch)))).toStrictEqual(sketch);
  });

  it("is refused when its bytes are cut short, or have more buckets than a sketch can", () => {
    const bytes = bytesOf(sketchOf([-3, -2, 0, 0, 1, 2, 3, 1e6]));
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeDDSketch(new ByteReader(bytes, 0, end))).toThrow(FreshetError);
    }
    const writer = new ByteWriter();
    writer.varint((MAX_BUCKETS + 1) * 4);
    expect(() => decodeDDSketch(new ByteReader(writer.toBytes()))).toThrow(FreshetError);
  });

  it("takes two or three bytes for one value, and few for few", () => {
    expect(bytesOf(sketchOf([1])).length).toBe(2);
    expect(bytesOf(sketchOf([120])).length).toBe(3);
    expect(bytesOf(sketchOf([-5, 0, 0, 12, 12, 45])).length).toBeLessThanOrEqual(12);
  });

  it("counts the least magnitudes as zero past its bound on buckets, and keeps the greatest as they are", () => {
    const magnitudes = Array.from({ length: MAX_BUCKETS + 100 }, (_, i) => 1.03 ** i);
    const values = magnitudes.map((magnitude, i) => (i % 2 === 0 ? magnitude : -magnitude));
    for (const order of [values, [...values].reverse()]) {
      const sketch = sketchOf(order);
      expect(sketch.keys.length).toBe(MAX_BUCKETS + 1);
      expect(sketch.counts[sketch.keys.indexOf(0)]).toBe(100);
      expect(quantile(sketch, 0.5)).toBe(0);
      for (const p of [0, 0.2, 0.8, 1]) expectWithin(quantile(sketch, p), exactQuantile(values, p));
    }
  });

  it.each(Object.entries({ ...distributions, ...signedDistributions }))(
    "answers any quantile of 100,000 values within one per cent, whole and merged from 25 parts: %s",
    (_, distribution) => {
      for (const seed of [1, 2, 3]) {
        const values = take(100_000, distribution(seed));
        const sketch = sketchOf(values);
        const merged = createDDSketch();
        for (let part = 0; part < 25; part++)
          mergeDDSketch(merged, sketchOf(values.slice(part * 4_000, part * 4_000 + 4_000)));
        expect(bytesOf(merged)).toEqual(bytesOf(sketch));
        const sorted = Float64Array.from(values).sort();
        for (const p of [0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1]) {
          expectWithin(quantile(sketch, p), sorted[Math.floor(p * (values.length - 1))]!);
        }
      }
    },
  );
});

function exactQuantile(values: readonly number[], p: number): number {
  return [...values].sort((left, right) => left - right)[Math.floor(p * (values.length - 1))]!;
}

function expectWithin(actual: number | null, exact: number): void {
  expect(Math.abs(actual! - exact), `${actual} for ${exact}`).toBeLessThanOrEqual(
    RELATIVE_ACCURACY * Math.abs(exact),
  );
}
