import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addAll,
  addOne,
  bytesOf,
  CASES,
  drawnInputs,
  kinds,
  partialOf,
  roundTrip,
} from "./column-fixtures.ts";
import { expectAlike, expectSameBytes } from "./expect-alike.ts";

const TILE_START_MS = 60;

describe.each(kinds.map((kind) => [kind.id, kind] as const))("column %s", (_, kind) => {
  const inputs = drawnInputs(kind);
  const bytes = (partial: unknown) => bytesOf(kind, partial, TILE_START_MS);

  it("merges associatively", () => {
    fc.assert(
      fc.property(inputs, inputs, inputs, (first, second, third) => {
        const [a, b, c] = [first, second, third].map((each) => partialOf(kind, each));
        const [a2, b2, c2] = [first, second, third].map((each) => partialOf(kind, each));
        const right = kind.merge(a2, kind.merge(b2, c2));
        expectAlike({
          kind,
          actual: kind.merge(kind.merge(a, b), c),
          expected: right,
          inputs: [...first, ...second, ...third],
          tileStartMs: TILE_START_MS,
        });
      }),
      { numRuns: CASES, seed: 20260202 },
    );
  });

  it("merges to what one pass over both sides' events gives", () => {
    fc.assert(
      fc.property(inputs, inputs, (first, second) => {
        const merged = kind.merge(partialOf(kind, first), partialOf(kind, second));
        const inputs = [...first, ...second];
        expectAlike({
          kind,
          actual: merged,
          expected: partialOf(kind, inputs),
          inputs,
          tileStartMs: TILE_START_MS,
        });
      }),
      { numRuns: CASES, seed: 20260203 },
    );
  });

  it("has an identity, on both sides", () => {
    fc.assert(
      fc.property(inputs, (some) => {
        const expected = bytes(partialOf(kind, some));
        expectSameBytes(bytes(kind.merge(kind.zero(), partialOf(kind, some))), expected);
        expectSameBytes(bytes(kind.merge(partialOf(kind, some), kind.zero())), expected);
      }),
      { numRuns: CASES, seed: 20260204 },
    );
  });

  it("leaves a merge's right side alone, then and when the left one grows on", () => {
    fc.assert(
      fc.property(inputs, inputs, inputs, (first, second, more) => {
        const right = partialOf(kind, second);
        const before = bytes(right);
        addAll(kind, kind.merge(partialOf(kind, first), right), more);
        expectSameBytes(bytes(right), before);
      }),
      { numRuns: CASES, seed: 20260205 },
    );
  });

  it("comes back from bytes as it was, and grows on alike", () => {
    fc.assert(
      fc.property(
        inputs,
        inputs,
        fc.constantFrom(-60, 0, 60, 1_767_614_400_000),
        (some, more, tileStartMs) => {
          const partial = partialOf(kind, some);
          const decoded = roundTrip(kind, partial, tileStartMs);
          if (!isDeepStrictEqual(decoded, partial)) expect(decoded).toStrictEqual(partial);
          expectSameBytes(bytesOf(kind, decoded, tileStartMs), bytesOf(kind, partial, tileStartMs));
          expectSameBytes(
            bytesOf(kind, addAll(kind, decoded, more), tileStartMs),
            bytesOf(kind, addAll(kind, partial, more), tileStartMs),
          );
        },
      ),
      { numRuns: CASES, seed: 20260206 },
    );
  });

  it("keeps to its bounds on bytes and on growth", () => {
    fc.assert(
      fc.property(inputs, inputs, (some, more) => {
        const growth = kind.maxGrowthBytes ?? kind.maxBytes;
        let partial = kind.zero();
        let length = bytes(partial).length;
        for (const input of some) {
          partial = addOne(kind, partial, input);
          const grown = bytes(partial).length;
          if (grown > kind.maxBytes || grown - length > growth)
            expect.fail(`${length} bytes grew to ${grown}`);
          length = grown;
        }
        const right = partialOf(kind, more);
        const merged = bytes(kind.merge(partial, right)).length;
        expect(merged).toBeLessThanOrEqual(Math.min(kind.maxBytes, length + bytes(right).length + growth));
      }),
      { numRuns: CASES, seed: 20260207 },
    );
  });

  it("grows by no more than its bound on growth where a row ages into a tile that starts a month before", () => {
    fc.assert(
      fc.property(inputs, (some) => {
        const partial = partialOf(kind, some);
        const coarser = bytesOf(kind, partial, TILE_START_MS - 30 * 86_400_000).length;
        expect(coarser).toBeLessThanOrEqual(kind.maxBytes);
        expect(coarser - bytes(partial).length).toBeLessThanOrEqual(kind.maxGrowthBytes ?? kind.maxBytes);
      }),
      { numRuns: CASES / 10, seed: 20260208 },
    );
  });
});
