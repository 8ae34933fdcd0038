import { describe, expect, test } from "vitest";
import { z } from "zod";
import { collectDefinitions, type FeatureService, model, service, source, view } from "../../lib/index.ts";
import * as fraud from "./fixtures/fraud.ts";

const { card, checkout, scorer, transactions } = fraud;
const features = (t: { count(): { over(width: "1h"): never } }) => ({ n: t.count().over("1h") });
const viewOf = (name: string, version: number, from: unknown) =>
  view(name, { version, source: from, entity: "card", sla: "1m", features } as never);

describe("collectDefinitions", () => {
  test("gathers what a module exports", () => {
    const { sources, views, services, models } = collectDefinitions(fraud);
    expect(sources.map(({ name }) => name).sort()).toEqual(["logins", "transactions"]);
    expect(views.map(({ name }) => name).sort()).toEqual(["account", "card", "card_merchant"]);
    expect(services).toEqual([checkout]);
    expect(models).toEqual([scorer]);
  });

  test("follows what a definition references, once each", () => {
    const all = collectDefinitions({ scorer, again: scorer, other: 1, nothing: null, make: () => 1 });
    expect(all.sources).toHaveLength(2);
    expect(all.views).toHaveLength(3);
    expect(all.services).toEqual([checkout]);
    expect(all.models).toEqual([scorer]);
  });

  test("leaves exports alone that only have a kind too", () => {
    const others = {
      source: { kind: "source", url: "http://host" },
      view: { kind: "view", features: [] },
      service: { kind: "service", views: { card: null } },
      list: { kind: "service", views: [card] },
      model: { kind: "model", service: "checkout" },
    };
    expect(collectDefinitions({ ...others, card }).views).toEqual([card]);
    const none = collectDefinitions(others);
    expect(Object.values(none).flat()).toEqual([]);
  });

  test("takes two versions of one view", () => {
    expect(
      collectDefinitions({ a: viewOf("card", 1, transactions), b: viewOf("card", 2, transactions) }).views,
    ).toHaveLength(2);
  });

  const small = service("small", { version: 1, views: { card }, vector: ["card.spend_5m"] });
  const big = service("big", {
    version: 1,
    views: { card },
    request: z.object({ amount: z.number() }),
    vector: ["card.spend_5m", "request.amount"],
  });
  const optional = service("optional", {
    version: 1,
    views: { card },
    request: z.object({ amount: z.number().nullable() }),
    vector: ["card.spend_5m", "request.amount"],
  });
  const modelOf = (name: string, of: FeatureService, fallback?: string) =>
    model(name, {
      service: of,
      file: "a.onnx",
      output: "p",
      onStale: "serve",
      ...(fallback === undefined ? {} : { fallback }),
    });

  test("takes a fallback that needs no more than its model", () => {
    expect(collectDefinitions({ a: modelOf("a", big, "b"), b: modelOf("b", small) }).models).toHaveLength(2);
    expect(collectDefinitions({ a: modelOf("a", big, "b"), b: modelOf("b", optional) }).models).toHaveLength(
      2,
    );
  });

  const again = source("transactions", {
    schema: transactions.schema,
    partitionKey: "card",
    eventTime: "at",
  });
  test.each<[string, Record<string, unknown>, RegExp]>([
    ["two sources of one name", { transactions, again }, /source "transactions": is defined twice/],
    [
      "two views of one name and version",
      { card, b: viewOf("card", 1, transactions) },
      /view "card@1": is defined twice/,
    ],
    [
      "two sources of one name behind views",
      { a: viewOf("a", 1, transactions), b: viewOf("b", 1, again) },
      /source "transactions": is defined twice/,
    ],
    [
      "two services of one name and version",
      { small, b: service("small", { version: 1, views: { card }, vector: ["card.spend_1h"] }) },
      /service "small@1": is defined twice/,
    ],
    [
      "two models of one name",
      { a: modelOf("a", small), b: modelOf("a", big) },
      /model "a": is defined twice/,
    ],
    [
      "a fallback that does not exist",
      { a: modelOf("a", small, "b") },
      /model "a": fallback "b" is not a model that is exported; there are "a"/,
    ],
    [
      "a fallback that needs another request field",
      { a: modelOf("a", small, "b"), b: modelOf("b", big) },
      /its fallback "b" needs the request field "amount", which service "small" does not have; it has none/,
    ],
    [
      "a fallback that takes no null where its model does",
      { a: modelOf("a", optional, "b"), b: modelOf("b", big) },
      /its fallback "b" needs the request field "amount", which service "optional" has as another type/,
    ],
    [
      "a fallback that needs another key",
      { a: modelOf("a", small, "fraud"), scorer },
      /its fallback "fraud" needs the key "merchant", which service "small" does not have; it has "card"/,
    ],
    [
      "fallbacks in a circle",
      { a: modelOf("a", small, "b"), b: modelOf("b", small, "a") },
      /model "a": its fallbacks go in a circle: a, b, a/,
    ],
  ])("refuses %s", (_, module, message) => {
    expect(() => collectDefinitions(module)).toThrow(expect.objectContaining({ code: "DEFINITION_INVALID" }));
    expect(() => collectDefinitions(module)).toThrow(message);
  });
});
