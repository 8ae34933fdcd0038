import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Scalar } from "../../../lib/define/where.ts";
import type { ColumnInput, ColumnKind } from "../../../lib/engine/aggregations/column-kind.ts";
import { last } from "../../../lib/engine/aggregations/last.ts";
import { bytesOf, partialOf, roundTrip } from "./column-fixtures.ts";

const call = { name: "last", value: { kind: "field", field: "value" }, where: null, parameters: {} } as const;
const kind = last.columns(call, { kind: "lifetime" })[0]!.kind as ColumnKind;
const window = { kind: "lifetime" } as const;
const context = { parameters: {}, asOfMs: 0, window, startMs: null, endMs: 0 } as const;

const input = (value: Scalar, eventTimeMs = 0, identityHigh = 0, identityLow = 0): ColumnInput => ({
  value,
  eventTimeMs,
  identityHigh,
  identityLow,
});
const stored = (value: Scalar) => last.result([partialOf(kind, [input(value)])], context);

describe("last", () => {
  it("orders by event time, then by the identity's 64 bits as a number, then takes the later (R6)", () => {
    const ascending = [
      input("time", 1, 0xffffffff, 0xffffffff),
      input("high", 2, 0x80000000, 5),
      input("low", 2, 0x80000000, 0xfffffff0),
    ];
    for (const order of [ascending, [...ascending].reverse()]) {
      expect(last.result([partialOf(kind, order)], context)).toBe("low");
    }
    const tied = [input("first", 2, 7, 7), input("second", 2, 7, 7)];
    expect(last.result([partialOf(kind, tied)], context)).toBe("second");
    const [left, right] = tied.map((each) => partialOf(kind, [each]));
    expect(last.result([kind.merge(left, right)], context)).toBe("second");
  });

  it("cuts a text to 256 bytes of UTF-8 at a character's edge, at once and not only when stored", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc
        .tuple(fc.integer({ min: 240, max: 260 }), fc.string({ unit: "grapheme" }))
        .map(([n, end]) => "x".repeat(n) + end),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const encoded = new TextEncoder().encode(text);
        let end = Math.min(encoded.length, 256);
        // A byte 10xxxxxx goes on with the character before it.
        while (end < encoded.length && (encoded[end]! & 0xc0) === 0x80) end--;
        const expected = Buffer.from(encoded.subarray(0, end)).toString("utf8");
        expect(stored(text)).toBe(expected);
        const partial = partialOf(kind, [input(text)]);
        expect(roundTrip(kind, partial)).toStrictEqual(partial);
        expect(bytesOf(kind, partial).length).toBeLessThanOrEqual(kind.maxBytes);
      }),
      { numRuns: 1_000, seed: 20260208 },
    );
  });

  it("keeps what text codecs lose: a byte order mark; and stores a lone surrogate as what it is read back as", () => {
    expect(stored("\ufeffmark")).toBe("\ufeffmark");
    expect(roundTrip(kind, partialOf(kind, [input("\ufeffmark")]))).toMatchObject({ value: "\ufeffmark" });
    expect(stored("a\ud800")).toBe("a\ufffd");
  });

  it("keeps to its bound at the ends of time", () => {
    for (const eventTimeMs of [-8.64e15, 8.64e15]) {
      const partial = partialOf(kind, [input("é".repeat(200), eventTimeMs, 0xffffffff, 0xffffffff)]);
      expect(bytesOf(kind, partial).length).toBeLessThanOrEqual(kind.maxBytes);
      expect(roundTrip(kind, partial)).toStrictEqual(partial);
    }
  });
});
