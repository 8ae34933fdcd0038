import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Feature, FeatureService, FeatureValue } from "../../lib/define/types.ts";
import { foldEvents } from "../../lib/engine/fold.ts";
import { planView } from "../../lib/engine/plan.ts";
import { readFeatures } from "../../lib/engine/read.ts";
import { buildVector, planVector } from "../../lib/engine/vector.ts";
import { service, source, view } from "../../lib/index.ts";
import { checkout } from "../serve/fixtures/checkout.ts";

const features = { card: { spend_1h: 40, txns_1h: 3 }, payer: { failures_10m: 2 } };
const request = { amount: 80 };
const asOfMs = 981_331_200_000;

function withDerive(derive: unknown): FeatureService {
  return { ...checkout, derive: derive as FeatureService["derive"] };
}

function build(service: FeatureService, inputs: Partial<Parameters<typeof buildVector>[1]> = {}) {
  return buildVector(planVector(service), { features, request, asOfMs, ...inputs });
}

describe("buildVector", () => {
  it("takes features, derived values and the request in the vector's order", () => {
    expect(build(checkout)).toEqual({ names: checkout.vector, values: [40, 3, 2, 2, 80] });
  });

  it("enters a null as NaN, from a view and from derive", () => {
    const { values } = build(checkout, {
      features: { ...features, card: { spend_1h: null, txns_1h: 0 } },
    });
    expect(values).toEqual([Number.NaN, 0, 2, Number.NaN, 80]);
  });

  it("enters whenNull instead of NaN, and only for a null", () => {
    const service = { ...checkout, whenNull: { "card.spend_1h": -1, ratio: 0.5, "request.amount": 9 } };
    expect(build(service).values).toEqual([40, 3, 2, 2, 80]);
    expect(
      build(service, { features: { ...features, card: { spend_1h: null, txns_1h: 0 } }, request: {} }).values,
    ).toEqual([-1, 0, 2, 0.5, 9]);
  });

  it("takes items of lists, counts of values, and values of keys, null where there is none", () => {
    const of = (name: string, aggregation: Partial<Feature["aggregation"]>): Feature => ({
      name,
      aggregation: { name: "count", value: null, where: null, parameters: {}, ...aggregation },
      window: { kind: "lifetime" },
      whenEmpty: undefined,
    });
    const by = { field: "merchant", maxKeys: 2 };
    const { view } = checkout.views.card!;
    const lists: FeatureService = {
      ...checkout,
      derive: null,
      views: {
        card: {
          keys: {},
          view: {
            ...view,
            features: [
              of("top", { name: "topK", parameters: { k: 3 } }),
              of("frequent", { name: "approxTopK", parameters: { k: 2, capacity: 9 } }),
              of("counts", { by }),
              of("sums", { name: "sum", by }),
              of("sums.of", {}),
            ],
          },
        },
      },
      vector: [
        "card.top.0",
        "card.top.2",
        "card.frequent.0.count",
        "card.frequent.1.value",
        "card.counts.acme.example",
        "card.counts.constructor",
        "card.sums.acme",
        "card.sums.of",
      ],
      whenNull: { "card.top.2": -1 },
    };
    const values = (overflowed: number) =>
      build(lists, {
        features: {
          card: {
            top: [9, 4],
            frequent: [{ value: 7, count: 3 }],
            counts: { values: { "acme.example": 2 }, overflowed },
            sums: { values: { other: 1 }, overflowed },
            "sums.of": 5,
          },
        },
      }).values;
    // A key without events counts none, and sums to nothing; where there was no room for all keys it cannot be told.
    expect(values(0)).toEqual([9, -1, 3, Number.NaN, 2, 0, Number.NaN, 5]);
    expect(values(1)).toEqual([9, -1, 3, Number.NaN, 2, Number.NaN, Number.NaN, 5]);
  });

  it("enters a ratio over zero as it enters a null", () => {
    const service = { ...checkout, whenNull: { ratio: 7 } };
    expect(build(service, { features: { ...features, card: { spend_1h: 0, txns_1h: 0 } } }).values[3]).toBe(
      7,
    );
  });

  it("enters true and false as 1 and 0", () => {
    const service: FeatureService = {
      ...withDerive(() => ({ yes: true, no: false })),
      vector: ["yes", "no"],
    };
    expect(build(service).values).toEqual([1, 0]);
  });

  it("gives derive the as-of time", () => {
    const service: FeatureService = {
      ...withDerive((_f: unknown, _r: unknown, at: number) => ({ at })),
      vector: ["at"],
    };
    expect(build(service).values).toEqual([asOfMs]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no such luck");
      },
      /derive threw no such luck/,
    ],
    ["answers a promise", async () => ({ ratio: 1 }), /a promise/],
    ["answers nothing", () => undefined, /derive answered nothing/],
    ["answers an array", () => [1], /an array/],
    ["leaves a name out", () => ({ other: 1 }), /derive gave nothing for ratio/],
    ["answers text", () => ({ ratio: "12" }), /the text "12" for ratio/],
    ["answers an object", () => ({ ratio: {} }), /an object for ratio/],
    ["answers what only a prototype has", () => Object.create({ ratio: 1 }), /nothing for ratio/],
  ])("fails with DERIVE_FAILED where derive %s", (_, derive, message) => {
    expect(() => build(withDerive(derive))).toThrowError(
      expect.objectContaining({ code: "DERIVE_FAILED", message: expect.stringMatching(message) }),
    );
  });

  it.each<[string, unknown]>([
    ["takes from a list", ({ card }: { card: { top: number[] } }) => ({ ratio: card.top.pop() })],
    ["sorts a list", ({ card }: { card: { top: number[] } }) => ({ ratio: card.top.sort()[0] })],
    ["adds to a list", ({ card }: { card: { top: number[] } }) => ({ ratio: card.top.push(1) })],
    [
      "changes a counted value",
      ({ card }: { card: { often: { count: number }[] } }) => {
        card.often[0]!.count++;
        return { ratio: 1 };
      },
    ],
    [
      "changes a key's value",
      ({ card }: { card: { sums: { values: Record<string, number> } } }) => {
        card.sums.values.acme = 0;
        return { ratio: 1 };
      },
    ],
    [
      "leaves a feature out",
      ({ card }: { card: { spend_1h?: number } }) => {
        delete card.spend_1h;
        return { ratio: 1 };
      },
    ],
    [
      "sets a feature",
      ({ card }: { card: { spend_1h: number } }) => {
        card.spend_1h = 0;
        return { ratio: 1 };
      },
    ],
    [
      "replaces a view",
      (views: Record<string, object>) => {
        views.card = {};
        return { ratio: 1 };
      },
    ],
    [
      "changes the request",
      (_: unknown, request: { items: { n: number }[] }) => {
        request.items[0]!.n = 0;
        return { ratio: 1 };
      },
    ],
  ])("fails where derive %s, which leaves everything as it was", (_, derive) => {
    const inputs = () => ({
      features: {
        card: {
          spend_1h: 40,
          txns_1h: 3,
          top: [2, 1],
          often: [{ value: "a", count: 2 }],
          sums: { values: { acme: 3 }, overflowed: 0 },
        },
        payer: { failures_10m: 2 },
      },
      request: { amount: 80, items: [{ n: 1 }] },
    });
    const given = inputs();
    expect(() => build(withDerive(derive), given)).toThrowError(
      expect.objectContaining({
        code: "DERIVE_FAILED",
        message: expect.stringMatching(
          /derive threw Cannot .*; what it is given is frozen, so copy a list or record before changing it\.$/,
        ),
      }),
    );
    expect(given).toEqual(inputs());
  });

  it("gives derive a request's other objects as they are", () => {
    const bytes = new Uint8Array([7]);
    const service = {
      ...withDerive((_: unknown, { when }: { when: Date }) => ({ at: when.getTime() })),
      vector: ["at"],
    };
    expect(build(service, { request: { when: new Date(5), bytes } }).values).toEqual([5]);
  });

  it("tells another error of derive as it is", () => {
    const derive = () => {
      throw new TypeError("x is not a function");
    };
    expect(() => build(withDerive(derive))).toThrowError(/: derive threw x is not a function\.$/);
  });

  it("fails where a view that is to be read was not", () => {
    expect(() => build(checkout, { features: { card: features.card } })).toThrowError(
      expect.objectContaining({
        code: "DERIVE_FAILED",
        message: expect.stringContaining("payer.failures_10m"),
      }),
    );
  });

  it("holds exactly what the views hold, for any values", () => {
    const value = fc.oneof<fc.Arbitrary<FeatureValue>[]>(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    );
    const service: FeatureService = { ...withDerive(() => ({})), vector: ["card.spend_1h", "card.txns_1h"] };
    fc.assert(
      fc.property(value, value, (spend, txns) => {
        const { values } = build(service, { features: { card: { spend_1h: spend, txns_1h: txns } } });
        const expected = [spend, txns].map((each) => (each === null ? Number.NaN : Number(each)));
        expect(values.map((each) => (Object.is(each, -0) ? 0 : each))).toEqual(
          expected.map((each) => (Object.is(each, -0) ? 0 : each)),
        );
      }),
    );
  });
});

describe("a vector's keys", () => {
  const SPARE = "🙂".repeat(64);
  const payments = source("payments", {
    schema: z.object({
      card: z.string(),
      shop: z.union([z.string(), z.number(), z.boolean()]),
      at: z.int(),
    }),
    partitionKey: "card",
    eventTime: "at",
  });
  const card = view("card", {
    version: 1,
    source: payments,
    entity: "card",
    sla: "2m",
    features: (t) => ({ n: t.count({ by: "shop" }).over("1h") }),
  });
  const plan = planView(card);

  it("are those that a fold keeps, of any value whose text fits", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary", minLength: 1 }),
      fc.string({ unit: "grapheme", minLength: 50, maxLength: 80 }),
      fc.constantFrom(SPARE, `${SPARE}x`, `x${SPARE}`, "x".repeat(256), "x".repeat(257)),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
    );
    let refused = 0;
    fc.assert(
      fc.property(value, (shop) => {
        const event = {
          kind: "event",
          row: { card: "c", shop, at: asOfMs },
          eventTimeMs: asOfMs,
          arrivalMs: asOfMs,
          approximateArrivalMs: asOfMs,
          sequenceNumber: "1",
          identityHigh: 1,
          identityLow: 1,
          hasEventId: false,
          partitionKey: "c",
        } as const;
        const { item } = foldEvents({ plan, writer: "w", item: undefined, events: [event] });
        const { values } = readFeatures(plan, [{ writer: "w", image: item!.image }], asOfMs);
        const make = () => service("s", { version: 1, views: { card }, vector: [`card.n_1h.${shop}`] });
        if (Buffer.byteLength(String(shop)) > 256) {
          refused++;
          expect(make).toThrowError(/keys are cut to 256 bytes/);
          return;
        }
        expect(build(make(), { features: { card: { n_1h: values[0]! } } }).values).toEqual([1]);
      }),
    );
    expect(refused).toBeGreaterThan(0);
  });
});

describe("planVector", () => {
  it("keeps the dots of a bucket's name", () => {
    const view = checkout.views.card!.view;
    const bucketed = { ...view, features: [{ ...view.features[0]!, name: "channel_1h.web" }] };
    const service: FeatureService = {
      ...checkout,
      views: { card: { view: bucketed, keys: {} } },
      derive: null,
      vector: ["card.channel_1h.web"],
    };
    expect(planVector(service).entries[0]).toMatchObject({
      from: "view",
      alias: "card",
      feature: "channel_1h.web",
    });
  });

  it.each([
    ["card.nothing", /card has spend_1h, txns_1h/],
    ["request.nothing", /the request has amount, note/],
  ])("refuses %s, naming what there is", (name, message) => {
    expect(() => planVector({ ...checkout, vector: [name] })).toThrowError(
      expect.objectContaining({ code: "DEFINITION_INVALID", message: expect.stringMatching(message) }),
    );
  });

  it("refuses a derived name where there is no derive", () => {
    expect(() => planVector({ ...checkout, derive: null, vector: ["ratio"] })).toThrowError(
      expect.objectContaining({ code: "DEFINITION_INVALID" }),
    );
  });
});
