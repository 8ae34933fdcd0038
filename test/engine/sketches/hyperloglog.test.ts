import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FreshetError } from "../../../lib/define/error.ts";
import { ByteReader } from "../../../lib/engine/codec/byte-reader.ts";
import { ByteWriter } from "../../../lib/engine/codec/byte-writer.ts";
import { hashScalar } from "../../../lib/engine/hash.ts";
import {
  addHash,
  createHyperLogLog,
  decodeHyperLogLog,
  encodeHyperLogLog,
  estimateHyperLogLog,
  type HyperLogLog,
  MAX_HYPERLOGLOG_BYTES,
  MAX_HYPERLOGLOG_GROWTH_BYTES,
  MAX_SPARSE_ENTRIES,
  mergeHyperLogLog,
} from "../../../lib/engine/sketches/hyperloglog.ts";
import { distributions, take, uniform } from "./distributions.ts";

type Hash = readonly [high: number, low: number];

const hash = { high: 0, low: 0 };

function sketchOf(values: readonly number[]): HyperLogLog {
  const sketch = createHyperLogLog();
  for (const value of values) {
    hashScalar(value, hash);
    addHash(sketch, hash.high, hash.low);
  }
  return sketch;
}

function sketchOfHashes(hashes: readonly Hash[]): HyperLogLog {
  const sketch = createHyperLogLog();
  for (const [high, low] of hashes) addHash(sketch, high, low);
  return sketch;
}

function bytesOf(sketch: HyperLogLog): Uint8Array {
  const writer = new ByteWriter();
  encodeHyperLogLog(writer, sketch);
  return writer.toBytes();
}

/** The highest rank of each register, by the definition, over the hash's bits as text. */
function ranksOf(hashes: readonly Hash[]): Map<number, number> {
  const ranks = new Map<number, number>();
  for (const [high, low] of hashes) {
    const bits = high.toString(2).padStart(32, "0") + low.toString(2).padStart(32, "0");
    const index = Number.parseInt(bits.slice(0, 12), 2);
    const firstOne = bits.slice(12, 12 + 30).indexOf("1");
    ranks.set(index, Math.max(ranks.get(index) ?? 0, firstOne === -1 ? 31 : firstOne + 1));
  }
  return ranks;
}

function ranksIn({ entries, dense }: HyperLogLog): Map<number, number> {
  if (dense === null) return new Map(entries.map((entry) => [entry >>> 5, entry & 31]));
  const bits = [...dense]
    .map((byte) => byte.toString(2).padStart(8, "0").split("").reverse().join(""))
    .join("");
  const ranks = new Map<number, number>();
  for (let index = 0; index < 4096; index++) {
    const rank = Number.parseInt(
      bits
        .slice(index * 5, index * 5 + 5)
        .split("")
        .reverse()
        .join(""),
      2,
    );
    if (rank > 0) ranks.set(index, rank);
  }
  return ranks;
}

/** Hashes of all ranks, and of few registers, as often as of many. */
const drawnHash: fc.Arbitrary<Hash> = fc
  .tuple(
    fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 4095 })),
    fc.nat({ max: 40 }),
    fc.nat({ max: 0xffffffff }),
  )
  .map(([index, zeros, noise]) => {
    const rest = ((1n << 51n) | BigInt(noise)) >> BigInt(zeros);
    return [((index << 20) | Number(rest >> 32n)) >>> 0, Number(rest & 0xffffffffn)];
  });
const few = fc.array(drawnHash, { maxLength: 60 });
/** Enough to be dense on one side, on both, or only together. */
const many = fc
  .tuple(fc.constantFrom(10, 500, 900, 3_000), fc.nat())
  .map(([count, seed]) => take(2 * count, uniform(seed)))
  .map((numbers) =>
    numbers.flatMap((number, index): Hash[] =>
      index % 2 === 0 ? [[Math.floor(number * 2 ** 32), Math.floor(numbers[index + 1]! * 2 ** 32)]] : [],
    ),
  );

describe("HyperLogLog", () => {
  it.each([
    ["few", few, 1_000],
    ["many", many, 100],
  ] as const)("holds the highest rank of each register: %s hashes", (_, hashes, numRuns) => {
    fc.assert(
      fc.property(hashes, (drawn) => {
        const expected = [...ranksOf(drawn)].sort(([left], [right]) => left - right);
        expect([...ranksIn(sketchOfHashes(drawn))]).toEqual(expected);
      }),
      { numRuns, seed: 20260301 },
    );
  });

  it.each([
    ["few", few, 1_000],
    ["many", many, 100],
  ] as const)(
    "has the bytes of the union when merged, and keeps the right side: %s hashes",
    (_, hashes, numRuns) => {
      fc.assert(
        fc.property(hashes, hashes, (first, second) => {
          const merged = sketchOfHashes(first);
          const right = sketchOfHashes(second);
          const lengths = bytesOf(merged).length + bytesOf(right).length;
          mergeHyperLogLog(merged, right);
          expect(bytesOf(merged)).toEqual(bytesOf(sketchOfHashes([...second, ...first])));
          expect(bytesOf(right)).toEqual(bytesOf(sketchOfHashes(second)));
          expect(bytesOf(merged).length).toBeLessThanOrEqual(lengths + MAX_HYPERLOGLOG_GROWTH_BYTES);
        }),
        { numRuns, seed: 20260302 },
      );
    },
  );

  it.each([
    ["few", few, 1_000],
    ["many", many, 100],
  ] as const)("comes back from bytes as it was, and grows on alike: %s hashes", (_, hashes, numRuns) => {
    fc.assert(
      fc.property(hashes, hashes, (some, more) => {
        const sketch = sketchOfHashes(some);
        const bytes = bytesOf(sketch);
        const decoded = decodeHyperLogLog(new ByteReader(bytes));
        expect(decoded).toStrictEqual(sketch);
        for (const [high, low] of more) {
          addHash(sketch, high, low);
          addHash(decoded, high, low);
        }
        expect(bytesOf(decoded)).toEqual(bytesOf(sketch));
      }),
      { numRuns, seed: 20260303 },
    );
  });

  it("is refused when its bytes are cut short, or have more entries than a sketch can", () => {
    for (const count of [1, 100, 2_000]) {
      const bytes = bytesOf(sketchOf(take(count, uniform(count))));
      for (const end of [0, 1, bytes.length >> 1, bytes.length - 1]) {
        expect(() => decodeHyperLogLog(new ByteReader(bytes, 0, end))).toThrow(FreshetError);
      }
    }
    const writer = new ByteWriter();
    writer.varint(MAX_SPARSE_ENTRIES + 2);
    expect(() => decodeHyperLogLog(new ByteReader(writer.toBytes()))).toThrow(FreshetError);
  });

  it("takes about three bytes for one value, about 1.2 a value for a thousand", () => {
    const lengths = take(200, uniform(1)).map((value) => bytesOf(sketchOf([value])).length);
    expect(Math.max(...lengths)).toBe(4);
    expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).toBeLessThan(3.25);
    expect(bytesOf(sketchOf(take(1_000, uniform(2)))).length).toBeLessThan(1_250);
  });

  it("keeps to its bounds at its longest, and where it becomes dense", () => {
    const sketch = createHyperLogLog();
    let length = bytesOf(sketch).length;
    // Every fourth register, then the rest, of the highest rank, then the lowest: the longest and shortest codes.
    for (const low of [0, 0xffffffff]) {
      const spread = createHyperLogLog();
      for (let i = 0; i < 4096; i++) {
        const index = (i * 4 + (i >>> 10)) & 4095;
        addHash(low === 0 ? sketch : spread, ((index << 20) | (low === 0 ? 0 : 0xfffff)) >>> 0, low);
        const grown = bytesOf(low === 0 ? sketch : spread).length;
        expect(grown).toBeLessThanOrEqual(MAX_HYPERLOGLOG_BYTES);
        expect(grown - (i === 0 ? 1 : length)).toBeLessThanOrEqual(MAX_HYPERLOGLOG_GROWTH_BYTES);
        length = grown;
      }
      expect(length).toBe(MAX_HYPERLOGLOG_BYTES);
    }
    expect(ranksIn(sketch).get(4095)).toBe(31);
  });

  it("is dense for more than its sparse limit of registers, and only then", () => {
    const sketch = createHyperLogLog();
    for (let index = 0; index < MAX_SPARSE_ENTRIES; index++) addHash(sketch, (index << 20) >>> 0, 0);
    expect(sketch.dense).toBeNull();
    addHash(sketch, 4095 * 2 ** 20, 0);
    expect(sketch.dense).not.toBeNull();
  });

  it("has a standard error of at most two per cent, and no bias, in 100,000 values of each distribution", () => {
    const errors = Object.values(distributions).flatMap((distribution) =>
      Array.from({ length: 30 }, (_, seed) => {
        const values = take(100_000, distribution(seed + 1));
        return estimateHyperLogLog(sketchOf(values)) / new Set(values).size - 1;
      }),
    );
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const squares = errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
    expect(Math.sqrt(squares)).toBeLessThan(0.02);
    expect(Math.abs(mean)).toBeLessThan((3 * 0.01625) / Math.sqrt(errors.length));
    // No run is out of all proportion.
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(4 * 0.01625);
  });

  it.each([10, 100, 1_000, 3_000, 10_000, 30_000, 1_000_000])(
    "errs by at most two per cent in %d values",
    (count) => {
      const runs = count === 1_000_000 ? 4 : 60;
      const squares = Array.from({ length: runs }, (_, seed) => {
        const estimate = estimateHyperLogLog(sketchOf(take(count, uniform(1_000 + seed))));
        return (estimate / count - 1) ** 2;
      });
      expect(Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / runs)).toBeLessThan(0.02);
    },
  );

  it("estimates none as 0, and few as they are", () => {
    expect(estimateHyperLogLog(createHyperLogLog())).toBe(0);
    for (let count = 1; count <= 12; count++) {
      expect(Math.round(estimateHyperLogLog(sketchOf(take(count, uniform(count)))))).toBe(count);
    }
  });
});
