import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Literal, LONGEST_SCANNED, RecordBytes } from "../../../lib/engine/decode/record-bytes.ts";
import { type Hash64, hashAscii, hashText } from "../../../lib/engine/hash.ts";

const load = (record: RecordBytes, data: Uint8Array, asBase64 = false) =>
  record.load({
    data,
    ...(asBase64 ? { base64: Buffer.from(data).toString("base64") } : {}),
    partitionKey: "",
    sequenceNumber: "1",
    approximateArrivalMs: 0,
  });

const mostlyPlain = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 32, max: 126 }) },
  { weight: 1, arbitrary: fc.nat({ max: 255 }) },
);
const someBytes = fc.array(mostlyPlain, { maxLength: 40 }).map((values) => Uint8Array.from(values));

describe("RecordBytes", () => {
  it("finds where plain text ends, and never behind the record", () => {
    const record = new RecordBytes();
    fc.assert(
      fc.property(someBytes, someBytes, fc.nat(), fc.boolean(), (stale, data, from, asBase64) => {
        load(record, stale);
        expect(load(record, data, asBase64)).toBe(true);
        expect(record.end).toBe(data.length);
        const start = data.length === 0 ? 0 : from % data.length;
        let end = start;
        while (end < data.length && /[ !#-[\]-\x7f]/.test(String.fromCharCode(data[end]!))) end++;
        expect(record.endOfPlainText(start)).toBe(end);
      }),
      { numRuns: 5_000, seed: 20261121 },
    );
  });

  it("takes the longest record that it scans, and no longer one", () => {
    const record = new RecordBytes();
    const longest = Buffer.alloc(LONGEST_SCANNED, "a");
    for (const asBase64 of [false, true]) {
      expect(load(record, longest, asBase64)).toBe(true);
      expect(record.endOfPlainText(0)).toBe(LONGEST_SCANNED);
      expect(load(record, Buffer.alloc(LONGEST_SCANNED + 3, "a"), asBase64)).toBe(false);
    }
  });
});

describe("Literal", () => {
  it("stands where its very bytes do, whatever follows", () => {
    const record = new RecordBytes();
    fc.assert(
      fc.property(
        fc.stringMatching(/^[ -~]{0,20}$/),
        fc.stringMatching(/^[ -~]{0,9}$/),
        fc.stringMatching(/^[ -~]{0,9}$/),
        fc.nat(),
        (text, before, after, at) => {
          load(record, Buffer.from(before + text + after));
          expect(new Literal(text).isAt(record, before.length)).toBe(true);
          if (text.length === 0) return;
          const changed = before.length + (at % text.length);
          record.bytes[changed]! ^= 1;
          expect(new Literal(text).isAt(record, before.length)).toBe(false);
        },
      ),
      { numRuns: 2_000, seed: 20261121 },
    );
  });
});

describe("hashAscii", () => {
  it("is the hash of the text, wherever its bytes stand and whatever follows them", () => {
    const record = new RecordBytes();
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{0,70}$/), fc.nat({ max: 9 }), (text, before) => {
        load(record, Buffer.from(`${"x".repeat(before)}${text}yyyyyyyyyyyyyyyy`));
        const expected: Hash64 = { high: 0, low: 0 };
        const hash: Hash64 = { high: 1, low: 1 };
        hashText(text, expected);
        hashAscii(record.words, before, before + text.length, hash);
        expect(hash).toEqual(expected);
      }),
      { numRuns: 2_000, seed: 20261121 },
    );
  });
});
