import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { View } from "../../lib/define/types.ts";
import { foldEvents } from "../../lib/engine/fold.ts";
import { planView } from "../../lib/engine/plan.ts";
import { writerName } from "../../lib/engine/position.ts";
import { readFeatures } from "../../lib/engine/read.ts";
import { oracleValue } from "../oracles/aggregate.ts";
import { runEntity } from "../oracles/entity.ts";
import { inWindow } from "../oracles/windows.ts";
import { expectClose } from "./expect-close.ts";
import { oracleRecords, START_MS, sourceEvents, withIdentities } from "./fold-fixtures.ts";
import {
  calls,
  DAY_MS,
  featureOf,
  HOUR_MS,
  MINUTE_MS,
  paymentsView,
  sliding,
  tumbling,
} from "./view-fixtures.ts";

/** No entity: many writers, one item a shard. */
const view: View = paymentsView(
  [sliding(5 * MINUTE_MS), sliding(HOUR_MS), sliding(DAY_MS), tumbling(HOUR_MS, "closed")],
  { name: "network", entity: [] },
);
const plan = planView(view);
const writers = [0, 1, 2].map((shard) =>
  writerName("arn:aws:kinesis:eu-west-1:1:stream/payments", 1, `shardId-00000000000${shard}`),
);

describe("a view of many writers", () => {
  it("answers what a recount of all writers' events answers, whatever the order of items", () => {
    fc.assert(
      fc.property(
        oracleRecords({ maxLength: 90 }),
        fc.array(fc.nat({ max: 2 }), { minLength: 1 }),
        fc.nat({ max: 300_000 }),
        (drawn, shards, ahead) => {
          const records = withIdentities(drawn);
          const events = sourceEvents(records);
          const shardOf = (index: number) => shards[index % shards.length]!;
          const parts = writers.map((writer, shard) => {
            const mine = records.filter((_, index) => shardOf(index) === shard);
            const { item } = foldEvents({
              plan,
              writer,
              item: undefined,
              events: events.filter((_, index) => shardOf(index) === shard),
            });
            return { writer, item, oracle: runEntity(view, mine) };
          });
          const newest = Math.max(...parts.map(({ oracle }) => oracle.newestMs ?? Number.NEGATIVE_INFINITY));
          const images = parts.flatMap(({ writer, item }) =>
            item === undefined ? [] : [{ writer, image: item.image }],
          );
          for (const asOfMs of [newest - plan.slackMs + ahead, newest + ahead]) {
            const reading = readFeatures(plan, images, asOfMs);
            expect(readFeatures(plan, [...images].reverse(), asOfMs)).toEqual(reading);
            const kept = parts.flatMap(({ oracle }) => oracle.events);
            plan.features.forEach(({ feature }, index) => {
              const within = kept.filter((event) => inWindow(feature.window, event.eventTimeMs, asOfMs));
              expectClose({
                name: feature.name,
                actual: reading.values[index],
                expected: oracleValue(feature.aggregation, within),
                magnitude: within.reduce((sum, event) => sum + Math.abs(Number(event.row.amount)), 0),
              });
            });
          }
        },
      ),
      { numRuns: 1_000, seed: 20260109 },
    );
  });

  it("refuses an as-of time that an item no longer holds the tiles of (R5)", () => {
    const records = withIdentities(fc.sample(oracleRecords({ minLength: 5 }), { numRuns: 1, seed: 3 })[0]!);
    const { item } = foldEvents({
      plan,
      writer: writers[0]!,
      item: undefined,
      events: sourceEvents(records),
    });
    const newest = runEntity(view, records).newestMs!;
    const images = [{ writer: writers[0]!, image: item!.image }];
    expect(() => readFeatures(plan, images, newest - plan.slackMs)).not.toThrow();
    expect(() => readFeatures(plan, images, newest - plan.slackMs - 1)).toThrow(
      expect.objectContaining({ code: "AS_OF_TOO_OLD" }),
    );
  });
});

describe("an empty window's default", () => {
  it("stands for no events, and not for a result that is null or zero of itself (R7)", () => {
    const defaults = paymentsView([], {
      features: ["sum", "count", "large"].map((name) => featureOf(name, calls[name]!, sliding(HOUR_MS), -1)),
    });
    const of = planView(defaults);
    const at = (eventTimeMs: number, amount: number, id: string) => ({
      row: { id, card: "c1", amount, merchant: "m", at: eventTimeMs },
      eventTimeMs,
      arrivalMs: eventTimeMs,
      id,
    });
    const read = (amounts: readonly number[], asOfMs: number) => {
      const events = sourceEvents(amounts.map((amount, index) => at(START_MS, amount, `e${index}`)));
      const { item } = foldEvents({ plan: of, writer: writers[0]!, item: undefined, events });
      return readFeatures(of, item === undefined ? [] : [{ writer: writers[0]!, image: item.image }], asOfMs)
        .values;
    };
    expect(read([], START_MS)).toEqual([-1, -1, -1]);
    expect(read([5], START_MS)).toEqual([5, 1, -1]);
    expect(read([5, -5], START_MS)).toEqual([0, 2, -1]);
    // A sum past the range of a double is null, but not empty.
    expect(read([1e308, 1e308], START_MS)).toEqual([null, 2, 2]);
    expect(read([5], START_MS + 3 * HOUR_MS)).toEqual([-1, -1, -1]);
  });
});
