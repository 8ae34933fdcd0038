import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AggregationCall } from "../../../lib/define/aggregation-call.ts";
import { AGGREGATION_TRAITS } from "../../../lib/define/aggregation-traits.ts";
import type { ColumnRequest } from "../../../lib/engine/aggregations/column-kind.ts";
import type { OracleContext } from "../../oracles/aggregate.ts";
import {
  addOne,
  aggregationOf,
  allCalls,
  CASES,
  type DrawnEvent,
  drawnEvents,
  inputsOf,
  roundTrip,
} from "./column-fixtures.ts";
import { expectAnswer } from "./expect-answer.ts";

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
    for (const input of inputsOf(request, [event])) partial = addOne(kind, partial, input);
    tiles.set(tileStartMs, partial);
  });
  return [...tiles]
    .sort(([left], [right]) => left - right)
    .reduce((left, [, right]) => kind.merge(left, right), kind.zero());
}

interface Folded {
  readonly call: AggregationCall;
  readonly events: readonly DrawnEvent[];
  readonly tileMs: number;
  readonly reload: readonly boolean[];
  readonly context: OracleContext;
}

function answer({ call, events, tileMs, reload, context }: Folded) {
  const aggregation = aggregationOf(call);
  const partials = aggregation
    .columns(call, context.window)
    .map((request) => mergedTiles(request, events, tileMs, reload));
  const { parameters } = call;
  return aggregation.result(partials, { ...context, parameters, startMs: null, endMs: context.asOfMs });
}

/** Powers of what is next to nothing are nothing: moments are stated for spreads whose fourth power is a double. */
function withoutTinyNumbers(event: DrawnEvent): DrawnEvent {
  const { value } = event.row;
  const isTiny = typeof value === "number" && Math.abs(value) < 1e-9;
  return isTiny ? { ...event, row: { ...event.row, value: 0 } } : event;
}

const MOMENTS = new Set(["variance", "stddev", "skew", "kurtosis"]);

describe.each(allCalls.map((call) => [JSON.stringify(call), call] as const))("%s", (_, call) => {
  it("answers what a recount of the raw events answers, whatever the tiles", () => {
    fc.assert(
      fc.property(
        drawnEvents,
        fc.constantFrom(1, 7, 60, 1_000),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
        // Before, among and after the events.
        fc.constantFrom(-1_000, 0, 100, 250, 86_400_000),
        (drawn, tileMs, reload, asOfMs) => {
          const events = MOMENTS.has(call.name) ? drawn.map(withoutTinyNumbers) : drawn;
          const context = { asOfMs, window: { kind: "lifetime" } } as const;
          expectAnswer({
            call,
            actual: answer({ call, events, tileMs, reload, context }),
            events,
            context,
          });
        },
      ),
      { numRuns: CASES, seed: 20260201 },
    );
  });

  it("answers 0 for an empty window where it counts, no key by key, null elsewhere (R7)", () => {
    const context = { asOfMs: 0, window: { kind: "lifetime" } } as const;
    const counts = ["count", "distinct", "approxDistinct", "expDecayCount"].includes(call.name);
    const empty = answer({ call, events: [], tileMs: 60, reload: [true], context });
    if (call.by !== undefined) expect(empty).toStrictEqual({ values: {}, overflowed: 0 });
    else {
      expect(empty).toBe(counts ? 0 : null);
      expect(empty).toBe(AGGREGATION_TRAITS[call.name].empty);
    }
  });
});
