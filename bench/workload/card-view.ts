import { z } from "zod";
import { source, view } from "../../lib/define/index.ts";

/** The fields that are aggregated, and none of the others: what a record holds beside them is skipped. */
export const payments = source("payments", {
  schema: z.object({
    id: z.string(),
    card: z.string(),
    amount: z.number(),
    merchant: z.string(),
    category: z.string(),
    at: z.number(),
  }),
  partitionKey: "card",
  eventTime: "at",
  eventId: "id",
});

/** Eight features over three windows. */
export const card = view("card", {
  version: 1,
  source: payments,
  entity: "card",
  sla: "2m",
  features: (t) => ({
    spend: t.sum("amount").over("5m", "1h", "24h"),
    payments: t.count().over("5m", "1h", "24h"),
    average: t.mean("amount").over("5m", "1h", "24h"),
    largest: t.max("amount").over("5m", "1h", "24h"),
    smallest: t.min("amount").over("5m", "1h", "24h"),
    latest: t.last("amount").over("5m", "1h", "24h"),
    inX: t.count({ where: { category: "x" } }).over("5m", "1h", "24h"),
    merchants: t.approxDistinct("merchant").over("5m", "1h", "24h"),
  }),
});
