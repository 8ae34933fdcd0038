import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Source } from "../../lib/define/types.ts";
import { createDecoder } from "../../lib/engine/decode.ts";
import type { DeliveredRecord } from "../../lib/engine/record.ts";
import { MINUTE_MS, paymentsSource } from "./view-fixtures.ts";

const STAMP_MS = 1_767_614_400_000;
const SHARD_0 = "0a0b0c0d/shardId-000000000000";
const SHARD_1 = "0a0b0c0d/shardId-000000000001";
const OTHER_STREAM = "01020304/shardId-000000000000";

function delivered(row: object, sequenceNumber = "100"): DeliveredRecord {
  return {
    data: Buffer.from(JSON.stringify(row)),
    partitionKey: "c1",
    sequenceNumber,
    approximateArrivalMs: STAMP_MS,
  };
}

/** The outcome of a record, read first by `JSON.parse` and then, its shape being known, by the scanner. */
function decodeTwice(source: Source, record: DeliveredRecord, writer = SHARD_0) {
  const decode = createDecoder(source);
  const first = decode(record, { writer, hashRange: null });
  expect(decode(record, { writer, hashRange: null })).toEqual(first);
  return first;
}

describe("an event ahead of its arrival (R5)", () => {
  const source = paymentsSource({ maxFutureSkewMs: MINUTE_MS });
  const replay = paymentsSource({
    maxFutureSkewMs: MINUTE_MS,
    eventId: null,
    arrivalTime: "seen",
    schema: z.object({ card: z.string(), at: z.number(), seen: z.number() }),
  });
  const payment = { id: "e1", card: "c1", amount: 1, merchant: "m1" };

  it("is taken through the last millisecond of the skew, and then quarantined", () => {
    const at = STAMP_MS + MINUTE_MS;
    expect(decodeTwice(source, delivered({ ...payment, at }))).toMatchObject({ eventTimeMs: at });
    expect(decodeTwice(source, delivered({ ...payment, at: at + 1 }))).toMatchObject({ reason: "future" });
  });

  it("is judged by the declared arrival, where there is one", () => {
    const seen = STAMP_MS - 30 * MINUTE_MS;
    const at = seen + MINUTE_MS;
    expect(decodeTwice(replay, delivered({ card: "c1", at, seen }))).toMatchObject({
      eventTimeMs: at,
      arrivalMs: seen,
      approximateArrivalMs: STAMP_MS,
    });
    expect(decodeTwice(replay, delivered({ card: "c1", at: at + 1, seen }))).toMatchObject({
      reason: "future",
      arrivalMs: seen,
    });
  });
});

describe("the identity of an event (R6)", () => {
  const row = { id: "e1", card: "c1", amount: 1, merchant: "m1", at: STAMP_MS };
  const identity = (source: Source, record: DeliveredRecord, writer: string) => {
    const decoded = decodeTwice(source, record, writer);
    if (decoded.kind !== "event") throw new Error(`not an event: ${JSON.stringify(decoded)}`);
    return `${decoded.identityHigh} ${decoded.identityLow}`;
  };

  it("without an id is of stream, shard and sequence number: a number alone names two events of two shards", () => {
    const anonymous = paymentsSource({ eventId: null });
    const identities = [SHARD_0, SHARD_1, OTHER_STREAM].flatMap((writer) =>
      ["100", "101"].map((number) => identity(anonymous, delivered(row, number), writer)),
    );
    expect(new Set(identities).size).toBe(6);
    expect(identity(anonymous, delivered({ ...row, amount: 2 }), SHARD_0)).toBe(identities[0]);
  });

  it("with an id is of the id alone, wherever a retry lands", () => {
    const source = paymentsSource();
    const first = identity(source, delivered(row), SHARD_0);
    expect(identity(source, delivered(row, "101"), SHARD_1)).toBe(first);
    expect(identity(source, delivered({ ...row, id: "e2" }), SHARD_0)).not.toBe(first);
  });
});
