import { describe, expect, test } from "vitest";
import { z } from "zod";
import { source } from "../../lib/index.ts";

const schema = z.object({
  id: z.string(),
  card: z.string(),
  device: z.string().optional(),
  amount: z.number(),
  ok: z.boolean(),
  tags: z.array(z.string()),
  at: z.iso.datetime(),
  local: z.iso.datetime({ local: true }),
  day: z.iso.date(),
  millis: z.int(),
  text: z.string().transform((text) => text.length),
});
const valid = { schema, partitionKey: "card", eventTime: "at" } as const;

describe("source", () => {
  test("is plain data with the defaults of R3, R5 and R15", () => {
    expect(source("events", valid)).toEqual({
      kind: "source",
      name: "events",
      schema,
      partitionKey: "card",
      eventTime: "at",
      eventId: null,
      arrivalTime: null,
      maxFutureSkewMs: 300_000,
      clockSkewMs: 0,
      retentionMs: 7 * 86_400_000,
    });
  });

  test("takes times as numbers and text, and every option", () => {
    const made = source("events", {
      schema,
      partitionKey: "ok",
      eventTime: "millis",
      eventId: "amount",
      arrivalTime: "at",
      maxFutureSkew: "1h",
      clockSkew: "2s",
      retention: "365d",
      owner: "payments",
      description: "All events.",
    });
    expect(made).toMatchObject({
      eventTime: "millis",
      eventId: "amount",
      arrivalTime: "at",
      maxFutureSkewMs: 3_600_000,
      clockSkewMs: 2_000,
      retentionMs: 365 * 86_400_000,
      owner: "payments",
      description: "All events.",
    });
  });

  test.each([
    ["a name with a dash", "my-events", {}, /"my-events" is not a name; write a letter/],
    ["a name that looks like an integer", "12", {}, /"12" is not a name/],
    ["a name that every object has", "constructor", {}, /property of every JavaScript object/],
    ["a long name", "a".repeat(65), {}, /at most 64 characters/],
    ["no schema", "events", { schema: undefined }, /schema is not a z.object/],
    ["another kind of schema", "events", { schema: z.array(z.string()) }, /schema is not a z.object/],
    [
      "an unknown partition key",
      "events",
      { partitionKey: "crad" },
      /partitionKey "crad" is not a field of the schema; it has "id", "card"/,
    ],
    [
      "an optional partition key",
      "events",
      { partitionKey: "device" },
      /partitionKey "device" may be null or missing/,
    ],
    ["a list as partition key", "events", { partitionKey: "tags" }, /partitionKey "tags" is not scalar/],
    ["a transform as partition key", "events", { partitionKey: "text" }, /partitionKey "text" is not scalar/],
    [
      "any text as event time",
      "events",
      { eventTime: "id" },
      /eventTime "id" is not a time; declare it as z.iso.datetime/,
    ],
    ["a date as event time", "events", { eventTime: "day" }, /eventTime "day" is not a time/],
    ["a local time as event time", "events", { eventTime: "local" }, /eventTime "local" is not a time/],
    ["a boolean as event time", "events", { eventTime: "ok" }, /eventTime "ok" is not a time/],
    ["any text as arrival", "events", { arrivalTime: "id" }, /arrivalTime "id" is not a time/],
    ["an unknown event id", "events", { eventId: "uuid" }, /eventId "uuid" is not a field/],
    ["a boolean as event id", "events", { eventId: "ok" }, /eventId "ok" is a boolean/],
    [
      "a retention under a day",
      "events",
      { retention: "23h" },
      /retention is "23h"; Kinesis keeps records from 1d to 365d/,
    ],
    ["a retention over a year", "events", { retention: "366d" }, /from 1d to 365d/],
    [
      "a duration with a space",
      "events",
      { maxFutureSkew: "5 min" },
      /maxFutureSkew: "5 min" is not a duration/,
    ],
    ["a skew over a day", "events", { clockSkew: "25h" }, /clockSkew is "25h"; at most 24h/],
  ])("refuses %s", (_, name, options, message) => {
    const given = { ...valid, ...options } as unknown as typeof valid;
    expect(() => source(name, given)).toThrow(expect.objectContaining({ code: "DEFINITION_INVALID" }));
    expect(() => source(name, given)).toThrow(message);
  });
});
