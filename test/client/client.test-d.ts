import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { Problem } from "../../lib/client/index.ts";
import {
  type ApiError,
  client,
  type Prediction,
  put,
  type ServiceFeatures,
  type ViewAnswer,
  type ViewHistory,
} from "../../lib/client/index.ts";
import { service, source } from "../../lib/index.ts";
import type {
  FeaturesAnswer,
  PredictionAnswer,
  ViewAnswer as ServedViewAnswer,
} from "../../lib/serve/answers.ts";
import type { ProblemDocument } from "../../lib/serve/problem-response.ts";
import type { HistoryAnswer } from "../../lib/serve/routes/history.ts";
import { account, card, checkout, transactions } from "../define/fixtures/fraud.ts";

const options = { url: "http://host" };
const kinesis = {} as KinesisClient;

describe("client", () => {
  const fraud = client(checkout, options);
  const keys = { card: "c1", merchant: "m", payer: "ann", payee: "bob" };
  const context = { amount: 80 };

  test("takes the service's keys and context", () => {
    fraud.predict({ keys, context });
    fraud.predict({ keys, context }, { onStale: "serve" });
    fraud.predictMany([{ keys, context }]);
    // @ts-expect-error a key is missing
    fraud.predict({ keys: { card: "c1" }, context });
    // @ts-expect-error a key of another type
    fraud.predict({ keys: { ...keys, card: 1 }, context });
    // @ts-expect-error a key that no view has
    fraud.predict({ keys: { ...keys, device: "d" }, context });
    // @ts-expect-error no context
    fraud.predict({ keys });
    // @ts-expect-error a context field of another type
    fraud.predict({ keys, context: { amount: "80" } });
    // @ts-expect-error a context field that the request has not
    fraud.predict({ keys, context: { amount: 80, currency: "eur" } });
    // @ts-expect-error no such policy
    fraud.predict({ keys, context }, { onStale: "ignore" });
    // @ts-expect-error a row without keys
    fraud.featuresMany([{}]);
  });

  test("answers the service's aliases, features and values", async () => {
    const { card, payer } = await fraud.features({ keys });
    expectTypeOf(card.features.spend_5m).toEqualTypeOf<number | null>();
    expectTypeOf(card.features["channel_1h.web"]).toEqualTypeOf<number | null>();
    expectTypeOf(payer.features.failures_10m).toEqualTypeOf<number>();
    expectTypeOf(payer.status).toEqualTypeOf<"fresh" | "stale" | "unknown" | "warming">();
    // @ts-expect-error a feature that the view has not
    card.features.spend_2h;
    // @ts-expect-error an alias that the service has not
    (await fraud.features({ keys })).device;
  });

  test("takes a view's own keys and features for its history, and answers their values", async () => {
    const history = await fraud.history("payer", { keys: { payer: "ann" }, features: ["failures_10m"] });
    expectTypeOf(history.series[0]!.tiles[0]!.value).toEqualTypeOf<number | null>();
    expectTypeOf(history.series[0]!.features).toEqualTypeOf<readonly "failures_10m"[]>();
    expectTypeOf((await fraud.history("card", { keys: { card: "c1" } })).status).toEqualTypeOf<
      ViewAnswer["status"]
    >();
    // @ts-expect-error an alias that the service has not
    fraud.history("device", { keys: {} });
    // @ts-expect-error a key of another view
    fraud.history("payer", { keys: { payer: "ann", card: "c1" } });
    // @ts-expect-error the view's own name for the key
    fraud.history("payer", { keys: { account: "ann" } });
    // @ts-expect-error no keys
    fraud.history("payer", {});
    // @ts-expect-error a feature of another view
    fraud.history("payer", { keys: { payer: "ann" }, features: ["spend_5m"] });
  });

  test("tells predictions apart by their policy", async () => {
    const prediction = await fraud.predict({ keys, context });
    expectTypeOf(prediction.score).toEqualTypeOf<number>();
    if (prediction.policy === "default") expectTypeOf(prediction.features).toEqualTypeOf<null>();
    if (prediction.policy === "serve") {
      expectTypeOf(prediction.views.payee).toEqualTypeOf<ViewAnswer>();
      // @ts-expect-error an alias that the service has not
      prediction.views.device;
    }
    const [first] = await fraud.predictMany([]);
    expectTypeOf(first).toEqualTypeOf<typeof prediction | ApiError | undefined>();
  });

  test("asks for nothing that a service does not need", () => {
    const bare = service("bare", { version: 1, views: { card }, vector: ["card.spend_5m"] });
    client(bare, options).predict({ keys: { card: "c1" } });
    // @ts-expect-error it has no context
    client(bare, options).predict({ keys: { card: "c1" }, context: { amount: 1 } });
    const amounts = service("amounts", {
      version: 1,
      views: {},
      request: z.object({ amount: z.coerce.number(), note: z.string().default("") }),
      vector: ["request.amount"],
    });
    client(amounts, options).predict({ context: { amount: "80" } });
    const renamed = service("renamed", {
      version: 1,
      views: { payer: account.by({ account: "payer" }) },
      request: z.object({ note: z.string().optional() }),
      vector: ["payer.failures_10m"],
    });
    client(renamed, options).predict({ keys: { payer: "ann" } });
    // @ts-expect-error the view's own name for the key
    client(renamed, options).predict({ keys: { account: "ann" } });
  });

  test("has the types of what the API's schemas let out", () => {
    expectTypeOf<Omit<HistoryAnswer, "requestId">>().toExtend<ViewHistory>();
    expectTypeOf<keyof ViewHistory>().toEqualTypeOf<Exclude<keyof HistoryAnswer, "requestId">>();
    expectTypeOf<ServedViewAnswer>().toExtend<ViewAnswer>();
    expectTypeOf<keyof ViewAnswer>().toEqualTypeOf<keyof ServedViewAnswer>();
    expectTypeOf<keyof Prediction>().toEqualTypeOf<Exclude<keyof PredictionAnswer, "requestId">>();
    expectTypeOf<PredictionAnswer["policy"]>().toEqualTypeOf<Prediction["policy"]>();
    expectTypeOf<PredictionAnswer["passedOver"]>().toExtend<Prediction["passedOver"]>();
    expectTypeOf<FeaturesAnswer["views"]>().toExtend<ServiceFeatures>();
    expectTypeOf<keyof Problem>().toEqualTypeOf<keyof ProblemDocument>();
  });
});

describe("put", () => {
  const event = {
    id: "t1",
    card: "c1",
    merchant: "m",
    amount: 1,
    channel: "web",
    at: "2026-01-01T00:00:00Z",
  } as const;

  test("takes events of the source's schema", () => {
    put(transactions, [event], { kinesis });
    // @ts-expect-error a field is missing
    put(transactions, [{ id: "t1" }], { kinesis });
    // @ts-expect-error a field of another type
    put(transactions, [{ ...event, amount: "1" }], { kinesis });
    // @ts-expect-error a value that the enum has not
    put(transactions, [{ ...event, channel: "phone" }], { kinesis });
    // @ts-expect-error no Kinesis client
    put(transactions, [event], {});
  });

  test("takes what a schema reads, before defaults", () => {
    const schema = z.object({ card: z.string(), tip: z.number().default(0), at: z.number() });
    const tips = source("tips", { schema, partitionKey: "card", eventTime: "at" });
    put(tips, [{ card: "c", at: 1 }], { kinesis });
  });
});
