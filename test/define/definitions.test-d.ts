import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  gt,
  model,
  not,
  oneOf,
  service,
  source,
  type View,
  type ViewReference,
  view,
} from "../../lib/index.ts";
import { account, card, checkout, logins, type pair, type transactions } from "./fixtures/fraud.ts";

/** The row type of a view's answer. */
type FeaturesOf<V> = V extends View<string, infer Features> ? Features : never;
type KeyOf<V> = V extends View<string, infer _Features, infer Key> ? Key : never;

const schema = z.object({
  id: z.string(),
  card: z.string(),
  device: z.string().optional(),
  amount: z.number(),
  fee: z.number().nullable().optional(),
  tip: z.number().default(0),
  channel: z.enum(["web", "pos"]),
  region: z.enum(["eu", "us"]).nullable(),
  ok: z.boolean(),
  tags: z.array(z.string()),
  extra: z.any(),
  at: z.iso.datetime(),
});
const events = source("events", { schema, partitionKey: "card", eventTime: "at" });
const common = { version: 1, source: events, entity: "card", sla: "1m" } as const;

describe("source", () => {
  test("names only fields that every event has", () => {
    // @ts-expect-error a misspelt field
    source("s", { schema, partitionKey: "crad", eventTime: "at" });
    // @ts-expect-error an optional field
    source("s", { schema, partitionKey: "device", eventTime: "at" });
    // @ts-expect-error not scalar
    source("s", { schema, partitionKey: "tags", eventTime: "at" });
    // @ts-expect-error a boolean is no time
    source("s", { schema, partitionKey: "card", eventTime: "ok" });
    // @ts-expect-error a boolean is no event id
    source("s", { schema, partitionKey: "card", eventTime: "at", eventId: "ok" });
    // @ts-expect-error not a duration
    source("s", { schema, partitionKey: "card", eventTime: "at", retention: "7 days" });
  });

  test("keeps name and schema", () => {
    expectTypeOf(logins.name).toEqualTypeOf<"logins">();
    expectTypeOf<z.output<typeof transactions.schema>["channel"]>().toEqualTypeOf<"web" | "pos" | "atm">();
  });
});

describe("features", () => {
  test("have the names and types of section 6", () => {
    expectTypeOf<FeaturesOf<typeof card>>().toEqualTypeOf<{
      spend_5m: number | null;
      spend_1h: number | null;
      spend_24h: number | null;
      big_1h: number;
      odd_24h: number;
      "channel_1h.web": number | null;
      "channel_1h.pos": number | null;
      "channel_1h.atm": number | null;
    }>();
    expectTypeOf<FeaturesOf<typeof pair>>().toEqualTypeOf<{ txns_24h: number }>();
    expectTypeOf<FeaturesOf<typeof account>>().toEqualTypeOf<{ failures_10m: number }>();
  });

  test("follow the rule of empty windows and defaults", () => {
    const all = view("all", {
      ...common,
      features: (t) => ({
        count: t.count().over("1h"),
        distinct: t.approxDistinct("device").over("1h"),
        sum: t.sum("fee").over("1h"),
        sumOr: t.sum("tip", { default: 0 }).over("1h"),
        mean: t.mean("amount").over("1h"),
        min: t.min("amount").over("1h"),
        maxOr: t.max((row) => row.amount - (row.fee ?? 0), { default: -1 }).over("1h"),
        share: t.share({ where: { ok: false } }).over("1h"),
        shareOr: t.share({ where: (row) => row.ok, default: 1 }).over("1h"),
        p90: t.approxPercentile("amount", { p: 0.9 }).over("1h"),
        text: t.last("card").over("1h"),
        flag: t.last("ok", { default: false }).over("1h"),
        kind: t.last("channel").over("1h"),
      }),
    });
    expectTypeOf<FeaturesOf<typeof all>>().toEqualTypeOf<{
      count_1h: number;
      distinct_1h: number;
      sum_1h: number | null;
      sumOr_1h: number;
      mean_1h: number | null;
      min_1h: number | null;
      maxOr_1h: number;
      share_1h: number | null;
      shareOr_1h: number;
      p90_1h: number | null;
      text_1h: string | null;
      flag_1h: boolean;
      kind_1h: "web" | "pos" | null;
    }>();
  });

  test("name sliding, tumbling and lifetime windows, with hops and buckets", () => {
    const windows = view("windows", {
      ...common,
      features: (t) => ({
        a: t.count().over("5m").tumbling("1h").lifetime(),
        b: t.count({ by: "region" }).over("24h", { hop: "1h" }),
      }),
    });
    expectTypeOf<keyof FeaturesOf<typeof windows>>().toEqualTypeOf<
      "a_5m" | "a_tumbling_1h" | "a_tumbling_1h_current" | "a_lifetime" | "b_24h.eu" | "b_24h.us"
    >();
  });

  test("take only fields of the right type", () => {
    view("v", {
      ...common,
      features: (t) => ({
        // @ts-expect-error a misspelt field
        a: t.sum("amuont").over("1h"),
        // @ts-expect-error a sum of a string
        b: t.sum("card").over("1h"),
        // @ts-expect-error a field of any type
        c: t.sum("extra").over("1h"),
        // @ts-expect-error a list has no last scalar
        d: t.last("tags").over("1h"),
        // @ts-expect-error by takes no list
        e: t.count({ by: "tags" }).over("1h"),
        // @ts-expect-error a function of the wrong result
        f: t.mean((row) => row.card).over("1h"),
        // @ts-expect-error a row has no such field
        g: t.mean((row) => row.amuont).over("1h"),
        // @ts-expect-error a percentile needs p
        h: t.approxPercentile("amount").over("1h"),
        // @ts-expect-error a share needs where
        i: t.share({}).over("1h"),
        // @ts-expect-error a default of another type
        j: t.last("channel", { default: "atm" }).over("1h"),
        // @ts-expect-error an option that does not exist
        k: t.count({ wher: { ok: true } }).over("1h"),
      }),
    });
  });

  test("take only durations", () => {
    view("v", {
      ...common,
      features: (t) => ({
        // @ts-expect-error "5 min" is not a duration
        a: t.count().over("5 min"),
        // @ts-expect-error no unit
        b: t.count().over("5m", "60"),
        // @ts-expect-error half an hour is "30m"
        c: t.count().over("0.5h"),
        // @ts-expect-error hops are durations too
        d: t.count().over("1h", { hop: "5 min" }),
        // @ts-expect-error no window
        e: t.count().over(),
      }),
    });
  });

  test("need a window", () => {
    // @ts-expect-error an aggregation without a window is no feature
    view("v", { ...common, features: (t) => ({ a: t.count() }) });
  });

  test("filter by typed conditions", () => {
    view("v", {
      ...common,
      features: (t) => ({
        a: t.count({ where: { channel: oneOf("web", "pos"), amount: gt(1), ok: not(true) } }).over("1h"),
        // @ts-expect-error a misspelt field
        b: t.count({ where: { chanel: "web" } }).over("1h"),
        // @ts-expect-error not a value of the enum
        c: t.count({ where: { channel: "atm" } }).over("1h"),
        // @ts-expect-error not a value of the enum
        d: t.count({ where: { channel: not("atm") } }).over("1h"),
        // @ts-expect-error text is not compared by gt
        e: t.count({ where: { card: gt(1) } }).over("1h"),
        // @ts-expect-error a number field equals no text
        f: t.count({ where: { amount: "1" } }).over("1h"),
        // @ts-expect-error a function answers true or false
        g: t.count({ where: (row) => row.amount }).over("1h"),
      }),
    });
  });
});

describe("view", () => {
  test("has the key of its entity", () => {
    expectTypeOf<KeyOf<typeof card>>().toEqualTypeOf<{ card: string }>();
    expectTypeOf<KeyOf<typeof pair>>().toEqualTypeOf<{ card: string; merchant: string }>();
    const global = view("g", {
      version: 1,
      source: events,
      sla: "1m",
      features: (t) => ({ n: t.count().over("1h") }),
    });
    expectTypeOf<keyof KeyOf<typeof global>>().toEqualTypeOf<never>();
  });

  test("takes only fields that every event has", () => {
    // @ts-expect-error a misspelt entity
    view("v", { ...common, entity: "crad", features: (t) => ({ n: t.count().over("1h") }) });
    // @ts-expect-error an optional entity
    view("v", { ...common, entity: ["card", "device"], features: (t) => ({ n: t.count().over("1h") }) });
    // @ts-expect-error "2 min" is not a duration
    view("v", { ...common, sla: "2 min", features: (t) => ({ n: t.count().over("1h") }) });
    // @ts-expect-error the view's own filter is typed too
    view("v", { ...common, where: { channel: "atm" }, features: (t) => ({ n: t.count().over("1h") }) });
  });

  test("is renamed by fields of its entity", () => {
    const payer = account.by({ account: "payer" });
    expectTypeOf(payer).toExtend<ViewReference>();
    expectTypeOf<NonNullable<typeof payer.__keys>>().toEqualTypeOf<{ payer: string }>();
    // @ts-expect-error not a field of the entity
    account.by({ acount: "payer" });
  });
});

describe("service", () => {
  const features = { version: 1, views: { card, payer: account.by({ account: "payer" }) } } as const;

  test("types derive by features and request", () => {
    service("s", {
      ...features,
      request: z.object({ amount: z.number() }),
      derive: ({ card, payer }, request, asOf) => {
        expectTypeOf(card.spend_24h).toEqualTypeOf<number | null>();
        expectTypeOf(card["channel_1h.web"]).toEqualTypeOf<number | null>();
        expectTypeOf(payer.failures_10m).toEqualTypeOf<number>();
        expectTypeOf(request).toEqualTypeOf<{ amount: number }>();
        expectTypeOf(asOf).toEqualTypeOf<number>();
        return { ratio: request.amount / 2 };
      },
      vector: ["ratio", "card.spend_5m", "card.channel_1h.pos", "payer.failures_10m", "request.amount"],
      whenNull: { "card.spend_5m": 0 },
    });
    service("s", {
      ...features,
      // @ts-expect-error a feature that does not exist
      derive: ({ card }) => ({ ratio: card.spend_2h }),
      vector: ["card.spend_5m"],
    });
    service("s", {
      ...features,
      // @ts-expect-error null must be dealt with
      derive: ({ card }) => ({ ratio: card.spend_24h + 1 }),
      vector: ["card.spend_5m"],
    });
  });

  test("lists only what exists, as numbers", () => {
    const derive = () => ({ ratio: 1, label: "text" });
    // @ts-expect-error a feature that does not exist
    service("s", { ...features, vector: ["card.spend_2h"] });
    // @ts-expect-error an alias that does not exist
    service("s", { ...features, vector: ["cards.spend_5m"] });
    // @ts-expect-error a bucket that does not exist
    service("s", { ...features, vector: ["card.channel_1h.phone"] });
    // @ts-expect-error no request
    service("s", { ...features, vector: ["request.amount"] });
    // @ts-expect-error a request field that does not exist
    service("s", { ...features, request: z.object({ amount: z.number() }), vector: ["request.amuont"] });
    // @ts-expect-error text is no input
    service("s", { ...features, request: z.object({ name: z.string() }), vector: ["request.name"] });
    // @ts-expect-error no derive
    service("s", { ...features, vector: ["ratio"] });
    // @ts-expect-error a derived name that does not exist
    service("s", { ...features, derive, vector: ["rato"] });
    service("s", {
      ...features,
      derive: ({ card }) => ({ ratio: card.big_1h }),
      // @ts-expect-error a derived name that does not exist
      vector: ["rato"],
    });
    // @ts-expect-error derived text is no input
    service("s", { ...features, derive, vector: ["label"] });
    // @ts-expect-error a null's value is for what is in reach
    service("s", { ...features, vector: ["card.spend_5m"], whenNull: { "card.spend_2h": 0 } });
    service("s", { ...features, derive, vector: ["ratio", "card.spend_5m"] });
  });

  test("knows keys and request for a client", () => {
    expectTypeOf<NonNullable<typeof checkout.__keys>>().branded.toEqualTypeOf<{
      card: string;
      merchant: string;
      payer: string;
      payee: string;
    }>();
    expectTypeOf<NonNullable<typeof checkout.__request>>().toEqualTypeOf<{ amount: number }>();
  });
});

describe("model", () => {
  const common = { service: checkout, file: "a.onnx", output: "p" } as const;
  test("has what its policy needs", () => {
    model("m", { ...common, onStale: "default", defaultScore: 0.1 });
    model("m", { ...common, onStale: "fallback", fallback: "simple" });
    // @ts-expect-error no default score
    model("m", { ...common, onStale: "default" });
    // @ts-expect-error no fallback
    model("m", { ...common, onStale: "fallback" });
    // @ts-expect-error no such policy
    model("m", { ...common, onStale: "ignore" });
  });
});
