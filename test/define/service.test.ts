import { describe, expect, test } from "vitest";
import { z } from "zod";
import { service, source, view } from "../../lib/index.ts";
import { account, card, checkout, pair, transactions } from "./fixtures/fraud.ts";

const other = source("other", {
  schema: z.object({ card: z.number(), name: z.string(), at: z.int() }),
  partitionKey: "card",
  eventTime: "at",
});
const numbered = view("numbered", {
  version: 1,
  source: other,
  entity: "card",
  sla: "1m",
  features: (t) => ({ name: t.last("name").over("1h"), n: t.count().over("1h") }),
});

describe("service", () => {
  test("normalises views to references", () => {
    expect(checkout.views).toEqual({
      card: { view: card, keys: { card: "card" } },
      pair: { view: pair, keys: { card: "card", merchant: "merchant" } },
      payer: { view: account, keys: { account: "payer" } },
      payee: { view: account, keys: { account: "payee" } },
    });
  });

  test("is plain data", () => {
    expect(service("least", { version: 3, views: { card }, vector: ["card.spend_5m"] })).toEqual({
      kind: "service",
      name: "least",
      version: 3,
      views: { card: { view: card, keys: { card: "card" } } },
      request: null,
      derive: null,
      vector: ["card.spend_5m"],
      whenNull: {},
    });
  });

  test("keeps derive, which gets features, request and as-of time", () => {
    expect(checkout.derive?.({ card: { spend_24h: 50 } }, { amount: 100 }, 0)).toEqual({ ratio: 2 });
    expect(checkout.derive?.({ card: { spend_24h: null } }, { amount: 100 }, 0)).toEqual({ ratio: null });
  });

  test("leaves the names of a derive that refuses sample values to the type-check", () => {
    const made = service("late", {
      version: 1,
      views: { card },
      request: z.object({ amount: z.number().min(5) }),
      derive: (_, request) => {
        if (request.amount < 5) throw new Error("schema says at least 5");
        return { ratio: 1 };
      },
      vector: ["ratio"],
    });
    expect(made.vector).toEqual(["ratio"]);
  });

  const lists = view("lists", {
    version: 1,
    source: transactions,
    entity: "card",
    sla: "2m",
    features: (t) => ({
      n: t.count().over("1h"),
      top: t.topK("amount", { k: 3 }).over("1h"),
      spread: t.histogram("amount", { edges: [0] }).over("1h"),
      recent: t.lastK("merchant", { k: 2 }).over("1h"),
      frequent: t.approxTopK("merchant", { k: 2 }).over("1h"),
      shops: t.sum("amount", { by: "merchant" }).over("1h"),
    }),
  });
  const defaults = view("defaults", {
    version: 1,
    source: transactions,
    entity: "card",
    sla: "2m",
    features: (t) => ({ top: t.topK("amount", { k: 3, default: [0, 1] }).over("1h") }),
  });
  const keyed = view("keyed", {
    version: 1,
    source: source("keyed", {
      schema: z.object({
        card: z.string(),
        text: z.string(),
        flag: z.boolean().nullable(),
        number: z.number(),
        tier: z.literal([1, 2.5, true]),
        either: z.union([z.number(), z.boolean()]),
        any: z.union([z.number(), z.string()]),
        made: z.string().transform((text) => (text === "" ? 0 : text)),
        at: z.int(),
      }),
      partitionKey: "card",
      eventTime: "at",
    }),
    entity: "card",
    sla: "1m",
    features: (t) => ({
      text: t.count({ by: "text" }).over("1h"),
      flag: t.count({ by: "flag" }).over("1h"),
      number: t.count({ by: "number" }).over("1h"),
      tier: t.count({ by: "tier" }).over("1h"),
      either: t.count({ by: "either" }).over("1h"),
      any: t.count({ by: "any" }).over("1h"),
      made: t.count({ by: "made" }).over("1h"),
    }),
  });
  const ofKey = (vector: readonly string[]) =>
    service("s", { version: 1, views: { w: keyed }, vector: vector as never }).vector;

  test("takes every key that a field can have, as text", () => {
    const vector = [
      ...["text_1h.01", "text_1h.a.b", "text_1h.Ωμέγα 🙂", "text_1h.1e400", `text_1h.${"x".repeat(256)}`],
      ...[`text_1h.${"é".repeat(128)}`, "flag_1h.true", "flag_1h.false", "number_1h.0", "number_1h.-1.5"],
      ...["number_1h.1e+21", "number_1h.1e-7", "tier_1h.1", "tier_1h.2.5", "tier_1h.true", "either_1h.7"],
      ...["either_1h.false", "any_1h.01", "made_1h.01"],
    ].map((name) => `w.${name}`);
    expect(ofKey(vector)).toEqual(vector);
  });

  const numbers = 'numbers as JavaScript writes them, such as "1" and "0.5"';
  test.each([
    [`text_1h.${"x".repeat(257)}`, "has a key of 257 bytes; keys are cut to 256 bytes of UTF-8."],
    [`text_1h.${"é".repeat(129)}`, "has a key of 258 bytes; keys are cut to 256 bytes of UTF-8."],
    [`made_1h.${"x".repeat(300)}`, "has a key of 300 bytes; keys are cut to 256 bytes of UTF-8."],
    ["text_1h.a\ud800", "has a key with half a character, which no text that is kept has."],
    ["flag_1h.yes", 'has the key "yes"; the keys of "flag" are "true" and "false".'],
    ["flag_1h.1", 'has the key "1"; the keys of "flag" are "true" and "false".'],
    ["flag_1h.null", 'has the key "null"; the keys of "flag" are "true" and "false".'],
    ...["01", "1.0", "+1", " 1", "-0", "NaN", "Infinity", "1e400", "0x10", "true"].map((key) => [
      `number_1h.${key}`,
      `has the key ${JSON.stringify(key)}; the keys of "number" are ${numbers}.`,
    ]),
    ["tier_1h.2", 'has the key "2"; the keys of "tier" are "1", "2.5" and "true".'],
    ["tier_1h.false", 'has the key "false"; the keys of "tier" are "1", "2.5" and "true".'],
    ["either_1h.no", `has the key "no"; the keys of "either" are "true" and "false", and ${numbers}.`],
  ])("refuses a key that a field can never have: %s", (name, message) => {
    expect(() => ofKey([`w.${name}`])).toThrow(
      expect.objectContaining({
        code: "DEFINITION_INVALID",
        message: expect.stringContaining(`: ${message}`),
      }),
    );
  });

  const formats = {
    count: z.int(),
    digit: z.int().min(0).max(9).nullable(),
    even: z.number().multipleOf(2),
    piped: z.string().transform(Number).pipe(z.int()),
    code: z.string().length(3),
    upper: z.string().toUpperCase().optional(),
    long: z.string().min(300),
    mixed: z.union([z.literal("none"), z.int()]),
    patched: z.int().default(0.5),
    caught: z.int().catch(0.5),
    odd: z.number().refine((value) => value > 1 || raise()),
    made: z.int().transform((value) => value / 2),
  };
  function raise(): never {
    throw new Error("not told");
  }
  const ofFormat = (name: keyof typeof formats, key: string) => {
    const schema = z.object({ card: z.string(), at: z.iso.datetime(), ...formats });
    const formatted = view("f", {
      version: 1,
      source: source("f", { schema, partitionKey: "card", eventTime: "at" }),
      entity: "card",
      sla: "1m",
      features: (t) => ({ n: t.count({ by: name }).over("1h") }),
    });
    return service("s", { version: 1, views: { f: formatted }, vector: [`f.n_1h.${key}`] as never });
  };
  test.each([
    ["count", "-7"],
    ["digit", "0"],
    ["even", "4"],
    ["piped", "3"],
    ["code", "abc"],
    ["upper", "ABC"],
    ["long", "é".repeat(127)],
    ["mixed", "none"],
    ["mixed", "12"],
    ["patched", "0.5"],
    ["caught", "0.5"],
    ["odd", "0"],
    ["made", "0.5"],
  ] as const)("takes a key that the schema of %s allows: %s", (name, key) => {
    expect(ofFormat(name, key).vector).toEqual([`f.n_1h.${key}`]);
  });
  test.each([
    ["count", "0.5"],
    ["count", "1e+21"],
    ["digit", "10"],
    ["digit", "-1"],
    ["even", "3"],
    ["piped", "3.5"],
    ["code", "abcd"],
    ["upper", "abc"],
    ["long", "short"],
    ["mixed", "some"],
    ["mixed", "1.5"],
  ] as const)("refuses a key that the schema of %s never lets come: %s", (name, key) => {
    expect(() => ofFormat(name, key)).toThrow(
      expect.objectContaining({
        code: "DEFINITION_INVALID",
        message: `service "s", vector entry "f.n_1h.${key}": has the key "${key}", which the schema of "${name}" allows no event.`,
      }),
    );
  });

  const valid = { version: 1, views: { card }, vector: ["card.spend_5m"] };
  test.each<[string, object, RegExp]>([
    ["a version of 0", { version: 0 }, /service "s": version is 0/],
    ["an alias with a dash", { views: { "my-card": card } }, /"my-card" is not a name/],
    ["an alias that looks like an integer", { views: { 1: card } }, /"1" is not a name/],
    [
      "the alias request",
      { views: { request: card } },
      /the alias "request" stands for the request's own fields/,
    ],
    [
      "a view that is none",
      { views: { card: { name: "card" } } },
      /view "card": .* is neither a view nor what its by/,
    ],
    ["a request that is no object", { request: z.string() }, /request is not a z.object/],
    [
      "a request field that looks like an integer",
      { request: z.object({ 1: z.number() }) },
      /request: "1" is not a name/,
    ],
    ["an empty vector", { vector: [] }, /vector lists nothing/],
    [
      "an entry named twice",
      { vector: ["card.spend_5m", "card.spend_5m"] },
      /vector lists "card.spend_5m" twice/,
    ],
    [
      "an unknown alias",
      { vector: ["cards.spend_5m"] },
      /vector entry "cards.spend_5m": there is no view "cards"; the service has "card"/,
    ],
    [
      "an unknown feature",
      { vector: ["card.spend_2h"] },
      /vector entry "card.spend_2h": view "card" has "spend_5m", "spend_1h"/,
    ],
    [
      "a request field without a request",
      { vector: ["request.amount"] },
      /vector entry "request.amount": the request has none/,
    ],
    [
      "an unknown request field",
      { request: z.object({ amount: z.number() }), vector: ["request.amuont"] },
      /the request has "amount"/,
    ],
    [
      "a request field of text",
      { request: z.object({ name: z.string() }), vector: ["request.name"] },
      /holds string; a vector takes numbers/,
    ],
    [
      "a feature of text",
      { views: { numbered }, vector: ["numbered.name_1h"] },
      /is text; a vector takes numbers/,
    ],
    [
      "a list",
      { views: { lists }, vector: ["lists.top_1h"] },
      /vector entry "lists.top_1h": is a list of up to 3; a vector takes single numbers, so name one, such as "lists.top_1h.0"/,
    ],
    [
      "an item that a list cannot have",
      { views: { lists }, vector: ["lists.top_1h.3"] },
      /has no item "3"; "lists.top_1h" has the items 0 to 2/,
    ],
    ["an item that is no place", { views: { lists }, vector: ["lists.top_1h.01"] }, /has no item "01"/],
    [
      "more than an item",
      { views: { lists }, vector: ["lists.top_1h.0.x"] },
      /an item of "lists.top_1h" is a single value/,
    ],
    [
      "a bucket that a histogram lacks",
      { views: { lists }, vector: ["lists.spread_1h.2"] },
      /"lists.spread_1h" has the items 0 to 1/,
    ],
    [
      "an item that is text",
      { views: { lists }, vector: ["lists.recent_1h.0"] },
      /is text; a vector takes numbers/,
    ],
    [
      "a counted value as a whole",
      { views: { lists }, vector: ["lists.frequent_1h.0"] },
      /an item of "lists.frequent_1h" has a count and a value; write "lists.frequent_1h.0.count" or/,
    ],
    [
      "counted values as a whole",
      { views: { lists }, vector: ["lists.frequent_1h"] },
      /is a list of up to 2; .* such as "lists.frequent_1h.0.count"/,
    ],
    [
      "a counted text",
      { views: { lists }, vector: ["lists.frequent_1h.0.value"] },
      /is text; a vector takes numbers/,
    ],
    [
      "a part of a single number",
      { views: { lists }, vector: ["lists.n_1h.0"] },
      /"lists.n_1h" is a single value, with nothing in it to name/,
    ],
    [
      "values by key as a whole",
      { views: { lists }, vector: ["lists.shops_1h"] },
      /is a value for each merchant; .* such as "lists.shops_1h.some-merchant"/,
    ],
    ["a derived name without derive", { vector: ["ratio"] }, /has no alias, and the service has no derive/],
    [
      "an unknown derived name",
      { derive: () => ({ ratio: 1 }), vector: ["rato"] },
      /is not among what derive returns, "ratio"/,
    ],
    ["a derive that returns nothing", { derive: () => undefined }, /derive: returned undefined/],
    [
      "a derive that returns a promise",
      { derive: () => Promise.resolve({ ratio: 1 }) },
      /derive: returned .* at once/,
    ],
    [
      "an async derive, even one that fails on the sample",
      {
        derive: async () => {
          throw new Error("no sample");
        },
      },
      /service "s": derive is an async function; write a plain function/,
    ],
    ["a generator as derive", { derive: function* () {} }, /derive is a generator function/],
    [
      "a derive that changes what it is given",
      {
        views: { defaults },
        vector: ["defaults.top_1h.0"],
        derive: ({ defaults: { top_1h } }: { defaults: { top_1h: number[] } }) => ({ low: top_1h.pop() }),
      },
      /service "s", derive: threw Cannot delete property '1' of .*; what it is given is frozen, so copy a list or record before changing it\./,
    ],
    [
      "a derive that changes its request",
      {
        request: z.object({ amount: z.number() }),
        derive: (_: unknown, request: { amount: number }) => {
          request.amount = 2;
          return { ratio: 1 };
        },
      },
      /derive: threw Cannot assign to read only property 'amount' of .*; what it is given is frozen/,
    ],
    ["a derive that returns a list", { derive: () => ({ ratio: [1] }) }, /returned \[1\] for "ratio"/],
    ["a derived name with a dot", { derive: () => ({ "a.b": 1 }) }, /derive: "a.b" is not a name/],
    [
      "a null's value for another name",
      { whenNull: { ratio: 0 } },
      /whenNull names "ratio"; the vector has "card.spend_5m"/,
    ],
    [
      "a null's value that is not finite",
      { whenNull: { "card.spend_5m": Number.NaN } },
      /write a finite number/,
    ],
    [
      "one key of two types",
      { views: { card, numbered } },
      /the key "card" is string for "card" and number for "numbered"; rename one/,
    ],
  ])("refuses %s", (_, options, message) => {
    const given = { ...valid, ...options } as never;
    expect(() => service("s", given)).toThrow(expect.objectContaining({ code: "DEFINITION_INVALID" }));
    expect(() => service("s", given)).toThrow(message);
  });

  test("accepts one key of two types once it is renamed", () => {
    const views = { card, numbered: numbered.by({ card: "number" }) };
    expect(service("s", { version: 1, views, vector: ["numbered.n_1h"] }).views.numbered?.keys).toEqual({
      card: "number",
    });
  });
});
