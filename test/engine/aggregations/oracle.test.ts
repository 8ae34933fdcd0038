import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AggregationCall } from "../../../lib/define/aggregation-call.ts";
import type { FeatureValue } from "../../../lib/define/types.ts";
import type { ColumnRequest } from "../../../lib/engine/aggregations/column-kind.ts";
import { aggregations } from "../../../lib/engine/aggregations/registry.ts";
import { oracleValue } from "../../oracles/aggregate.ts";
import { allCalls, type DrawnEvent, drawnEvents, inputsOf, roundTrip } from "./column-fixtures.ts";

/** Folds events into tiles, each stored and loaded before the events that `reload` marks, and merges them in order. */
function mergedTiles(
  request: ColumnRequest,
  events: readonly DrawnEvent[],
  tileMs: number,
  reload: readonly boolean[],
) {
  const { kind } = request;
  const tiles = new Map<number, unknown>();
  events.forEach((event, index) => {
    const tileStartMs = Math.floor(event.eventTimeMs / tileMs) * tileMs;
    let partial = tiles.get(tileStartMs) ?? kind.zero();
    if (reload[index % reload.length]) partial = roundTrip(kind, partial, tileStartMs);
    for (const input of inputsOf(request, [event])) partial = kind.add(partial, input);
    tiles.set(tileStartMs, partial);
  });
  return [...tiles]
    .sort(([left], [right]) => left - right)
    .reduce((left, [, right]) => kind.merge(left, right), kind.zero());
}

function answer(
  call: AggregationCall,
  events: readonly DrawnEvent[],
  tileMs: number,
  reload: readonly boolean[],
) {
  const aggregation = aggregations[call.name];
  const partials = aggregation.columns(call).map((request) => mergedTiles(request, events, tileMs, reload));
  return aggregation.result(partials, {
    parameters: call.parameters,
    asOfMs: 0,
    window: { kind: "lifetime" },
  });
}

/** Equal, or within the error that the aggregation documents. */
function expectAnswer(
  call: AggregationCall,
  actual: FeatureValue,
  exact: FeatureValue,
  events: readonly DrawnEvent[],
) {
  const error = allowedError(call, exact, events);
  if (error === 0 || typeof exact !== "number") expect(actual).toStrictEqual(exact);
  else {
    expect(actual).toBeTypeOf("number");
    expect(Math.abs((actual as number) - exact)).toBeLessThanOrEqual(error);
  }
}

function allowedError(call: AggregationCall, exact: FeatureValue, events: readonly DrawnEvent[]): number {
  const magnitude = events.reduce(
    (sum, { row }) => sum + (Number.isFinite(row.value) ? Math.abs(row.value as number) : 0),
    0,
  );
  switch (call.name) {
    case "sum":
    case "mean":
      // Tiles add in another order.
      return 1e-13 * magnitude;
    case "approxPercentile":
      // Subnormal values count as zero.
      return 0.01 * Math.abs(exact as number) + 2.3e-308;
    case "approxDistinct":
      // Of at most 60 values, two pairs sharing a register is as unlikely as three standard errors.
      return 2;
    default:
      return 0;
  }
}

describe.each(allCalls.map((call) => [JSON.stringify(call), call] as const))("%s", (_, call) => {
  it("answers what a recount of the raw events answers, whatever the tiles", () => {
    fc.assert(
      fc.property(
        drawnEvents,
        fc.constantFrom(1, 7, 60, 1_000),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
        (events, tileMs, reload) => {
          expectAnswer(call, answer(call, events, tileMs, reload), oracleValue(call, events), events);
        },
      ),
      { numRuns: 1_000, seed: 20260201 },
    );
  });

  it("answers 0 for an empty window where it counts, null elsewhere (R7)", () => {
    const counts = call.name === "count" || call.name === "approxDistinct";
    expect(answer(call, [], 60, [true])).toBe(counts ? 0 : null);
  });
});
