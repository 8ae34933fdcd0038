import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AGGREGATION_TRAITS } from "../../lib/define/aggregation-traits.ts";
import { source, view } from "../../lib/index.ts";

const schema = z.object({
  id: z.string(),
  card: z.string(),
  merchant: z.string(),
  amount: z.number(),
  channel: z.enum(["web", "pos"]),
  tier: z.literal([1, 2]),
  blank: z.enum(["", "x"]),
  tags: z.array(z.string()),
  ok: z.boolean(),
  at: z.iso.datetime(),
});
const events = source("events", { schema, partitionKey: "card", eventTime: "at", eventId: "id" });
const minute = 60_000;
const hour = 60 * minute;

// biome-ignore lint/suspicious/noExplicitAny: these tests give what the types refuse.
type Untyped = any;
const featuresOf = (callback: (t: Untyped) => Record<string, unknown>, options: object = {}) =>
  view("card", {
    version: 1,
    source: events,
    entity: "card",
    sla: "2m",
    ...options,
    features: callback,
  } as never).features;

describe("the builder", () => {
  test("has a method for every aggregation", () => {
    featuresOf((t) => {
      expect(Object.keys(t)).toEqual(Object.keys(AGGREGATION_TRAITS));
      return { n: t.count().over("1h") };
    });
  });

  test("carries settings, and those that stand where none are given", () => {
    const parametersOf = (callback: (t: Untyped) => Record<string, unknown>) =>
      featuresOf(callback).map(({ aggregation }) => aggregation.parameters);
    expect(
      parametersOf((t) => ({
        a: t.rate().over("1h"),
        b: t.rate({ per: "1m", where: { ok: true } }).over("1h"),
        c: t.distinct("merchant").over("1h"),
        d: t.distinct((row: { card: string }) => row.card, { max: 1_000 }).over("1h"),
        e: t.approxTopK("merchant", { k: 3 }).over("1h"),
        f: t.approxTopK("merchant", { k: 50, capacity: 256 }).over("1h"),
        g: t.histogram("amount", { edges: [-1, 0, 2.5] }).over("1h"),
        h: t.expDecaySum("amount", { halfLife: "30m" }).lifetime(),
        i: t.expDecayCount({ halfLife: "7d" }).lifetime(),
        j: t.topK("amount", { k: 1 }).over("1h"),
        k: t.lastK("merchant", { k: 50 }).over("1h"),
        l: t.kurtosis("amount").over("1h"),
      })),
    ).toEqual([
      { perMs: 1_000 },
      { perMs: minute },
      { max: 128 },
      { max: 1_000 },
      { k: 3, capacity: 64 },
      { k: 50, capacity: 256 },
      { edges: [-1, 0, 2.5] },
      { halfLifeMs: 30 * minute },
      { halfLifeMs: 7 * 24 * hour },
      { k: 1 },
      { k: 50 },
      {},
    ]);
  });

  test("keeps a list as a default to itself: changes to what was given do nothing, and nobody can change it", () => {
    const given = [0, 1];
    const [hourly, daily] = featuresOf((t) => ({
      a: t.topK("amount", { k: 2, default: given }).over("1h", "1d"),
    }));
    given.push(2);
    for (const each of [hourly!, daily!]) {
      expect(each.whenEmpty).toEqual([0, 1]);
      expect(() => (each.whenEmpty as number[]).pop()).toThrow(TypeError);
      expect(each.whenEmpty).toEqual([0, 1]);
    }
  });

  test("gives a list the default of a list", () => {
    const [top, histogram, frequent] = featuresOf((t) => ({
      a: t.topK("amount", { k: 2, default: [] }).over("1h"),
      b: t.histogram("amount", { edges: [0], default: [0, 0] }).over("1h"),
      c: t.approxTopK("merchant", { k: 2, default: [] }).over("1h"),
    })).map(({ whenEmpty }) => whenEmpty);
    expect([top, histogram, frequent]).toEqual([[], [0, 0], []]);
  });
});

describe("windows", () => {
  test("hop over tiles of the longest hop that divides width and slide", () => {
    const made = featuresOf((t) => ({
      a: t.count().hopping("1h", { slide: "15m" }),
      b: t.count().hopping("24h", { slide: "24h" }),
      c: t.count().hopping("1h", { slide: "10m", hop: "10m" }),
    }));
    expect(made.map(({ name, window }) => [name, window])).toEqual([
      ["a_hopping_1h_15m", { kind: "hopping", widthMs: hour, slideMs: 15 * minute, hopMs: 5 * minute }],
      ["b_hopping_24h_24h", { kind: "hopping", widthMs: 24 * hour, slideMs: 24 * hour, hopMs: 24 * hour }],
      ["c_hopping_1h_10m", { kind: "hopping", widthMs: hour, slideMs: 10 * minute, hopMs: 10 * minute }],
    ]);
  });

  test("of sessions have a gap and a maximum", () => {
    const [made] = featuresOf((t) => ({ visit: t.count().session({ gap: "30m", max: "12h" }) }));
    expect(made).toMatchObject({
      name: "visit_session_30m_12h",
      window: { kind: "session", gapMs: 30 * minute, maxMs: 12 * hour },
    });
  });
});

describe("a field that is not an enum", () => {
  test("groups by its keys in one feature", () => {
    const made = featuresOf((t) => ({
      a: t.sum("amount", { by: "merchant" }).over("1h"),
      b: t.count({ by: "ok", maxKeys: 2 }).over("1h"),
      c: t.last("merchant", { by: "tier", maxKeys: 256 }).over("1h"),
    }));
    expect(made.map(({ name, aggregation }) => [name, aggregation.by])).toEqual([
      ["a_1h", { field: "merchant", maxKeys: 32 }],
      ["b_1h", { field: "ok", maxKeys: 2 }],
      ["c_1h", { field: "tier", maxKeys: 256 }],
    ]);
  });
});

describe("definitions refuse", () => {
  test.each<[string, (t: Untyped) => Record<string, unknown>, RegExp]>([
    [
      "no k",
      (t) => ({ n: t.topK("amount").over("1h") }),
      /feature "n": k is undefined; write a whole number from 1 to 50/,
    ],
    ["a k of none", (t) => ({ n: t.firstK("card", { k: 0 }).over("1h") }), /k is 0; write a whole number/],
    ["a k that is too large", (t) => ({ n: t.lastK("card", { k: 51 }).over("1h") }), /k is 51;/],
    ["a k that is no whole number", (t) => ({ n: t.bottomK("amount", { k: 1.5 }).over("1h") }), /k is 1.5;/],
    [
      "a top of texts",
      (t) => ({ n: t.topK("card", { k: 1 }).over("1h") }),
      /topK\("card"\) needs a field of a number; it holds string/,
    ],
    [
      "moments of texts",
      (t) => ({ n: t.variance("card").over("1h") }),
      /variance\("card"\) needs a field of a number/,
    ],
    [
      "a histogram of texts",
      (t) => ({ n: t.histogram("card", { edges: [0] }).over("1h") }),
      /histogram\("card"\) needs a field of a number/,
    ],
    [
      "a list's first",
      (t) => ({ n: t.first("tags").over("1h") }),
      /first\("tags"\) needs a field of text, a number or a boolean/,
    ],
    [
      "too many distinct values",
      (t) => ({ n: t.distinct("card", { max: 1_001 }).over("1h") }),
      /max is 1001; write a whole number from 1 to 1000/,
    ],
    [
      "a capacity below k",
      (t) => ({ n: t.approxTopK("card", { k: 9, capacity: 8 }).over("1h") }),
      /capacity is 8; write a whole number from 9 to 256/,
    ],
    [
      "a capacity without bound",
      (t) => ({ n: t.approxTopK("card", { k: 9, capacity: 257 }).over("1h") }),
      /capacity is 257;/,
    ],
    [
      "no edges",
      (t) => ({ n: t.histogram("amount", {}).over("1h") }),
      /edges is undefined; list 1 to 64 numbers, ascending/,
    ],
    [
      "edges of none",
      (t) => ({ n: t.histogram("amount", { edges: [] }).over("1h") }),
      /edges lists 0 numbers; list 1 to 64/,
    ],
    [
      "too many edges",
      (t) => ({ n: t.histogram("amount", { edges: Array.from({ length: 65 }, (_, i) => i) }).over("1h") }),
      /edges lists 65 numbers/,
    ],
    [
      "edges out of order",
      (t) => ({ n: t.histogram("amount", { edges: [0, 2, 1] }).over("1h") }),
      /edges lists 1 after 2; list them ascending/,
    ],
    [
      "an edge twice",
      (t) => ({ n: t.histogram("amount", { edges: [0, -0] }).over("1h") }),
      /list them ascending, each once/,
    ],
    [
      "an edge that is no number",
      (t) => ({ n: t.histogram("amount", { edges: [0, Number.NaN] }).over("1h") }),
      /edges lists NaN; list finite numbers/,
    ],
    [
      "a unit that is no duration",
      (t) => ({ n: t.rate({ per: "minute" }).over("1h") }),
      /feature "n", per: "minute" is not a duration/,
    ],
    [
      "a unit that is a number",
      (t) => ({ n: t.rate({ per: 60 }).over("1h") }),
      /per is 60; write a duration such as "1h"/,
    ],
    [
      "no half-life",
      (t) => ({ n: t.expDecayCount({}).over("1h") }),
      /halfLife is undefined; write a duration/,
    ],
    [
      "no half-life of a sum",
      (t) => ({ n: t.expDecaySum("amount").over("1h") }),
      /halfLife is undefined; write a duration/,
    ],
    [
      "a number as a list's default",
      (t) => ({ n: t.topK("amount", { k: 2, default: 0 }).over("1h") }),
      /default is 0; write a list, such as \[\]/,
    ],
    [
      "a default that is too long",
      (t) => ({ n: t.topK("amount", { k: 2, default: [1, 2, 3] }).over("1h") }),
      /default lists 3 values; topK answers at most 2/,
    ],
    [
      "a default of other values",
      (t) => ({ n: t.lastK("card", { k: 2, default: [1] }).over("1h") }),
      /default is 1; the field "card" holds string/,
    ],
    [
      "a default of no numbers",
      (t) => ({ n: t.topK("amount", { k: 2, default: ["a"] }).over("1h") }),
      /default lists "a"; list finite numbers/,
    ],
    [
      "a default of other buckets",
      (t) => ({ n: t.histogram("amount", { edges: [1], default: [0] }).over("1h") }),
      /default lists 1 counts; the histogram has 2 buckets/,
    ],
    [
      "a default of counted values",
      (t) => ({ n: t.approxTopK("card", { k: 1, default: [1] }).over("1h") }),
      /default is \[1\]; write an empty list/,
    ],
    [
      "no slide",
      (t) => ({ n: t.count().hopping("1h") }),
      /slide is undefined; write how far apart hopping windows end/,
    ],
    [
      "a slide that is no duration",
      (t) => ({ n: t.count().hopping("1h", { slide: "x" }) }),
      /slide: "x" is not a duration/,
    ],
    [
      "a slide longer than its window",
      (t) => ({ n: t.count().hopping("1h", { slide: "2h" }) }),
      /slide "2h" is longer than the hopping window "1h"/,
    ],
    [
      "a hop that does not divide a hopping window",
      (t) => ({ n: t.count().hopping("90m", { slide: "30m", hop: "1h" }) }),
      /hop "1h" does not divide the hopping window "90m"/,
    ],
    [
      "a hop that does not divide the slide",
      (t) => ({ n: t.count().hopping("1h", { slide: "15m", hop: "10m" }) }),
      /hop "10m" does not divide the slide "15m"/,
    ],
    [
      "a session without a maximum",
      (t) => ({ n: t.count().session({ gap: "30m" }) }),
      /session has no max; write both/,
    ],
    ["a session without a gap", (t) => ({ n: t.count().session() }), /session has no gap; write both/],
    [
      "a gap that is no duration",
      (t) => ({ n: t.count().session({ gap: "x", max: "1h" }) }),
      /session gap: "x" is not a duration/,
    ],
    [
      "a maximum below the gap",
      (t) => ({ n: t.count().session({ gap: "2h", max: "1h" }) }),
      /session max "1h" is shorter than its gap "2h"/,
    ],
    [
      "a session of two months",
      (t) => ({ n: t.count().session({ gap: "1h", max: "60d" }) }),
      /session max is "60d"; at most 30d is allowed/,
    ],
    [
      "a list by a free field",
      (t) => ({ n: t.topK("amount", { k: 2, by: "merchant" }).over("1h") }),
      /topK answers a list, which by takes of an enum alone/,
    ],
    [
      "a default by a free field",
      (t) => ({ n: t.sum("amount", { by: "merchant", default: 0 }).over("1h") }),
      /default is set, but by "merchant" answers only keys that have events/,
    ],
    [
      "too many keys",
      (t) => ({ n: t.count({ by: "merchant", maxKeys: 257 }).over("1h") }),
      /maxKeys is 257; write a whole number from 1 to 256/,
    ],
    [
      "a number of keys of an enum",
      (t) => ({ n: t.count({ by: "channel", maxKeys: 2 }).over("1h") }),
      /maxKeys is set, but by "channel" is an enum/,
    ],
    [
      "a number of keys of nothing",
      (t) => ({ n: t.count({ maxKeys: 2 }).over("1h") }),
      /maxKeys is set, but by names no field/,
    ],
    [
      "an enum of an empty text",
      (t) => ({ n: t.count({ by: "blank" }).over("1h") }),
      /by "blank" is an enum with an empty text/,
    ],
  ])("%s", (_, callback, message) => {
    expect(() => featuresOf(callback)).toThrow(expect.objectContaining({ code: "DEFINITION_INVALID" }));
    expect(() => featuresOf(callback)).toThrow(message);
  });

  test("sessions of an entity with many writers, and more of them than an item should hold", () => {
    const session = (t: Untyped) => ({ n: t.count().session({ gap: "1s", max: "1h" }) });
    expect(() => featuresOf(session, { entity: "merchant" })).toThrow(
      /feature "n_session_1s_1h" is over sessions, which needs an entity that holds the partition key "card"/,
    );
    expect(() => featuresOf(session, { allowedLateness: "24h" })).toThrow(
      /feature "n_session_1s_1h" would keep 173\d{3} sessions; at most 5000 are allowed/,
    );
    const windows = (t: Untyped) => ({
      n: t.count().session({ gap: "1m", max: "1h" }),
      s: t.sum("amount").session({ gap: "1m", max: "1h" }),
      m: t.count().session({ gap: "1m", max: "2h" }),
    });
    expect(() => featuresOf(windows, { allowedLateness: "1d" })).toThrow(
      /its session windows would keep 57\d\d sessions in all \(28\d\d for "n_session_1m_1h", 28\d\d for "m_session_1m_2h"\); at most 5000 are allowed/,
    );
    expect(() => featuresOf(windows, { allowedLateness: "20h" })).not.toThrow();
  });
});
