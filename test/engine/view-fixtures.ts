import { z } from "zod";
import type { AggregationCall } from "../../lib/define/aggregation-call.ts";
import type { Feature, Source, View } from "../../lib/define/types.ts";
import { defaultSlidingHopMs, tumblingTileMs, type Window } from "../../lib/define/window.ts";

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

export const lifetime: Window = { kind: "lifetime" };

const amount = { kind: "field", field: "amount" } as const;
const merchant = { kind: "field", field: "merchant" } as const;
const large = { kind: "match", conditions: { amount: { operator: "gt", value: 50 } } } as const;

/** One call of every aggregation. */
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

/** A view with every aggregation over every given window. */
export function paymentsView(windows: readonly Window[], changes: Partial<View> = {}): View {
  const features = windows.flatMap((window, index) =>
    Object.entries(calls).map(
      ([name, aggregation]): Feature => ({
        name: `${name}_${index}`,
        aggregation,
        window,
        whenEmpty: undefined,
      }),
    ),
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
