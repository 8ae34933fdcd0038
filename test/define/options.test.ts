import { describe, expect, test } from "vitest";
import { z } from "zod";
import { nearestName } from "../../lib/define/nearest-name.ts";
import { FreshetError, model, service, source, view } from "../../lib/index.ts";

// biome-ignore lint/suspicious/noExplicitAny: these tests give what the types refuse.
type Untyped = any;

const schema = z.object({ id: z.string(), card: z.string(), amount: z.number(), at: z.iso.datetime() });
const sourceOptions = { schema, partitionKey: "card", eventTime: "at", eventId: "id" } as const;
const events = source("events", sourceOptions);
const viewOptions = { version: 1, source: events, entity: "card", sla: "2m" } as const;
const features = (t: Untyped) => ({ n: t.count().over("1h") });
const card = view("card", { ...viewOptions, features });
const serviceOptions = { version: 1, views: { card }, vector: ["card.n_1h"] };
const scores = service("scores", serviceOptions as Untyped);
const modelOptions = { service: scores, file: "m.onnx", output: "p", onStale: "serve" } as const;

const feature = (make: (t: Untyped) => unknown) =>
  view("card", { ...viewOptions, features: ((t: Untyped) => ({ spend: make(t) })) as Untyped });

/** Every options object of definitions: how to give it, with what is sound, and how its refusals begin. */
const OPTIONS: readonly {
  readonly of: string;
  readonly make: (options: Untyped) => unknown;
  readonly sound: object;
  readonly place: string;
  readonly misspelt: readonly [string, nearest: string];
}[] = [
  {
    of: "source",
    make: (options) => source("events", options),
    sound: sourceOptions,
    place: 'source "events": the options',
    misspelt: ["maxFutureSkw", "maxFutureSkew"],
  },
  {
    of: "view",
    make: (options) => view("card", options),
    sound: { ...viewOptions, features },
    place: 'view "card": the options',
    misspelt: ["alowedLateness", "allowedLateness"],
  },
  {
    of: "dedup",
    make: (dedup) => view("card", { ...viewOptions, features, dedup }),
    sound: { count: 64 },
    place: 'view "card": the options of dedup',
    misspelt: ["horizn", "horizon"],
  },
  {
    of: "service",
    make: (options) => service("scores", options),
    sound: serviceOptions,
    place: 'service "scores": the options',
    misspelt: ["whenNul", "whenNull"],
  },
  {
    of: "model",
    make: (options) => model("fraud", options),
    sound: modelOptions,
    place: 'model "fraud": the options',
    misspelt: ["fallbck", "fallback"],
  },
  ...(
    [
      ["count", [], {}, ["wher", "where"]],
      ["share", [], { where: { amount: 1 } }, ["defualt", "default"]],
      ["rate", [], { per: "1m" }, ["pre", "per"]],
      ["timeSinceLast", [], {}, ["maxkeys", "maxKeys"]],
      ["sum", ["amount"], {}, ["where_", "where"]],
      ["first", ["card"], {}, ["By", "by"]],
      ["topK", ["amount"], { k: 3 }, ["K", "k"]],
      ["lastK", ["card"], { k: 3 }, ["wheer", "where"]],
      ["distinct", ["card"], { max: 5 }, ["mx", "max"]],
      ["approxDistinct", ["card"], {}, ["defaults", "default"]],
      ["approxPercentile", ["amount"], { p: 0.9 }, ["P", "p"]],
      ["approxTopK", ["card"], { k: 3 }, ["capasity", "capacity"]],
      ["histogram", ["amount"], { edges: [1, 2] }, ["edge", "edges"]],
      ["expDecaySum", ["amount"], { halfLife: "1d" }, ["halflive", "halfLife"]],
      ["expDecayCount", [], { halfLife: "1d" }, ["halfLive", "halfLife"]],
    ] as const
  ).map(([name, values, sound, misspelt]) => ({
    of: name,
    make: (options: Untyped) => feature((t) => t[name](...values, options).over("1h")),
    sound,
    place: `view "card", feature "spend": the options of ${name}`,
    misspelt,
  })),
  ...(
    [
      ["over", ["1h"], { hop: "5m" }, ["hopp", "hop"]],
      ["tumbling", ["1h"], { hop: "5m" }, ["hops", "hop"]],
      ["hopping", ["1h"], { slide: "15m" }, ["slid", "slide"]],
      ["session", [], { gap: "30m", max: "12h" }, ["maxx", "max"]],
    ] as const
  ).map(([name, values, sound, misspelt]) => ({
    of: name,
    make: (options: Untyped) => feature((t) => t.count()[name](...values, options)),
    sound,
    place: `view "card", feature "spend": the options of ${name}`,
    misspelt,
  })),
];

const ODD = {
  null: null,
  "a list": [["where", { amount: 1 }]],
  text: "where",
  "a number": 5,
  "a function": () => ({}),
  "a map": new Map([["where", 1]]),
  "a date": new Date(0),
  "a BigInt": 5n,
  "a symbol": Symbol("where"),
} as const;

function refusal(make: () => unknown): FreshetError {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(FreshetError);
    expect((error as FreshetError).code).toBe("DEFINITION_INVALID");
    return error as FreshetError;
  }
  return expect.fail("was taken");
}

describe.each(OPTIONS)("the options of $of", ({ of, make, sound, place, misspelt }) => {
  test("are taken, frozen too, and with what is undefined", () => {
    make(sound);
    make(Object.freeze({ ...sound }));
    make(Object.assign(Object.create(null), sound));
    make({ ...sound, nothing: undefined });
  });

  test("refuse a name that does not exist, with where, what is allowed and the nearest", () => {
    const [given, nearest] = misspelt;
    const { message } = refusal(() => make({ ...sound, [given]: "1h" }));
    expect(message).toMatch(`${place} have no "${given}" (did you mean "${nearest}"?); allowed: `);
    const allowed = message.slice(message.indexOf("allowed: "));
    for (const name of [...Object.keys(sound), nearest]) expect(allowed).toContain(`"${name}"`);
    expect(refusal(() => make(Object.create({ ...sound, [given]: 1 }))).message).toBe(message);
  });

  test("tell of every name that does not exist, at once", () => {
    expect(refusal(() => make({ ...sound, xyzzy: 1, [misspelt[0]]: 1 })).message).toMatch(
      `${place} have no "xyzzy" and no "${misspelt[0]}" (did you mean`,
    );
  });

  test.each(Object.entries(ODD))("refuse %s", (_, odd) => {
    // A text is one more width.
    if (of === "over" && typeof odd === "string") return;
    expect(refusal(() => make(odd)).message).toMatch(`${place} are `);
  });
});

describe("what is no options object", () => {
  test.each([
    [
      "a lifetime with options",
      () => feature((t) => t.count().lifetime({ hop: "1h" })),
      /of lifetime have no "hop"/,
    ],
    [
      "options in place of a field",
      () => feature((t) => t.sum({ where: {} }).over("1h")),
      /sum\({"where":{}}\) is not of/,
    ],
    [
      "a field where none is taken",
      () => feature((t) => t.count("amount").over("1h")),
      /of count are "amount"/,
    ],
    ["widths in a list", () => feature((t) => t.count().over(["5m"])), /\["5m"\] is not a duration/],
    ["a width that is a number", () => feature((t) => t.count().over(5)), /window: 5 is not a duration/],
    [
      "options before a width",
      () => feature((t) => t.count().over({ hop: "5m" }, "1h")),
      /is not a duration/,
    ],
    ["no options of a source", () => source("events", undefined as Untyped), /the options are undefined/],
    [
      "features under another name",
      () => view("card", { ...viewOptions, feature: features } as Untyped),
      /have no "feature" \(did you mean "features"\?\)/,
    ],
    [
      "no features",
      () => view("card", viewOptions as Untyped),
      /features is undefined; write a function of t/,
    ],
    [
      "features that wait",
      () => view("card", { ...viewOptions, features: (async () => ({})) as Untyped }),
      /features is an async function/,
    ],
    [
      "features that throw",
      () => view("card", { ...viewOptions, features: (t: Untyped) => t.count().ovr("1h") }),
      /view "card": features threw TypeError: .*ovr is not a function/,
    ],
    [
      "an aggregation that does not exist",
      () => view("card", { ...viewOptions, features: (t: Untyped) => ({ n: t.cuont().over("1h") }) }),
      /^view "card", feature "n": there is no aggregation "cuont" \(did you mean "count"\?\); allowed: "count", "sum", .* and "expDecayCount"\.$/,
    ],
    [
      "a list of features",
      () => view("card", { ...viewOptions, features: (() => []) as Untyped }),
      /features returned \[\]/,
    ],
    [
      "an entity that is a number",
      () => view("card", { ...viewOptions, features, entity: 5 as Untyped }),
      /entity is 5; write a field/,
    ],
    [
      "an entity of null",
      () => view("card", { ...viewOptions, features, entity: null as Untyped }),
      /entity is null/,
    ],
    [
      "an SLA in a list",
      () => view("card", { ...viewOptions, features, sla: ["2m"] as Untyped }),
      /sla: \["2m"\] is not a duration/,
    ],
    [
      "an owner that is a number",
      () => view("card", { ...viewOptions, features, owner: 5 as Untyped }),
      /owner is 5; write text/,
    ],
    ["no keys of another name", () => card.by(null as Untyped), /view "card", by: null is no object/],
    ["keys in a list", () => card.by(["card"] as Untyped), /by: \["card"\] is no object/],
    ["views in a list", () => service("s", { ...serviceOptions, views: [card] } as Untyped), /views are \[/],
    [
      "no views",
      () => service("s", { ...serviceOptions, views: undefined } as Untyped),
      /views are undefined/,
    ],
    [
      "a reference with more in it",
      () => service("s", { ...serviceOptions, views: { card: { view: card, keys: {}, key: 1 } } } as Untyped),
      /the parts of a reference have no "key" \(did you mean "keys"\?\)/,
    ],
    [
      "a reference to a field that is none",
      () =>
        service("s", { ...serviceOptions, views: { card: { view: card, keys: { crad: "x" } } } } as Untyped),
      /"crad" is not a field of the entity/,
    ],
    [
      "derive that is no function",
      () => service("s", { ...serviceOptions, derive: {} } as Untyped),
      /derive is {}; write a function/,
    ],
    [
      "whenNull that is no object",
      () => service("s", { ...serviceOptions, whenNull: 0 } as Untyped),
      /whenNull is 0; write an object/,
    ],
    [
      "a fallback of null",
      () => model("m", { ...modelOptions, fallback: null } as Untyped),
      /fallback is null; write a model/,
    ],
    [
      "a fallback that is a service",
      () => model("m", { ...modelOptions, fallback: scores } as Untyped),
      /fallback is {.*; write a model/,
    ],
  ])("refuses %s", (_, make, message) => {
    expect(refusal(make).message).toMatch(message);
  });

  test("a reference written by hand reads the keys that it does not name by their fields' names", () => {
    const read = service("s", { ...serviceOptions, views: { card: { view: card, keys: {} } } } as Untyped);
    expect(read.views.card!.keys).toEqual({ card: "card" });
  });
});

test.each([
  ["feature", "features"],
  ["halflive", "halfLife"],
  ["HOP", "hop"],
  ["soruce", "source"],
  ["x", undefined],
  ["retention_days", undefined],
])("the name nearest to %s is %s", (given, nearest) => {
  expect(nearestName(given, ["features", "halfLife", "hop", "source", "retention"])).toBe(nearest);
});
