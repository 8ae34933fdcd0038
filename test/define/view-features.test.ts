import { describe, expect, test } from "vitest";
import { gt, lte, not, oneOf, view } from "../../lib/index.ts";
import { common, hour, minute } from "./fixtures/card-events.ts";

// biome-ignore lint/suspicious/noExplicitAny: these tests give what the types refuse.
type Untyped = any;
const featuresOf = (callback: (t: Untyped) => Record<string, unknown>, options: object = {}) =>
  view("card", { ...common, ...options, features: callback } as never).features;
const names = (callback: (t: Untyped) => Record<string, unknown>) =>
  featuresOf(callback).map(({ name }) => name);

describe("features", () => {
  test("are named by their windows", () => {
    expect(
      names((t) => ({
        a: t.count().over("5m", "24h").tumbling("1h").lifetime(),
        b: t.sum("amount").over("90m"),
      })),
    ).toEqual(["a_5m", "a_24h", "a_tumbling_1h", "a_tumbling_1h_current", "a_lifetime", "b_90m"]);
  });

  test("have the hops of R4, or the ones that are set", () => {
    const windows = featuresOf((t) => ({
      a: t.count().over("1s", "5m", "1h", "24h", "30d"),
      b: t.count().over("6h", { hop: "5m" }),
      c: t.count().tumbling("90m"),
      d: t.count().tumbling("2h", { hop: "1h" }),
      e: t.count().lifetime(),
    })).map(({ window }) => window);
    expect(windows.map((window) => ("hopMs" in window ? window.hopMs : null))).toEqual([
      1_000,
      10_000,
      5 * minute,
      hour,
      24 * hour,
      5 * minute,
      5 * minute,
      5 * minute,
      hour,
      hour,
      null,
    ]);
    expect(windows[6]).toEqual({
      kind: "tumbling",
      widthMs: 90 * minute,
      hopMs: 5 * minute,
      which: "closed",
    });
    expect(windows[7]).toEqual({
      kind: "tumbling",
      widthMs: 90 * minute,
      hopMs: 5 * minute,
      which: "current",
    });
  });

  test("carry value, filter, settings and default", () => {
    const value = (row: { amount: number }) => row.amount;
    const made = featuresOf((t) => ({
      a: t.sum("amount", { default: 0 }).over("1h"),
      b: t.max(value, { where: { amount: gt(5), ok: true } }).over("1h"),
      c: t.approxPercentile("fee", { p: 0.9, default: null }).over("1h"),
      d: t.share({ where: { channel: oneOf("web", "pos") } }).over("1h"),
      e: t.last("channel", { default: "web" }).over("1h"),
      f: t.approxDistinct("merchant").over("1h"),
    }));
    expect(made.map(({ aggregation, whenEmpty }) => [aggregation, whenEmpty])).toEqual([
      [{ name: "sum", value: { kind: "field", field: "amount" }, where: null, parameters: {} }, 0],
      [
        {
          name: "max",
          value: { kind: "function", apply: value },
          where: { kind: "match", conditions: { amount: { operator: "gt", value: 5 }, ok: true } },
          parameters: {},
        },
        undefined,
      ],
      [
        {
          name: "approxPercentile",
          value: { kind: "field", field: "fee" },
          where: null,
          parameters: { p: 0.9 },
        },
        null,
      ],
      [
        {
          name: "share",
          value: null,
          where: { kind: "match", conditions: { channel: { operator: "oneOf", values: ["web", "pos"] } } },
          parameters: {},
        },
        undefined,
      ],
      [{ name: "last", value: { kind: "field", field: "channel" }, where: null, parameters: {} }, "web"],
      [
        { name: "approxDistinct", value: { kind: "field", field: "merchant" }, where: null, parameters: {} },
        undefined,
      ],
    ]);
  });

  test("expand `by` to one feature a value, beside their own filter", () => {
    const [web, pos, atm] = featuresOf((t) => ({
      channel: t.sum("amount", { by: "channel", where: { amount: lte(9), ok: not(false) } }).over("1h"),
    }));
    expect([web, pos, atm].map((each) => each?.name)).toEqual([
      "channel_1h.web",
      "channel_1h.pos",
      "channel_1h.atm",
    ]);
    expect(pos?.aggregation.where).toEqual({
      kind: "match",
      conditions: {
        amount: { operator: "lte", value: 9 },
        ok: { operator: "not", value: false },
        channel: "pos",
      },
    });
  });

  test("expand `by` beside a function, the same one for all windows", () => {
    const made = featuresOf((t) => ({
      n: t.count({ by: "channel", where: (row: { amount: number }) => row.amount > 5 }).over("5m", "1h"),
    }));
    const [web5m, , , web1h] = made.map(({ aggregation }) => aggregation.where);
    if (web5m?.kind !== "function") throw new Error("no function");
    expect(web5m.test({ channel: "web", amount: 6 })).toBe(true);
    expect(web5m.test({ channel: "pos", amount: 6 })).toBe(false);
    expect(web5m.test({ channel: "web", amount: 5 })).toBe(false);
    expect(web1h).toMatchObject({ test: web5m.test });
  });

  const count = (t: Untyped) => t.count();
  test.each<[string, (t: Untyped) => Record<string, unknown>, RegExp]>([
    [
      "a name that looks like an integer",
      (t) => ({ 7: count(t).over("1h") }),
      /feature "7": "7" is not a name/,
    ],
    ["no window", (t) => ({ n: count(t) }), /feature "n": has no window/],
    ["two features of one name", (t) => ({ n: count(t).over("1h", "1h") }), /two features are named "n_1h"/],
    [
      "names that meet by their suffixes",
      (t) => ({ n: count(t).tumbling("1h"), n_tumbling: count(t).over("1h") }),
      /two features are named "n_tumbling_1h"/,
    ],
    [
      "a window that is no duration",
      (t) => ({ n: count(t).over("5 min") }),
      /feature "n", window: "5 min" is not a duration/,
    ],
    ["a negative window", (t) => ({ n: count(t).over("-5m") }), /"-5m" is not a duration/],
    [
      "a hop that is no duration",
      (t) => ({ n: count(t).over("1h", { hop: "x" }) }),
      /hop: "x" is not a duration/,
    ],
    [
      "a hop longer than its window",
      (t) => ({ n: count(t).over("5m", { hop: "1h" }) }),
      /hop "1h" is longer than the window "5m"/,
    ],
    [
      "a hop that does not divide a tumbling window",
      (t) => ({ n: count(t).tumbling("1h", { hop: "25m" }) }),
      /hop "25m" does not divide the tumbling window "1h"/,
    ],
    [
      "a hop that does not divide 1d",
      (t) => ({ n: count(t).over("1h", { hop: "7m" }) }),
      /feature "n_1h" has a hop of 7m; a hop must divide 1d/,
    ],
    [
      "hops that do not divide each other",
      (t) => ({
        a: count(t).over("1h", { hop: "2m" }),
        b: count(t).over("1h", { hop: "5m" }),
        c: count(t).over("24h"),
      }),
      /the hop 2m of feature "a_1h" does not divide the hop 5m of feature "b_1h"/,
    ],
    [
      "too many tiles",
      (t) => ({ n: count(t).over("24h", { hop: "1s" }) }),
      /feature "n_24h" would keep \d+ tiles of 1s; at most 5000/,
    ],
    [
      "an unknown field",
      (t) => ({ n: t.sum("amuont").over("1h") }),
      /sum\("amuont"\) is not of a field; the schema has "id"/,
    ],
    ["no field", (t) => ({ n: t.sum().over("1h") }), /sum\(undefined\) is not of a field/],
    [
      "a sum of text",
      (t) => ({ n: t.sum("card").over("1h") }),
      /sum\("card"\) needs a field of a number; it holds string/,
    ],
    [
      "the last of a list",
      (t) => ({ n: t.last("tags").over("1h") }),
      /last\("tags"\) needs a field of text, a number or a boolean/,
    ],
    ["a share of all", (t) => ({ n: t.share({}).over("1h") }), /share has no where/],
    [
      "a share by a field",
      (t) => ({ n: t.share({ where: { ok: true }, by: "channel" }).over("1h") }),
      /share takes no by/,
    ],
    [
      "a percentile past 1",
      (t) => ({ n: t.approxPercentile("amount", { p: 90 }).over("1h") }),
      /p is 90; write a fraction from 0 to 1/,
    ],
    [
      "a percentile below 0",
      (t) => ({ n: t.approxPercentile("amount", { p: -0.1 }).over("1h") }),
      /p is -0.1/,
    ],
    ["no percentile", (t) => ({ n: t.approxPercentile("amount", {}).over("1h") }), /p is undefined/],
    [
      "a percentile that is no number",
      (t) => ({ n: t.approxPercentile("amount", { p: Number.NaN }).over("1h") }),
      /write a fraction/,
    ],
    [
      "a default of another type",
      (t) => ({ n: t.sum("amount", { default: "0" }).over("1h") }),
      /default is "0"; write a finite number/,
    ],
    [
      "a default that is not finite",
      (t) => ({ n: t.sum("amount", { default: Number.NaN }).over("1h") }),
      /write a finite number/,
    ],
    [
      "a default of another type than the field",
      (t) => ({ n: t.last("ok", { default: 1 }).over("1h") }),
      /default is 1; the field "ok" holds boolean/,
    ],
    ["by an unknown field", (t) => ({ n: t.count({ by: "chanel" }).over("1h") }), /by names "chanel"/],
    [
      "by a field that is no key",
      (t) => ({ n: t.count({ by: "tags" }).over("1h") }),
      /by "tags" is not a field of text, numbers or booleans/,
    ],
    [
      "by and where of one field",
      (t) => ({ n: t.count({ by: "channel", where: { channel: "web" } }).over("1h") }),
      /where and by both name "channel"/,
    ],
    ["a filter of no field", (t) => ({ n: t.count({ where: {} }).over("1h") }), /where names no field/],
    [
      "a filter that is text",
      (t) => ({ n: t.count({ where: "ok" }).over("1h") }),
      /where is "ok"; write conditions by field/,
    ],
    [
      "a filter by another type",
      (t) => ({ n: t.count({ where: { amount: "1" } }).over("1h") }),
      /where "amount": "1" is a string; the field holds number/,
    ],
    [
      "a filter by a value that the enum lacks",
      (t) => ({ n: t.count({ where: { channel: "phone" } }).over("1h") }),
      /"phone" is not a value of the field; it has "web", "pos", "atm"/,
    ],
    [
      "a comparison of text",
      (t) => ({ n: t.count({ where: { card: gt(1) } }).over("1h") }),
      /gt compares numbers; the field holds string/,
    ],
    [
      "a comparison with NaN",
      (t) => ({ n: t.count({ where: { amount: gt(Number.NaN) } }).over("1h") }),
      /compares with a finite number/,
    ],
    [
      "oneOf of nothing",
      (t) => ({ n: t.count({ where: { channel: oneOf() } }).over("1h") }),
      /oneOf\(\) lists no value/,
    ],
    [
      "an async filter",
      (t) => ({ n: t.count({ where: async () => false }).over("1h") }),
      /feature "n": where is an async function; write a plain function/,
    ],
    [
      "an async filter beside `by`",
      (t) => ({ n: t.count({ by: "channel", where: async () => false }).over("1h") }),
      /feature "n": where is an async function/,
    ],
    [
      "an async value",
      (t) => ({ n: t.sum(async () => 1).over("1h") }),
      /feature "n": the value of sum is an async function/,
    ],
    [
      "an async generator as value",
      (t) => ({ n: t.last(async function* () {}).over("1h") }),
      /the value of last is an async generator function/,
    ],
    [
      "a condition that is none",
      (t) => ({ n: t.count({ where: { channel: { like: "w" } } }).over("1h") }),
      /is not a condition/,
    ],
  ])("refuse %s", (_, callback, message) => {
    expect(() => featuresOf(callback)).toThrow(expect.objectContaining({ code: "DEFINITION_INVALID" }));
    expect(() => featuresOf(callback)).toThrow(message);
  });

  test("refuse lifetime where an entity has many writers", () => {
    const callback = (t: Untyped) => ({ n: count(t).lifetime() });
    expect(() => featuresOf(callback, { entity: "merchant" })).toThrow(
      /feature "n_lifetime" is over the lifetime, which needs an entity that holds the partition key "card" of source "events"/,
    );
    expect(featuresOf(callback, { entity: ["merchant", "card"] })).toHaveLength(1);
  });
});
