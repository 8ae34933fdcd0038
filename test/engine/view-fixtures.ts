import { z } from "zod";
import type { AggregationCall } from "../../lib/define/aggregation-call.ts";
import type { Feature, Source, View } from "../../lib/define/types.ts";
import { defaultSlidingHopMs, hoppingTileMs, tumblingTileMs, type Window } from "../../lib/define/window.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** A source of payments as plain data, so that engine tests do not rest on the builders of `define`. */
export function paymentsSource(changes: Partial<Source> = {}): Source {
  return {
    kind: "source",
    name: "payments",
    schema: z.object({
      id: z.string(),
      card: z.string(),
      amount: z.number().nullable(),
      merchant: z.string(),
      at: z.number(),
    }),
    partitionKey: "card",
    eventTime: "at",
    eventId: "id",
    arrivalTime: null,
    maxFutureSkewMs: 5 * MINUTE_MS,
    clockSkewMs: 0,
    retentionMs: 7 * DAY_MS,
    ...changes,
  };
}

export const sliding = (widthMs: number, hopMs = defaultSlidingHopMs(widthMs)): Window => ({
  kind: "sliding",
  widthMs,
  hopMs,
});

export const tumbling = (widthMs: number, which: "current" | "closed"): Window => ({
  kind: "tumbling",
  widthMs,
  hopMs: tumblingTileMs(widthMs),
  which,
});

export const hopping = (widthMs: number, slideMs: number): Window => ({
  kind: "hopping",
  widthMs,
  slideMs,
  hopMs: hoppingTileMs(widthMs, slideMs),
});

export const session = (gapMs: number, maxMs: number): Window => ({ kind: "session", gapMs, maxMs });

export const lifetime: Window = { kind: "lifetime" };

const amount = { kind: "field", field: "amount" } as const;
const merchant = { kind: "field", field: "merchant" } as const;
const large = { kind: "match", conditions: { amount: { operator: "gt", value: 50 } } } as const;

/** A call of each of the first aggregations: golden files hold the bytes of a view that has them all. */
export const calls: Readonly<Record<string, AggregationCall>> = {
  count: { name: "count", value: null, where: null, parameters: {} },
  large: { name: "count", value: null, where: large, parameters: {} },
  sum: { name: "sum", value: amount, where: null, parameters: {} },
  largeSum: { name: "sum", value: amount, where: large, parameters: {} },
  mean: { name: "mean", value: amount, where: null, parameters: {} },
  min: { name: "min", value: amount, where: null, parameters: {} },
  max: { name: "max", value: amount, where: null, parameters: {} },
  last: { name: "last", value: merchant, where: null, parameters: {} },
  share: { name: "share", value: null, where: large, parameters: {} },
  distinct: { name: "approxDistinct", value: merchant, where: null, parameters: {} },
  median: { name: "approxPercentile", value: amount, where: null, parameters: { p: 0.5 } },
  p90: { name: "approxPercentile", value: amount, where: null, parameters: { p: 0.9 } },
};

/** A call of every other aggregation. */
export const furtherCalls: Readonly<Record<string, AggregationCall>> = {
  variance: { name: "variance", value: amount, where: null, parameters: {} },
  stddev: { name: "stddev", value: amount, where: large, parameters: {} },
  skew: { name: "skew", value: amount, where: null, parameters: {} },
  kurtosis: { name: "kurtosis", value: amount, where: null, parameters: {} },
  first: { name: "first", value: merchant, where: null, parameters: {} },
  firstK: { name: "firstK", value: merchant, where: large, parameters: { k: 3 } },
  lastK: { name: "lastK", value: amount, where: null, parameters: { k: 4 } },
  topK: { name: "topK", value: amount, where: null, parameters: { k: 3 } },
  bottomK: { name: "bottomK", value: amount, where: null, parameters: { k: 2 } },
  rate: { name: "rate", value: null, where: large, parameters: { perMs: MINUTE_MS } },
  timeSinceLast: { name: "timeSinceLast", value: null, where: large, parameters: {} },
  distinct: { name: "distinct", value: merchant, where: null, parameters: { max: 100 } },
  distinctFew: { name: "distinct", value: merchant, where: null, parameters: { max: 5 } },
  frequent: { name: "approxTopK", value: merchant, where: null, parameters: { k: 3, capacity: 32 } },
  frequentFew: { name: "approxTopK", value: merchant, where: large, parameters: { k: 3, capacity: 4 } },
  histogram: { name: "histogram", value: amount, where: null, parameters: { edges: [-50, 0, 0.01, 100] } },
  decayedSum: { name: "expDecaySum", value: amount, where: null, parameters: { halfLifeMs: HOUR_MS } },
  decayedCount: { name: "expDecayCount", value: null, where: large, parameters: { halfLifeMs: 90_000 } },
};

/** Calls by key. There are up to 13 merchants: room for all of them, and for three. */
export const keyedCalls: Readonly<Record<string, AggregationCall>> = Object.fromEntries(
  [13, 3].flatMap((maxKeys) =>
    Object.entries({ ...calls, ...furtherCalls })
      .filter(([name]) => /^(large|mean|last|p90|skew|rate|decayedSum)$/.test(name))
      .map(([name, call]) => [`${name}By${maxKeys}`, { ...call, by: { field: "merchant", maxKeys } }]),
  ),
);

/** A feature as plain data. */
export function featureOf(
  name: string,
  aggregation: AggregationCall,
  window: Window,
  whenEmpty?: Feature["whenEmpty"],
): Feature {
  return { name, aggregation, window, whenEmpty };
}

/** A view with every call over every given window. */
export function viewOf(
  called: Readonly<Record<string, AggregationCall>>,
  windows: readonly Window[],
  changes: Partial<View> = {},
): View {
  const features = windows.flatMap((window, index) =>
    Object.entries(called).map(([name, call]) => featureOf(`${name}_${index}`, call, window)),
  );
  return {
    kind: "view",
    name: "card",
    version: 1,
    source: paymentsSource(),
    entity: ["card"],
    slaMs: 2 * MINUTE_MS,
    where: null,
    allowedLatenessMs: 0,
    dedup: { horizonMs: DAY_MS, count: 128 },
    features,
    ...changes,
  };
}

/** A view with the first aggregations over every given window. */
export function paymentsView(windows: readonly Window[], changes: Partial<View> = {}): View {
  return viewOf(calls, windows, changes);
}
