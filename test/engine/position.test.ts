import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareSequenceNumbers,
  decodePosition,
  encodePosition,
  type PositionEntry,
  writerName,
} from "../../lib/engine/position.ts";

const sequenceNumber = fc.oneof(
  fc.bigInt({ min: 0n, max: 10n ** 60n }).map(String),
  fc.stringMatching(/^[0-9]{1,70}$/),
);
const shard = fc.oneof(
  fc.nat({ max: 999_999_999_999 }).map((number) => `shardId-${String(number).padStart(12, "0")}`),
  fc.constantFrom("shardId-1", "a-shard", "shardId-0000000000001"),
);
const entry: fc.Arbitrary<PositionEntry> = fc.record({
  writer: shard.map((id) => writerName("arn:aws:kinesis:eu-west-1:1:stream/s", 1, id)),
  sequenceNumber,
  lastArrivalMs: fc.integer({ min: 0, max: 4e12 }),
});
const position = fc.uniqueArray(entry, { selector: ({ writer }) => writer, maxLength: 5 });

describe("sequence numbers", () => {
  it("compare as the whole numbers they are, whatever their length", () => {
    fc.assert(
      fc.property(sequenceNumber, sequenceNumber, (left, right) => {
        const difference = BigInt(left) - BigInt(right);
        const expected = difference < 0n ? -1 : difference > 0n ? 1 : 0;
        expect(compareSequenceNumbers(left, right)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("positions", () => {
  it("come back as they were, in the order of their writers", () => {
    fc.assert(
      fc.property(position, (entries) => {
        const ordered = [...entries].sort((left, right) => (left.writer < right.writer ? -1 : 1));
        const plain = ordered.map((each) => ({
          ...each,
          sequenceNumber: BigInt(each.sequenceNumber).toString(),
        }));
        expect(decodePosition(encodePosition(entries))).toEqual(plain);
      }),
      { numRuns: 1_000 },
    );
  });

  it("have one encoding, whatever the order of entries", () => {
    fc.assert(
      fc.property(position, (entries) => {
        expect(encodePosition([...entries].reverse())).toEqual(encodePosition(entries));
      }),
    );
  });

  it("tell a stream from one of the same name that was made again", () => {
    const arn = "arn:aws:kinesis:eu-west-1:1:stream/s";
    expect(writerName(arn, 1, "shardId-000000000000")).not.toBe(writerName(arn, 2, "shardId-000000000000"));
  });

  it("take 37 bytes for one shard and a sequence number of 56 digits", () => {
    const writer = writerName("arn", 1, "shardId-000000000003");
    const bytes = encodePosition([
      { writer, sequenceNumber: "4".repeat(56), lastArrivalMs: 1_767_225_600_000 },
    ]);
    expect(bytes.length).toBe(37);
  });
});
