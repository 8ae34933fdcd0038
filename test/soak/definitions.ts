import { z } from "zod";
import { service, source, view } from "../../lib/index.ts";

export const payments = source("payments", {
  description: "A card payment. The gateway stamps when it came in, up to 20 s after it was made.",
  schema: z.object({
    id: z.string(),
    account: z.string(),
    merchant: z.string(),
    cents: z.int(),
    at: z.int(),
    arrivedAt: z.int(),
  }),
  partitionKey: "account",
  eventTime: "at",
  arrivalTime: "arrivedAt",
  eventId: "id",
  maxFutureSkew: "10s",
});

// Windows are short, so that the state of all keys is as large as it gets before the memory is judged.

export const accountPayments = view("account_payments", {
  description: "What one account pays. Nothing is late for it: its lifetime takes every payment.",
  version: 1,
  source: payments,
  entity: "account",
  sla: "10s",
  allowedLateness: "30s",
  dedup: { horizon: "1m", count: 32 },
  features: (t) => ({
    payments: t.count().over("30s", "2m").lifetime(),
    spent: t.sum("cents").over("30s", "2m").lifetime(),
    largest: t.max("cents").over("2m"),
    merchants: t.distinct("merchant", { max: 200 }).over("2m"),
  }),
});

export const merchantPayments = view("merchant_payments", {
  description: "What one merchant takes. Accounts of all shards pay there: each shard writes a part.",
  version: 1,
  source: payments,
  entity: "merchant",
  sla: "3s",
  allowedLateness: "30s",
  dedup: { horizon: "1m", count: 128 },
  features: (t) => ({
    payments: t.count().over("30s", "2m"),
    taken: t.sum("cents").over("30s", "2m"),
    smallest: t.min("cents").over("2m"),
    largest: t.max("cents").over("2m"),
  }),
});

export const allPayments = view("all_payments", {
  description: "All payments together: a part in each shard.",
  version: 1,
  source: payments,
  sla: "10s",
  allowedLateness: "30s",
  dedup: { horizon: "1m", count: 128 },
  features: (t) => ({
    payments: t.count().over("30s", "2m"),
    taken: t.sum("cents").over("30s", "2m"),
    largest: t.max("cents").over("2m"),
  }),
});

/** What is asked of an account. */
export const payer = service("payer", {
  version: 1,
  views: { account: accountPayments },
  vector: ["account.payments_2m", "account.spent_2m"],
});

/** What is asked of a merchant, beside all of them. */
export const shop = service("shop", {
  version: 1,
  views: { merchant: merchantPayments, all: allPayments },
  vector: ["merchant.payments_2m", "all.payments_2m"],
});
