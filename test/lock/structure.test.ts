import { describe, expect, test } from "vitest";
import { z } from "zod";
import { planView } from "../../lib/engine/plan.ts";
import {
  type FeatureBuilder,
  type Source,
  source,
  type View,
  type ViewOptions,
  view,
} from "../../lib/index.ts";
import { structureHash } from "../../lib/lock/structure.ts";

const schema = z.object({
  id: z.string(),
  card: z.string(),
  shop: z.string(),
  amount: z.number(),
  channel: z.enum(["web", "pos"]),
  at: z.iso.datetime(),
  seen: z.iso.datetime(),
});
type Row = z.output<typeof schema>;
const sourceOptions = { schema, partitionKey: "card", eventTime: "at", eventId: "id" } as const;

function hash(options: object = {}, changes: object = {}): string {
  const events = source("events", { ...sourceOptions, ...changes } as never) as Source;
  const made: View = view("card", {
    version: 1,
    source: events,
    entity: "card",
    sla: "2m",
    features: (t: FeatureBuilder<Row>) => ({ spend: t.sum("amount").over("5m", "1h") }),
    ...options,
  } as unknown as ViewOptions<typeof schema, "card", never>);
  return structureHash(planView(made));
}
const featuresHash = (features: (t: FeatureBuilder<Row>) => object) => hash({ features });

describe("structureHash", () => {
  test("is 32 hex digits, the same each time", () => {
    expect(hash()).toMatch(/^[0-9a-f]{32}$/);
    expect(hash()).toBe(hash());
  });

  test.each<[string, object, object?]>([
    ["the SLA, owner and description", { sla: "1h", owner: "payments", description: "Spend." }],
    ["the version, which is in the name", { version: 2 }],
    [
      "a feature's name",
      { features: (t: FeatureBuilder<Row>) => ({ total: t.sum("amount").over("5m", "1h") }) },
    ],
    [
      "a default",
      { features: (t: FeatureBuilder<Row>) => ({ a: t.sum("amount", { default: 0 }).over("5m", "1h") }) },
    ],
    [
      "one more feature over what is there",
      {
        features: (t: FeatureBuilder<Row>) => ({
          a: t.sum("amount").over("5m", "1h"),
          b: t.sum("amount").over("30m", { hop: "5m" }),
        }),
      },
    ],
    ["the stream's retention", {}, { retention: "30d" }],
    ["one more field of the schema", {}, { schema: schema.extend({ more: z.string() }) }],
    [
      "a transform of a field that the view does not use",
      {},
      { schema: schema.extend({ shop: z.string().transform((text) => text.length) }) },
    ],
    ["what a field may hold", {}, { schema: schema.extend({ amount: z.number().min(0).max(1e6) }) }],
    ["a field's refinement", {}, { schema: schema.extend({ amount: z.number().refine((n) => n !== 13) }) }],
    ["a field's description", {}, { schema: schema.extend({ amount: z.number().describe("In euros.") }) }],
    ["a field that is read-only", {}, { schema: schema.extend({ amount: z.number().readonly() }) }],
  ])("does not depend on %s", (_, options, changes) => {
    expect(hash(options, changes)).toBe(hash());
  });

  test.each<[string, object, object?]>([
    ["the entity", { entity: ["card", "shop"] }],
    ["a key's type", {}, { schema: schema.extend({ card: z.number() }) }],
    ["the view's filter", { where: { channel: "web" } }],
    ["allowed lateness", { allowedLateness: "1h" }],
    ["the dedup horizon", { dedup: { horizon: "1h" } }],
    ["the dedup count", { dedup: { count: 5 } }],
    [
      "another window",
      { features: (t: FeatureBuilder<Row>) => ({ spend: t.sum("amount").over("5m", "24h") }) },
    ],
    [
      "one more window",
      { features: (t: FeatureBuilder<Row>) => ({ spend: t.sum("amount").over("5m", "1h").lifetime() }) },
    ],
    [
      "another hop",
      {
        features: (t: FeatureBuilder<Row>) => ({
          spend: t.sum("amount").over("5m").over("1h", { hop: "1m" }),
        }),
      },
    ],
    [
      "another aggregation",
      { features: (t: FeatureBuilder<Row>) => ({ spend: t.max("amount").over("5m", "1h") }) },
    ],
    [
      "a filter",
      {
        features: (t: FeatureBuilder<Row>) => ({
          spend: t.sum("amount", { where: { channel: "web" } }).over("5m", "1h"),
        }),
      },
    ],
    [
      "a function",
      { features: (t: FeatureBuilder<Row>) => ({ spend: t.sum((row) => row.amount).over("5m", "1h") }) },
    ],
    ["no event id", {}, { eventId: undefined }],
    ["an arrival field", {}, { arrivalTime: "seen" }],
    ["the event time", {}, { eventTime: "seen" }],
    ["the partition key", {}, { partitionKey: "shop" }],
    ["the future skew", {}, { maxFutureSkew: "1m" }],
    ["the clock skew", {}, { clockSkew: "1s" }],
  ])("depends on %s", (_, options, changes) => {
    expect(hash(options, changes)).not.toBe(hash());
  });

  test("tells apart every setting of an aggregation, a window and a grouping", () => {
    const features: Readonly<Record<string, (t: FeatureBuilder<Row>) => object>> = {
      "lastK 2": (t) => ({ a: t.lastK("shop", { k: 2 }).over("1h") }),
      "lastK 3": (t) => ({ a: t.lastK("shop", { k: 3 }).over("1h") }),
      "firstK 3": (t) => ({ a: t.firstK("shop", { k: 3 }).over("1h") }),
      "topK 3": (t) => ({ a: t.topK("amount", { k: 3 }).over("1h") }),
      "bottomK 3": (t) => ({ a: t.bottomK("amount", { k: 3 }).over("1h") }),
      variance: (t) => ({ a: t.variance("amount").over("1h") }),
      skew: (t) => ({ a: t.skew("amount").over("1h") }),
      kurtosis: (t) => ({ a: t.kurtosis("amount").over("1h") }),
      "distinct 10": (t) => ({ a: t.distinct("shop", { max: 10 }).over("1h") }),
      "distinct 11": (t) => ({ a: t.distinct("shop", { max: 11 }).over("1h") }),
      "frequent of 8": (t) => ({ a: t.approxTopK("shop", { k: 2, capacity: 8 }).over("1h") }),
      "frequent of 9": (t) => ({ a: t.approxTopK("shop", { k: 2, capacity: 9 }).over("1h") }),
      "histogram 0": (t) => ({ a: t.histogram("amount", { edges: [0] }).over("1h") }),
      "histogram 0, 1": (t) => ({ a: t.histogram("amount", { edges: [0, 1] }).over("1h") }),
      "histogram 0.1": (t) => ({ a: t.histogram("amount", { edges: [0.1] }).over("1h") }),
      "decayed by 1h": (t) => ({ a: t.expDecaySum("amount", { halfLife: "1h" }).over("1h") }),
      "decayed by 2h": (t) => ({ a: t.expDecaySum("amount", { halfLife: "2h" }).over("1h") }),
      "decayed count": (t) => ({ a: t.expDecayCount({ halfLife: "1h" }).over("1h") }),
      "time since": (t) => ({ a: t.timeSinceLast().over("1h") }),
      "rate of a lifetime": (t) => ({ a: t.rate().lifetime() }),
      "by shop": (t) => ({ a: t.count({ by: "shop" }).over("1h") }),
      "by fewer shops": (t) => ({ a: t.count({ by: "shop", maxKeys: 31 }).over("1h") }),
      "by id": (t) => ({ a: t.count({ by: "id" }).over("1h") }),
      hopping: (t) => ({ a: t.count().hopping("1h", { slide: "5m" }) }),
      "hopping further": (t) => ({ a: t.count().hopping("1h", { slide: "10m", hop: "5m" }) }),
      session: (t) => ({ a: t.count().session({ gap: "5m", max: "1h" }) }),
      "session of a longer gap": (t) => ({ a: t.count().session({ gap: "6m", max: "1h" }) }),
      "longer session": (t) => ({ a: t.count().session({ gap: "5m", max: "2h" }) }),
      "session of sums": (t) => ({ a: t.sum("amount").session({ gap: "5m", max: "1h" }) }),
      "two sessions": (t) => ({
        a: t.count().session({ gap: "5m", max: "1h" }).session({ gap: "6m", max: "1h" }),
      }),
    };
    const seen = new Map<string, string>();
    for (const [name, each] of Object.entries(features)) {
      expect(seen.get(featuresHash(each)), name).toBeUndefined();
      seen.set(featuresHash(each), name);
    }
  });

  test("does not depend on what is only read: a list's first ones, a rate's unit, a standard deviation", () => {
    const same = (left: (t: FeatureBuilder<Row>) => object, right: (t: FeatureBuilder<Row>) => object) =>
      expect(featuresHash(left)).toBe(featuresHash(right));
    same(
      (t) => ({ a: t.approxTopK("shop", { k: 2 }).over("1h") }),
      (t) => ({ a: t.approxTopK("shop", { k: 9 }).over("1h") }),
    );
    same(
      (t) => ({ a: t.rate().over("1h") }),
      (t) => ({ a: t.rate({ per: "1h" }).over("1h"), b: t.count().over("1h") }),
    );
    same(
      (t) => ({ a: t.variance("amount").over("1h") }),
      (t) => ({ a: t.stddev("amount").over("1h") }),
    );
    same(
      (t) => ({ a: t.count().over("1h", { hop: "5m" }) }),
      (t) => ({ a: t.count().hopping("50m", { slide: "10m", hop: "5m" }) }),
    );
  });

  test("depends on what the schema makes of a key", () => {
    const features = (t: FeatureBuilder<Row>) => ({ a: t.count({ by: "shop" }).over("1h") });
    const upper = { schema: schema.extend({ shop: z.string().toUpperCase() }) };
    expect(hash({ features }, upper)).not.toBe(hash({ features }));
  });

  const amounts: Readonly<Record<string, () => z.ZodType>> = {
    plain: () => z.number(),
    "a transform": () => z.number().transform((euros) => euros * 100),
    "another transform": () => z.number().transform((euros) => euros * 1_000),
    "a preprocessing": () => z.preprocess((value) => Number(value), z.number()),
    "a pipe": () => z.string().transform(Number).pipe(z.number()),
    "a codec": () => z.codec(z.string(), z.number(), { decode: (text) => text.length, encode: String }),
    coercion: () => z.coerce.number(),
    "a default": () => z.number().default(0),
    "another default": () => z.number().default(1),
    "a default of null": () => z.number().nullable().default(null),
    "a default before it is parsed": () => z.number().prefault(0),
    "a fallback": () => z.number().catch(0),
    "another fallback": () => z.number().catch(1),
    "a fallback function": () => z.number().catch(({ issues }) => issues.length),
    "an overwrite": () => z.number().overwrite((euros) => euros + 1),
    "null allowed": () => z.number().nullable(),
    "null coerced": () => z.coerce.number().nullable(),
    "a lazy transform": () => z.lazy(() => z.number().transform((euros) => euros * 3)),
    "a transform in a union": () => z.union([z.number(), z.string().transform((text) => text.length)]),
  };

  test("tells apart all that a schema can make of a summed field", () => {
    const hashes = Object.entries(amounts).map(([name, amount]) => {
      const changes = () => ({ schema: schema.extend({ amount: amount() }) });
      expect(hash({}, changes()), name).toBe(hash({}, changes()));
      return hash({}, changes());
    });
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test.each<[string, object, object]>([
    ["the entity", {}, { card: z.string().trim() }],
    ["the event's id", {}, { id: z.string().toLowerCase() }],
    ["the event's time", {}, { at: z.iso.datetime().catch("2026-01-01T00:00:00Z") }],
    ["a condition", { where: { shop: "s1" } }, { shop: z.string().toUpperCase() }],
  ])("depends on what the schema makes of %s", (_, options, changed) => {
    expect(hash(options, { schema: schema.extend(changed) })).not.toBe(hash(options));
  });

  test("depends on every field, nested ones too, where a function may read any", () => {
    const nested = (euros: z.ZodType) => ({
      schema: schema.extend({ basket: z.array(z.object({ euros })).optional() }),
    });
    const plain = nested(z.number());
    const changed = nested(z.number().transform((euros) => euros * 100));
    expect(hash({}, plain)).toBe(hash({}, changed));
    const options = { where: () => true };
    expect(hash(options, plain)).not.toBe(hash(options, changed));
    expect(hash(options, { schema: schema.loose() })).not.toBe(hash(options));
  });

  test("ends at a schema that holds itself", () => {
    const branch = (): z.ZodType => z.object({ more: z.lazy(branch).optional() });
    const tree = z.object({
      get branches() {
        return z.array(tree).optional();
      },
    });
    for (const recursive of [branch(), tree]) {
      const changes = { schema: schema.extend({ recursive }) };
      expect(hash({ where: () => true }, changes)).toBe(hash({ where: () => true }, changes));
    }
  });

  test("takes functions by their source text", () => {
    const limited = (limit: number) =>
      featuresHash((t) => ({ n: t.count({ where: (row) => row.amount > limit }).over("1h") }));
    expect(limited(1)).toBe(limited(2));
    const over5 = featuresHash((t) => ({ n: t.count({ where: (row) => row.amount > 5 }).over("1h") }));
    const over6 = featuresHash((t) => ({ n: t.count({ where: (row) => row.amount > 6 }).over("1h") }));
    expect(over5).not.toBe(over6);
  });

  test("takes a function beside `by` by the user's text, not by the function made of it", () => {
    const over5 = featuresHash((t) => ({
      n: t.count({ by: "channel", where: (row) => row.amount > 5 }).over("1h"),
    }));
    const over6 = featuresHash((t) => ({
      n: t.count({ by: "channel", where: (row) => row.amount > 6 }).over("1h"),
    }));
    expect(over5).not.toBe(over6);
  });
});
