import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { timestampAt } from "../../../lib/engine/decode/timestamp.ts";

const read = (text: string) => timestampAt(Buffer.from(`"${text}"`), 1, text.length + 1);
const zods = z.iso.datetime();

const digits = (count: number) => fc.stringMatching(new RegExp(`^\\d{${count}}$`));
const field = (min: number, max: number) =>
  fc.integer({ min, max }).map((value) => String(value).padStart(2, "0"));

/** Texts of the shape, whether or not there is such a time. */
const shaped = fc
  .tuple(
    fc.oneof(digits(4), fc.constantFrom("2000", "1900", "2024", "0000", "9999")),
    fc.oneof({ weight: 5, arbitrary: field(1, 12) }, { weight: 1, arbitrary: digits(2) }),
    fc.oneof({ weight: 5, arbitrary: field(1, 31) }, { weight: 1, arbitrary: digits(2) }),
    fc.oneof({ weight: 5, arbitrary: field(0, 24) }, { weight: 1, arbitrary: digits(2) }),
    fc.oneof({ weight: 5, arbitrary: field(0, 60) }, { weight: 1, arbitrary: digits(2) }),
    fc.oneof({ weight: 5, arbitrary: field(0, 60) }, { weight: 1, arbitrary: digits(2) }),
    fc.oneof(fc.constant(""), fc.stringMatching(/^\.\d{1,3}$/)),
  )
  .map(([year, month, day, hour, minute, second, fraction]) => {
    return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`;
  });

describe("timestampAt", () => {
  it("reads every date and time of its shapes that zod takes, as Date.parse does, and no other", () => {
    let taken = 0;
    fc.assert(
      fc.property(shaped, (text) => {
        const isTime = zods.safeParse(text).success;
        if (isTime) taken++;
        expect(read(text)).toBe(isTime ? Date.parse(text) : Number.NaN);
      }),
      { numRuns: 20_000, seed: 20261121 },
    );
    expect(taken).toBeGreaterThan(5_000);
  });

  it("knows every day of four centuries", () => {
    for (let ms = Date.UTC(1899, 0, 1); ms < Date.UTC(2300, 0, 1); ms += 86_400_000) {
      expect(read(new Date(ms).toISOString())).toBe(ms);
    }
  });

  it("takes nothing that zod refuses, whatever character is changed", () => {
    fc.assert(
      fc.property(shaped, fc.nat(), fc.integer({ min: 1, max: 127 }), (text, at, code) => {
        const place = at % text.length;
        const changed = text.slice(0, place) + String.fromCharCode(code) + text.slice(place + 1);
        const timeMs = read(changed);
        if (Number.isNaN(timeMs)) return;
        expect(zods.safeParse(changed).success, changed).toBe(true);
        expect(timeMs).toBe(Date.parse(changed));
      }),
      { numRuns: 20_000, seed: 20261121 },
    );
  });
});
