import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { type FeatureBuilder, source, type ViewReference, view } from "../../lib/index.ts";
import { common, events, hour, minute, schema } from "./fixtures/card-events.ts";

const anonymous = source("anonymous", { schema, partitionKey: "card", eventTime: "at" });
const features = (t: FeatureBuilder<z.output<typeof schema>>) => ({ n: t.count().over("1h") });

describe("view", () => {
  test("is plain data with the defaults of R3 and R5", () => {
    const card = view("card", { ...common, features: (t) => ({ n: t.count().over("1h") }) });
    expect({ ...card }).toEqual({
      kind: "view",
      name: "card",
      version: 1,
      source: events,
      entity: ["card"],
      slaMs: 2 * minute,
      where: null,
      allowedLatenessMs: 0,
      dedup: { horizonMs: 24 * hour, count: 128 },
      features: [
        {
          name: "n_1h",
          aggregation: { name: "count", value: null, where: null, parameters: {} },
          window: { kind: "sliding", widthMs: hour, hopMs: 5 * minute },
          whenEmpty: undefined,
        },
      ],
    });
    expect(Object.keys(card)).not.toContain("by");
  });

  test("takes an entity of several fields, or none", () => {
    expect(view("pair", { ...common, entity: ["card", "merchant"], features }).entity).toEqual([
      "card",
      "merchant",
    ]);
    expect(view("all", { version: 1, source: events, sla: "2m", features }).entity).toEqual([]);
  });

  test("takes its own filter, lateness and dedup bounds", () => {
    const test = (row: { amount: number }) => row.amount > 0;
    const one = view("one", {
      ...common,
      where: { ok: true },
      allowedLateness: "7d",
      dedup: { horizon: "7d", count: 1000 },
      features,
      owner: "payments",
    });
    expect(one).toMatchObject({
      where: { kind: "match", conditions: { ok: true } },
      allowedLatenessMs: 7 * 24 * hour,
      dedup: { horizonMs: 7 * 24 * hour, count: 1000 },
      owner: "payments",
    });
    expect(view("two", { ...common, where: test, features }).where).toEqual({ kind: "function", test });
  });

  test("reads another name's key by `by`", () => {
    const pair = view("pair", {
      ...common,
      entity: ["card", "merchant"],
      features: (t) => ({ n: t.count().over("1h") }),
    });
    const reference: ViewReference = pair.by({ merchant: "shop" });
    expect(reference).toEqual({ view: pair, keys: { card: "card", merchant: "shop" } });
    expect(() => pair.by({ merchant: "card" })).toThrow(/two fields would read the key "card"/);
    expect(() => pair.by({ shop: "merchant" } as never)).toThrow(
      /"shop" is not a field of the entity; it has "card" and "merchant"/,
    );
    expect(() => pair.by({ merchant: "1" })).toThrow(/"1" is not a name/);
  });

  test.each([
    ["a name with a dot", "my.card", {}, /"my.card" is not a name/],
    ["no version", "card", { version: undefined }, /version is undefined; write a whole number from 1/],
    ["a version of 0", "card", { version: 0 }, /version is 0/],
    ["a broken version", "card", { version: 1.5 }, /version is 1.5/],
    ["no source", "card", { source: undefined }, /source is not what source\(...\) returns/],
    ["an unknown entity", "card", { entity: "crad" }, /entity "crad" is not a field of the schema/],
    ["an optional entity", "card", { entity: ["card", "device"] }, /entity "device" may be null or missing/],
    ["a list as entity", "card", { entity: "tags" }, /entity "tags" is not scalar/],
    ["an entity named twice", "card", { entity: ["card", "card"] }, /entity names "card" twice/],
    ["an SLA with a space", "card", { sla: "2 min" }, /sla: "2 min" is not a duration/],
    ["a lateness over 30 days", "card", { allowedLateness: "31d" }, /allowedLateness is "31d"; at most 30d/],
    ["a horizon over 30 days", "card", { dedup: { horizon: "31d" } }, /dedup.horizon is "31d"; at most 30d/],
    [
      "a dedup count of 0",
      "card",
      { dedup: { count: 0 } },
      /dedup.count is 0; write a whole number from 1 to 10000/,
    ],
    ["a dedup count past the bound", "card", { dedup: { count: 10_001 } }, /from 1 to 10000/],
    [
      "dedup without an event id",
      "card",
      { source: anonymous, dedup: { count: 1 } },
      /source "anonymous" names no eventId/,
    ],
    ["a filter of an unknown field", "card", { where: { crad: "1" } }, /where names "crad"; the schema has/],
    ["an async filter", "card", { where: async () => false }, /view "card": where is an async function/],
    ["a generator as filter", "card", { where: function* () {} }, /where is a generator function/],
    ["no features", "card", { features: () => ({}) }, /has no features/],
    ["features that are no object", "card", { features: () => undefined }, /features returned undefined/],
    ["a feature that is none", "card", { features: () => ({ n: 1 }) }, /feature "n": 1 is not a feature/],
  ])("refuses %s", (_, name, options, message) => {
    const given = { ...common, features, ...options };
    expect(() => view(name, given as never)).toThrow(expect.objectContaining({ code: "DEFINITION_INVALID" }));
    expect(() => view(name, given as never)).toThrow(message);
  });
});
