import { z } from "zod";
import { source, view } from "../../../lib/define/index.ts";
import type { View } from "../../../lib/define/types.ts";
import { planView, type ViewPlan } from "../../../lib/engine/plan.ts";

/** Kinesis keeps records for no shorter time; clocks differ by as much as the worlds' clocks do. */
export const payments = source("payments", {
  schema: z.object({
    id: z.string(),
    card: z.string(),
    merchant: z.string(),
    amount: z.number(),
    channel: z.enum(["web", "pos"]),
    note: z.string().optional(),
    at: z.number(),
  }),
  partitionKey: "card",
  eventTime: "at",
  eventId: "id",
  maxFutureSkew: "5m",
  clockSkew: "2m",
  retention: "1d",
});

/** One writer an entity: windows of several lengths, and sessions. */
const card = view("card", {
  version: 1,
  source: payments,
  entity: "card",
  sla: "2m",
  dedup: { horizon: "30m", count: 24 },
  features: (t) => ({
    count: t.count().over("5m", "1h"),
    spend: t.sum("amount").over("5m", "1h"),
    web: t.sum("amount", { where: { channel: "web" } }).over("1h"),
    first: t.first("merchant").over("1h"),
    last: t.last("merchant").tumbling("30m"),
    merchants: t.distinct("merchant").over("1h"),
    visit: t.count().session({ gap: "10m", max: "1h" }),
  }),
});

/** One writer an entity of two fields; keeps everything since it was first seen. */
const pair = view("pair", {
  version: 1,
  source: payments,
  entity: ["card", "merchant"],
  sla: "2m",
  dedup: { horizon: "1h", count: 8 },
  features: (t) => ({
    count: t.count().lifetime(),
    spend: t.sum("amount").lifetime(),
    mean: t.mean("amount").hopping("30m", { slide: "10m" }),
  }),
});

/** Many writers an entity; leaves out what its filter refuses. */
const merchant = view("merchant", {
  version: 1,
  source: payments,
  entity: "merchant",
  sla: "5m",
  where: (row) => row.amount >= 0,
  allowedLateness: "10m",
  features: (t) => ({
    count: t.count().over("1h"),
    spend: t.sum("amount").over("10m", "1h"),
    byChannel: t.count({ by: "channel" }).tumbling("1h"),
    largest: t.topK("amount", { k: 3 }).over("1h"),
  }),
});

/** No entity: one item a shard. */
const total = view("total", {
  version: 1,
  source: payments,
  sla: "5m",
  dedup: { horizon: "10m", count: 16 },
  features: (t) => ({
    count: t.count().over("5m", "1h"),
    spread: t.stddev("amount").over("1h"),
    cards: t.approxDistinct("card").over("1h"),
  }),
});

/** A note's text, with its kind first: the engine cuts what is longer than it keeps. */
const noteOf = (kind: number) => (row: { readonly note?: string | undefined }) =>
  row.note === undefined ? null : `${kind}${row.note}`;

/** Each note takes six kilobytes, so that some sixty of them fill an item. */
const notes = view("notes", {
  version: 1,
  source: payments,
  entity: "card",
  sla: "2m",
  where: (row) => row.note !== undefined,
  features: (t) =>
    Object.fromEntries(
      Array.from({ length: 8 }, (_, kind) => [
        [`last_${kind}`, t.lastK(noteOf(3 * kind), { k: 50 }).over("2h")],
        [`first_${kind}`, t.firstK(noteOf(3 * kind + 1), { k: 50 }).over("2h")],
        [`distinct_${kind}`, t.distinct(noteOf(3 * kind + 2), { max: 1_000 }).over("2h")],
      ]).flat(),
    ),
});

/** What the deployment in the middle of a world adds. */
const newCard = view("card", {
  version: 2,
  source: payments,
  entity: "card",
  sla: "2m",
  dedup: { horizon: "30m", count: 24 },
  features: (t) => ({ count: t.count().over("10m"), mean: t.mean("amount").over("10m", "2h") }),
});

const plansOf = new Map(
  [card, pair, merchant, total, notes, newCard].map((each): [View, ViewPlan] => [each, planView(each)]),
);

export const newVersion: ViewPlan = plansOf.get(newCard)!;

/** The views of a world, before and after the deployment in its middle. */
export interface WorldViews {
  readonly before: Readonly<Record<string, View>>;
  readonly after: Readonly<Record<string, View>>;
  /** Of all. */
  readonly plans: readonly ViewPlan[];
}

export function viewsOf(has: {
  readonly pair: boolean;
  readonly notes: boolean;
  readonly newVersion: boolean;
}): WorldViews {
  const before = { card, ...(has.pair ? { pair } : {}), merchant, total, ...(has.notes ? { notes } : {}) };
  const after = { ...before, ...(has.newVersion ? { newCard } : {}) };
  return { before, after, plans: Object.values(after).map((each) => plansOf.get(each)!) };
}
