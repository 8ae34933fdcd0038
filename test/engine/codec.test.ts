import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FreshetError } from "../../lib/define/error.ts";
import { ByteReader } from "../../lib/engine/codec/byte-reader.ts";
import { ByteWriter } from "../../lib/engine/codec/byte-writer.ts";

const written = (write: (writer: ByteWriter) => void): Uint8Array => {
  const writer = new ByteWriter(1);
  write(writer);
  return writer.toBytes();
};

const bits = (value: number): bigint => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0);
};

describe("numbers", () => {
  it("come back bit for bit, zero and NaN in one form", () => {
    const hundredths = fc.integer({ min: -(2 ** 50), max: 2 ** 50 }).map((value) => value / 100);
    const any = fc.oneof(
      fc.double(),
      hundredths,
      fc.maxSafeInteger(),
      fc.constantFrom(-0, Number.NaN, 2 ** 50, -(2 ** 50)),
    );
    fc.assert(
      fc.property(any, (value) => {
        const back = new ByteReader(written((writer) => writer.number(value))).number();
        const canonical = Number.isNaN(value) ? Number.NaN : value + 0;
        expect(bits(back)).toBe(bits(canonical));
      }),
      { numRuns: 5_000 },
    );
  });

  it("are short where they are whole or of two places", () => {
    const size = (value: number) => written((writer) => writer.number(value)).length;
    expect(size(0)).toBe(1);
    expect(size(15)).toBe(1);
    expect(size(19.99)).toBe(2);
    expect(size(1 / 3)).toBe(9);
  });

  it("have a code of their own for null", () => {
    const bytes = written((writer) => {
      writer.optionalNumber(null);
      writer.optionalNumber(-7.25);
    });
    const reader = new ByteReader(bytes);
    expect([reader.optionalNumber(), reader.optionalNumber()]).toEqual([null, -7.25]);
  });
});

describe("varints and text", () => {
  it("come back as they were", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.maxSafeNat(),
            fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
            fc.string({ unit: "grapheme" }),
          ),
        ),
        (values) => {
          const bytes = written((writer) => {
            for (const [natural, signed, text] of values) {
              writer.varint(natural);
              writer.signedVarint(signed);
              writer.text(text);
              writer.uint32(signed >>> 0);
            }
          });
          const reader = new ByteReader(bytes);
          for (const [natural, signed, text] of values) {
            expect(reader.varint()).toBe(natural);
            expect(reader.signedVarint()).toBe(signed);
            expect(reader.text()).toBe(text);
            expect(reader.uint32()).toBe(signed >>> 0);
          }
          expect(reader.offset).toBe(bytes.length);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("refuse to read past the end", () => {
    const bytes = written((writer) => writer.text("a longer text"));
    for (let end = 0; end < bytes.length; end++) {
      expect(() => new ByteReader(bytes, 0, end).text()).toThrow(FreshetError);
    }
  });
});
