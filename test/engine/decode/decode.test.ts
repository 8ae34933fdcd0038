import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Source } from "../../../lib/define/types.ts";
import { createDecoder, type ShardContext, timeOf } from "../../../lib/engine/decode.ts";
import { hashText } from "../../../lib/engine/hash.ts";
import { encodeHeartbeat } from "../../../lib/engine/heartbeat.ts";
import { hashRange, partitionHash } from "../../../lib/engine/partition-hash.ts";
import type { DecodedRecord, DeliveredRecord } from "../../../lib/engine/record.ts";
import { MINUTE_MS, paymentsSource } from "../view-fixtures.ts";

const ARRIVAL_MS = Date.UTC(2026, 0, 5, 12);
const WRITER = "00c0ffee/shardId-000000000001";
const WHOLE_RANGE = hashRange("0", (2n ** 128n - 1n).toString());
const shard: ShardContext = { writer: WRITER, hashRange: WHOLE_RANGE };
const source = paymentsSource();
const payment = { id: "e1", card: "c1", amount: 12.5, merchant: "m1", at: ARRIVAL_MS - 1_001 };

function record(data: Uint8Array | string | object, changes: Partial<DeliveredRecord> = {}): DeliveredRecord {
  const bytes =
    data instanceof Uint8Array ? data : Buffer.from(typeof data === "string" ? data : JSON.stringify(data));
  return {
    data: bytes,
    partitionKey: "c1",
    sequenceNumber: "49590338271490256608559692538361571095921575989136588898",
    approximateArrivalMs: ARRIVAL_MS,
    ...changes,
  };
}

/** Decodes as the first record of its producer, and again once its shape is known, from bytes and from base64. */
function decodeEachWay(of: Source, delivered: DeliveredRecord, from: ShardContext = shard): DecodedRecord {
  const decode = createDecoder(of);
  const base64 = Buffer.from(delivered.data).toString("base64");
  const [first, ...others] = [delivered, delivered, { ...delivered, base64 }].map((each) =>
    decode(each, from),
  );
  for (const other of others) expect(other).toEqual(first);
  return first!;
}

const rejection = (delivered: DeliveredRecord, of = source, from = shard) => {
  const decoded = decodeEachWay(of, delivered, from);
  if (decoded.kind !== "rejected") throw new Error(`not rejected: ${JSON.stringify(decoded)}`);
  expect(decoded.sequenceNumber).toBe(delivered.sequenceNumber);
  return decoded;
};

describe("an event", () => {
  it("carries its row, its times, and the identity of its id", () => {
    const identity = { high: 0, low: 0 };
    hashText("e1", identity);
    expect(decodeEachWay(source, record({ ...payment, more: [1] }))).toEqual({
      kind: "event",
      sequenceNumber: record("").sequenceNumber,
      partitionKey: "c1",
      row: payment,
      eventTimeMs: payment.at,
      arrivalMs: ARRIVAL_MS,
      approximateArrivalMs: ARRIVAL_MS,
      hasEventId: true,
      identityHigh: identity.high,
      identityLow: identity.low,
    });
  });

  it("without an id is known by its shard and sequence number", () => {
    const identity = { high: 0, low: 0 };
    hashText(`${WRITER}/${record("").sequenceNumber}`, identity);
    const decoded = decodeEachWay(paymentsSource({ eventId: null }), record(payment));
    expect(decoded).toMatchObject({
      hasEventId: false,
      identityHigh: identity.high,
      identityLow: identity.low,
    });
  });

  it("takes its arrival from the field that the source declares", () => {
    const replay = paymentsSource({
      arrivalTime: "seen",
      schema: z.object({ id: z.string(), card: z.string(), at: z.number(), seen: z.iso.datetime() }),
    });
    const row = { id: "e1", card: "c1", at: 5_000, seen: "1970-01-01T00:00:06.500Z" };
    expect(decodeEachWay(replay, record(row))).toMatchObject({
      kind: "event",
      arrivalMs: 6_500,
      approximateArrivalMs: ARRIVAL_MS,
    });
    expect(rejection(record({ ...row, at: 6_501 + replay.maxFutureSkewMs }), replay)).toMatchObject({
      reason: "future",
      arrivalMs: 6_500,
    });
  });

  it("is refused when its declared arrival has not come: it would lift the shard's progress", () => {
    const replay = paymentsSource({
      arrivalTime: "seen",
      schema: z.object({ id: z.string(), card: z.string(), at: z.number(), seen: z.number() }),
    });
    const seenAt = (seen: number) => record({ id: "e1", card: "c1", at: 5_000, seen });
    const latest = ARRIVAL_MS + replay.maxFutureSkewMs;
    expect(decodeEachWay(replay, seenAt(latest)).kind).toBe("event");
    expect(rejection(seenAt(latest + 1), replay)).toMatchObject({ reason: "future", arrivalMs: ARRIVAL_MS });
  });

  it("has an id of its own type: 1, true and their texts are four ids", () => {
    const mixed = paymentsSource({
      schema: z.object({
        id: z.union([z.string(), z.number(), z.boolean()]),
        card: z.string(),
        at: z.number(),
      }),
    });
    const identities = [1, "1", true, "true"].map((id) => {
      const decoded = decodeEachWay(mixed, record({ id, card: "c1", at: 5_000 }));
      return decoded.kind === "event" ? `${decoded.identityHigh}/${decoded.identityLow}` : decoded.kind;
    });
    expect(new Set(identities).size).toBe(4);
  });

  it("is refused when its id is one that others would be taken for", () => {
    const numbered = paymentsSource({
      schema: z.object({ id: z.number(), card: z.string(), at: z.number() }),
    });
    const withId = (id: string) => record(`{"id":${id},"card":"c1","at":5000}`);
    expect(decodeEachWay(numbered, withId("9007199254740991")).kind).toBe("event");
    expect(rejection(withId("9007199254740993"), numbered)).toMatchObject({ reason: "schema" });
    const halves = record(JSON.stringify(payment).replace('"e1"', '"\\ud800"'));
    expect(rejection(halves).reason).toBe("ill-formed-unicode");
  });

  it("is refused when a time lies beyond what a date can be", () => {
    for (const at of [8.64e15 + 1, -8.64e15 - 1, Number.MIN_SAFE_INTEGER]) {
      expect(rejection(record({ ...payment, at })).reason).toBe("schema");
    }
    expect(decodeEachWay(source, record({ ...payment, at: -8.64e15 })).kind).toBe("event");
  });

  it("may be a record of 1 MiB", () => {
    const merchant = "m".repeat(2 ** 20 - 100);
    expect(decodeEachWay(source, record({ ...payment, merchant }))).toMatchObject({
      kind: "event",
      row: { merchant },
    });
  });

  it("may hold any text that UTF-8 can", () => {
    const row = { ...payment, merchant: 'é – 字 😀 "\\\n' };
    expect(decodeEachWay(source, record(row))).toMatchObject({ kind: "event", row });
    const withMark = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(JSON.stringify(row))]);
    expect(decodeEachWay(source, record(withMark))).toMatchObject({ kind: "event", row });
  });
});

describe("a record that is malformed", () => {
  it.each([
    ["no JSON", "hello"],
    ["cut off", '{"id":"e1","card":"c1"'],
    ["nothing", ""],
    ["trailing data", `${JSON.stringify(payment)}x`],
    ["two records", `${JSON.stringify(payment)}\n${JSON.stringify(payment)}`],
    [
      "ill-formed UTF-8",
      Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
    ],
    ["UTF-16", Buffer.from(JSON.stringify(payment), "utf16le")],
    ["1 MiB of an opening brace", "{".repeat(2 ** 20)],
  ])("is told: %s", (_, data) => {
    expect(rejection(record(data))).toMatchObject({ reason: "malformed", arrivalMs: ARRIVAL_MS });
  });
});

describe("a record that does not fit the schema", () => {
  it.each([
    ["a number as text", { ...payment, amount: "12.5" }],
    ["a missing key", { id: "e1", card: "c1", amount: 1, at: payment.at }],
    ["null where a text must be", { ...payment, merchant: null }],
    ["an array", [payment]],
    ["a number", 7],
    ["null", "null"],
    ["a fraction as time", { ...payment, at: payment.at + 0.5 }],
    ["a time past the whole numbers", { ...payment, at: 1e300 }],
    ["an infinite amount", JSON.stringify(payment).replace("12.5", "1e999")],
  ])("is told: %s", (_, data) => {
    expect(rejection(record(data as object | string)).reason).toBe("schema");
  });

  it("is told when the schema itself throws", () => {
    const throwing = paymentsSource({
      schema: z.object({
        card: z.string(),
        at: z.number().refine(() => {
          throw new Error("broken check");
        }),
      }),
      eventId: null,
    });
    expect(rejection(record(payment), throwing)).toMatchObject({
      reason: "schema",
      detail: expect.stringContaining("broken check"),
    });
  });

  it("is told of a text that is no time", () => {
    const textual = paymentsSource({
      schema: z.object({ card: z.string(), at: z.string() }),
      eventId: null,
    });
    expect(rejection(record({ card: "c1", at: "yesterday" }), textual).detail).toContain("yesterday");
  });
});

describe("an event from the future", () => {
  it("is let through up to the skew that the source allows, and no further", () => {
    const at = ARRIVAL_MS + source.maxFutureSkewMs;
    expect(decodeEachWay(source, record({ ...payment, at })).kind).toBe("event");
    expect(rejection(record({ ...payment, at: at + 1 }))).toMatchObject({
      reason: "future",
      arrivalMs: ARRIVAL_MS,
    });
    expect(rejection(record({ ...payment, at: Date.UTC(2100, 0) })).reason).toBe("future");
  });

  it("may be as old as it likes", () => {
    expect(decodeEachWay(source, record({ ...payment, at: 0 })).kind).toBe("event");
    expect(decodeEachWay(source, record({ ...payment, at: -1 })).kind).toBe("event");
  });
});

describe("a record under another partition key", () => {
  it("is told when the key is not the declared field's value", () => {
    for (const partitionKey of ["c2", "", "C1", "c1 "]) {
      expect(rejection(record(payment, { partitionKey })).reason).toBe("wrong-partition-key");
    }
  });

  it("is compared as text", () => {
    const numbered = paymentsSource({
      schema: z.object({ card: z.number(), at: z.number() }),
      eventId: null,
    });
    const row = { card: 17, at: payment.at };
    expect(decodeEachWay(numbered, record(row, { partitionKey: "17" })).kind).toBe("event");
    expect(rejection(record(row, { partitionKey: "17.0" }), numbered).reason).toBe("wrong-partition-key");
  });

  it("is told when its hash lies outside the shard, which only an explicit hash key can do", () => {
    const hash = BigInt(`0x${partitionHash("c1")}`);
    const around = (from: bigint, to: bigint): ShardContext => ({
      writer: WRITER,
      hashRange: hashRange(from.toString(), to.toString()),
    });
    expect(decodeEachWay(source, record(payment), around(hash, hash)).kind).toBe("event");
    expect(decodeEachWay(source, record(payment), around(0n, hash)).kind).toBe("event");
    for (const outside of [around(0n, hash - 1n), around(hash + 1n, 2n ** 128n - 1n)]) {
      expect(rejection(record(payment), source, outside)).toMatchObject({
        reason: "wrong-partition-key",
        detail: expect.stringContaining("explicit hash key"),
      });
    }
    expect(decodeEachWay(source, record(payment), { writer: WRITER, hashRange: null }).kind).toBe("event");
  });

  it("is checked against the shard that delivers it, when one decoder serves several", () => {
    const decode = createDecoder(source);
    const hash = BigInt(`0x${partitionHash("c1")}`);
    const low = { writer: WRITER, hashRange: hashRange("0", (hash - 1n).toString()) };
    for (let round = 0; round < 3; round++) {
      expect(decode(record(payment), shard).kind).toBe("event");
      expect(decode(record(payment), low).kind).toBe("rejected");
    }
  });
});

describe("a record of the Kinesis Producer Library", () => {
  it("is told by its magic bytes", () => {
    const aggregated = Buffer.concat([
      Buffer.from([0xf3, 0x89, 0x9a, 0xc2]),
      Buffer.from(JSON.stringify(payment)),
    ]);
    expect(rejection(record(aggregated)).reason).toBe("kpl-aggregated");
    expect(rejection(record(aggregated.subarray(0, 4))).reason).toBe("kpl-aggregated");
    expect(rejection(record(aggregated.subarray(0, 3))).reason).toBe("malformed");
  });
});

describe("a heartbeat", () => {
  const sentAtMs = ARRIVAL_MS - 5 * MINUTE_MS;
  const heartbeat = record(encodeHeartbeat(sentAtMs), { partitionKey: "heartbeat" });

  it("arrives by Kinesis's stamp, on any shard and under any key", () => {
    const narrow = { writer: WRITER, hashRange: hashRange("0", "1") };
    expect(decodeEachWay(source, heartbeat, narrow)).toEqual({
      kind: "heartbeat",
      sequenceNumber: heartbeat.sequenceNumber,
      arrivalMs: ARRIVAL_MS,
    });
  });

  it("arrives when it was sent, where the source declares its arrivals", () => {
    const replay = paymentsSource({ arrivalTime: "at" });
    expect(decodeEachWay(replay, heartbeat)).toMatchObject({ kind: "heartbeat", arrivalMs: sentAtMs });
  });

  it("is none when it is cut short, drawn out, or of another form, and never throws", () => {
    const whole = heartbeat.data;
    for (let length = 0; length < whole.length; length++) {
      expect(rejection(record(whole.slice(0, length))).reason, `${length} bytes`).toBe("malformed");
    }
    for (const more of [0, 1, 128, 255]) {
      expect(rejection(record(Uint8Array.from([...whole, more]))).reason).toBe("malformed");
    }
    const time = String(sentAtMs);
    const others = [
      " ",
      `${time}.0`,
      `0${time}`,
      "1e12",
      "9007199254740993",
      `${time}${time}`,
      "null",
      '"1"',
    ];
    for (const other of others) {
      const text = `{"freshetHeartbeat":${other}}`;
      expect(rejection(record(Buffer.from(text))).reason, text).toMatch(/^(malformed|schema)$/);
    }
  });

  it("is one to a schema too that takes any object", () => {
    const anything = source.schema.partial() as unknown as typeof source.schema;
    expect(decodeEachWay({ ...source, schema: anything }, heartbeat).kind).toBe("heartbeat");
  });

  it("is refused when it states a time that has not come, where the source declares its arrivals", () => {
    const replay = paymentsSource({ arrivalTime: "at" });
    const latest = ARRIVAL_MS + replay.maxFutureSkewMs;
    expect(decodeEachWay(replay, record(encodeHeartbeat(latest))).kind).toBe("heartbeat");
    expect(rejection(record(encodeHeartbeat(latest + 1)), replay).reason).toBe("future");
  });

  it("is known by all of its bytes", () => {
    for (let at = 0; at < heartbeat.data.length; at++) {
      const other = Uint8Array.from(heartbeat.data);
      other[at] = other[at]! ^ 0x40;
      expect(rejection(record(other)).reason, `byte ${at}`).toMatch(/^(malformed|schema)$/);
    }
  });
});

describe("timeOf", () => {
  it.each([
    ["2026-01-05T12:00:00Z", ARRIVAL_MS],
    ["2026-01-05T12:00:00.250Z", ARRIVAL_MS + 250],
    ["2026-01-05T13:30:00+01:30", ARRIVAL_MS],
    ["2026-01-05T07:00:00-0500", ARRIVAL_MS],
    // Without an offset a time is UTC, wherever the process runs.
    ["2026-01-05T12:00:00", ARRIVAL_MS],
    ["2026-01-05T12:00", ARRIVAL_MS],
    [ARRIVAL_MS, ARRIVAL_MS],
    [-0, 0],
    [-1, -1],
    [0.5, null],
    [Number.NaN, null],
    [2 ** 53, null],
    ["", null],
    ["noon", null],
    [null, null],
    [undefined, null],
    [true, null],
  ])("of %s", (value, expected) => {
    expect(timeOf(value)).toBe(expected);
  });

  it("does not move with the process's time zone", () => {
    const before = process.env.TZ;
    try {
      for (const zone of ["UTC", "America/New_York", "Pacific/Auckland"]) {
        process.env.TZ = zone;
        expect(timeOf("2026-01-05T12:00:00")).toBe(ARRIVAL_MS);
        expect(timeOf("2026-07-05T12:00:00")).toBe(Date.UTC(2026, 6, 5, 12));
      }
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });
});
