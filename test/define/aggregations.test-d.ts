import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { service, source, type ValueCount, type ValuesByKey, type View, view } from "../../lib/index.ts";

type FeaturesOf<V> = V extends View<string, infer Features> ? Features : never;

const schema = z.object({
  card: z.string(),
  merchant: z.string().nullable(),
  amount: z.number(),
  channel: z.enum(["web", "pos"]),
  ok: z.boolean(),
  at: z.iso.datetime(),
});
const events = source("events", { schema, partitionKey: "card", eventTime: "at" });
const common = { version: 1, source: events, entity: "card", sla: "1m" } as const;

const all = view("all", {
  ...common,
  features: (t) => ({
    variance: t.variance("amount").over("1h"),
    skew: t.skew((row) => row.amount / 2, { default: 0 }).over("1h"),
    first: t.first("channel").over("1h"),
    firstOr: t.first((row) => (row.ok ? row.amount : null)).over("1h"),
    recent: t.lastK("merchant", { k: 3 }).over("1h"),
    largest: t.topK("amount", { k: 3, default: [] }).over("1h"),
    rate: t.rate({ per: "1m", by: "channel" }).over("1h"),
    since: t.timeSinceLast().over("1h"),
    exact: t.distinct("merchant", { max: 10 }).over("1h"),
    frequent: t.approxTopK("merchant", { k: 2 }).over("1h"),
    counted: t.approxTopK((row) => row.amount, { k: 2 }).over("1h"),
    spread: t.histogram("amount", { edges: [0, 10] }).over("1h"),
    decayed: t.expDecaySum("amount", { halfLife: "1h" }).lifetime(),
    events: t.expDecayCount({ halfLife: "1h" }).hopping("1h", { slide: "15m" }),
    visit: t.count().session({ gap: "30m", max: "12h" }),
    perShop: t.sum("amount", { by: "merchant" }).over("1h"),
    lastOf: t.last("channel", { by: "ok", maxKeys: 2 }).over("1h"),
  }),
});

describe("features", () => {
  test("have the types of what their aggregations answer", () => {
    expectTypeOf<FeaturesOf<typeof all>>().toEqualTypeOf<{
      variance_1h: number | null;
      skew_1h: number;
      first_1h: "web" | "pos" | null;
      firstOr_1h: number | null;
      recent_1h: readonly string[] | null;
      largest_1h: readonly number[];
      "rate_1h.web": number | null;
      "rate_1h.pos": number | null;
      since_1h: number | null;
      exact_1h: number;
      frequent_1h: readonly ValueCount<string>[] | null;
      counted_1h: readonly ValueCount<number>[] | null;
      spread_1h: readonly number[] | null;
      decayed_lifetime: number | null;
      events_hopping_1h_15m: number;
      visit_session_30m_12h: number;
      perShop_1h: ValuesByKey<number | null>;
      lastOf_1h: ValuesByKey<"web" | "pos" | null>;
    }>();
  });

  test("need the settings of their aggregations", () => {
    view("v", {
      ...common,
      features: (t) => ({
        // @ts-expect-error how many
        a: t.topK("amount").over("1h"),
        // @ts-expect-error a number
        b: t.topK("merchant", { k: 2 }).over("1h"),
        // @ts-expect-error where buckets meet
        c: t.histogram("amount").over("1h"),
        // @ts-expect-error a half-life
        d: t.expDecayCount().over("1h"),
        // @ts-expect-error a duration
        e: t.expDecaySum("amount", { halfLife: "1 hour" }).over("1h"),
        // @ts-expect-error a duration
        f: t.rate({ per: "minute" }).over("1h"),
        // @ts-expect-error an option of another aggregation
        g: t.count({ max: 1 }).over("1h"),
        // @ts-expect-error a list by a field that is not an enum
        h: t.topK("amount", { k: 2, by: "merchant" }).over("1h"),
        // @ts-expect-error a list's default is a list
        i: t.topK("amount", { k: 2, default: 0 }).over("1h"),
        // @ts-expect-error how far apart windows end
        j: t.count().hopping("1h"),
        // @ts-expect-error a session has a maximum
        k: t.count().session({ gap: "30m" }),
        // @ts-expect-error variance is of numbers
        l: t.variance("channel").over("1h"),
      }),
    });
  });
});

describe("a vector", () => {
  const views = { all };
  test("takes single numbers: items of lists, counts, and values of keys", () => {
    service("s", {
      version: 1,
      views,
      vector: [
        "all.variance_1h",
        "all.largest_1h.0",
        "all.spread_1h.2",
        "all.frequent_1h.0.count",
        "all.counted_1h.1.value",
        "all.perShop_1h.acme.example",
        "all.rate_1h.web",
      ],
      whenNull: { "all.largest_1h.0": 0 },
    });
    // @ts-expect-error a list is no number
    service("s", { version: 1, views, vector: ["all.largest_1h"] });
    // @ts-expect-error items are texts
    service("s", { version: 1, views, vector: ["all.recent_1h.0"] });
    // @ts-expect-error the value is text
    service("s", { version: 1, views, vector: ["all.frequent_1h.0.value"] });
    // @ts-expect-error an item has a count and a value
    service("s", { version: 1, views, vector: ["all.frequent_1h.0"] });
    // @ts-expect-error the value of a key is text
    service("s", { version: 1, views, vector: ["all.lastOf_1h.true"] });
    // @ts-expect-error values by key are no number
    service("s", { version: 1, views, vector: ["all.perShop_1h"] });
    // @ts-expect-error derive answers single values
    service("s", { version: 1, views, derive: ({ all }) => ({ top: all.largest_1h }), vector: [] });
  });

  test("is given lists and keys by derive", () => {
    service("s", {
      version: 1,
      views,
      derive: ({ all }) => {
        expectTypeOf(all.largest_1h[0]).toEqualTypeOf<number | undefined>();
        expectTypeOf(all.perShop_1h.values.acme).toEqualTypeOf<number | null | undefined>();
        return { gap: (all.largest_1h[0] ?? 0) - (all.largest_1h[1] ?? 0) };
      },
      vector: ["gap"],
    });
  });
});
