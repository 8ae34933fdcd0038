import { model, service, source, view } from "freshet-kit";
import { z } from "zod";

/** The events, as producers put them on the stream. */
export const payments = source("payments", {
  schema: z.object({ id: z.string(), card: z.string(), amount: z.number(), at: z.iso.datetime() }),
  partitionKey: "card",
  eventTime: "at",
  eventId: "id",
});

/** What is known of a card. */
export const card = view("card", {
  version: 1,
  source: payments,
  entity: "card",
  sla: "2m",
  features: (t) => ({
    payments: t.count().over("10m", "24h"),
    spend: t.sum("amount").over("10m", "24h"),
  }),
});

/** What the model is given: features, and what the request brings. */
export const checkout = service("checkout", {
  version: 1,
  views: { card },
  request: z.object({ amount: z.number() }),
  vector: ["card.payments_10m", "card.spend_24h", "request.amount"],
  whenNull: { "card.spend_24h": 0 },
});

/** A stand-in, a logistic function of three weights: put your own model's file in its place. */
export const risk = model("risk", {
  version: 1,
  service: checkout,
  file: "risk.onnx",
  output: "score",
  onStale: "reject",
});
