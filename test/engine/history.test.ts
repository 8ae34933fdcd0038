import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { View } from "../../lib/define/types.ts";
import { foldEvents } from "../../lib/engine/fold.ts";
import { readHistory, type TileSeries } from "../../lib/engine/history.ts";
import { planView, type ViewPlan } from "../../lib/engine/plan.ts";
import { writerName } from "../../lib/engine/position.ts";
import { type ItemImage, readFeatures } from "../../lib/engine/read.ts";
import { oracleValue } from "../oracles/aggregate.ts";
import { type OracleRecord, runEntity } from "../oracles/entity.ts";
import { expectClose } from "./expect-close.ts";
import { oracleRecords, sourceEvents, withIdentities } from "./fold-fixtures.ts";
import {
  calls,
  DAY_MS,
  featureOf,
  HOUR_MS,
  lifetime,
  MINUTE_MS,
  paymentsView,
  sliding,
} from "./view-fixtures.ts";

const writers = [0, 1, 2].map((shard) =>
  writerName("arn:aws:kinesis:eu-west-1:1:stream/payments", 1, `shardId-00000000000${shard}`),
);
const wide = paymentsView([sliding(5 * MINUTE_MS), sliding(HOUR_MS), sliding(DAY_MS)], {
  name: "network",
  entity: [],
});
/** A sum in two levels, a mean in the coarser alone: its count has no fine tiles, its sum has. */
const uneven = paymentsView([], {
  name: "uneven",
  entity: [],
  features: [
    featureOf("sum_5m", calls.sum!, sliding(5 * MINUTE_MS)),
    featureOf("sum_1h", calls.sum!, sliding(HOUR_MS), 0),
    featureOf("mean_24h", calls.mean!, sliding(DAY_MS)),
  ],
});
/** The tiles of 5 minutes reach further back than those of an hour. */
const fineIsLonger = paymentsView([sliding(6 * HOUR_MS, 5 * MINUTE_MS), sliding(2 * HOUR_MS, HOUR_MS)], {
  name: "fine",
  entity: [],
});

/** Folds records over shards, and what an oracle says was kept. */
function folded(view: View, plan: ViewPlan, drawn: readonly OracleRecord[], shards: readonly number[]) {
  const records = withIdentities([...drawn]);
  const events = sourceEvents(records);
  const parts = writers.map((writer, shard) => {
    const own = (index: number) => shards[index % shards.length] === shard;
    const { item } = foldEvents({
      plan,
      writer,
      item: undefined,
      events: events.filter((_, index) => own(index)),
    });
    return {
      items: item === undefined ? [] : [{ writer, image: item.image }],
      oracle: runEntity(
        view,
        records.filter((_, index) => own(index)),
      ),
    };
  });
  const newestMs = Math.max(...parts.map(({ oracle }) => oracle.newestMs ?? Number.NEGATIVE_INFINITY));
  return {
    newestMs,
    images: parts.flatMap(({ items }): ItemImage[] => items),
    kept: (asOfMs: number) =>
      parts.flatMap(({ oracle }) =>
        oracle.expiresAtMs !== null && asOfMs > oracle.expiresAtMs ? [] : oracle.events,
      ),
  };
}

/** Every tile is what a recount of its time says; every event of the stretches is in one tile. */
function expectRecount(plan: ViewPlan, series: TileSeries, kept: readonly OracleRecord[], asOfMs: number) {
  const { feature } = plan.features.find((each) => each.feature.name === series.features[0])!;
  const { stretches, tiles } = series;
  for (const [index, { fromMs, toMs, hopMs }] of stretches.entries()) {
    expect(fromMs % hopMs).toBe(0);
    expect(toMs).toBeGreaterThan(fromMs);
    if (index > 0)
      expect([fromMs, hopMs < stretches[index - 1]!.hopMs]).toEqual([stretches[index - 1]!.toMs, true]);
  }
  if (stretches.length > 0) expect(stretches.at(-1)!.toMs).toBeGreaterThan(asOfMs);
  let previousEndMs = Number.NEGATIVE_INFINITY;
  for (const { startMs, endMs, value } of tiles) {
    expect(startMs).toBeGreaterThanOrEqual(previousEndMs);
    previousEndMs = endMs;
    const within = kept.filter(({ eventTimeMs }) => eventTimeMs >= startMs && eventTimeMs < endMs);
    expectClose({
      name: feature.name,
      actual: value,
      expected: oracleValue(feature.aggregation, within),
      magnitude: within.reduce((sum, event) => sum + Math.abs(Number(event.row.amount)), 0),
    });
  }
  for (const event of kept) {
    const { eventTimeMs } = event;
    if (!stretches.some(({ fromMs, toMs }) => eventTimeMs >= fromMs && eventTimeMs < toMs)) continue;
    const tile = tiles.find(({ startMs, endMs }) => eventTimeMs >= startMs && eventTimeMs < endMs);
    const alone = oracleValue(feature.aggregation, [event]);
    if (tile === undefined) expect([null, 0]).toContain(alone);
  }
}

describe("an entity's tiles as time series", () => {
  it.each([
    ["levels that share every column", wide],
    ["levels that share some columns", uneven],
    ["a fine level that is longer than a coarse one", fineIsLonger],
  ])("are what a recount of each tile's time says: %s", (_, view) => {
    const plan = planView(view);
    fc.assert(
      fc.property(
        oracleRecords({ maxLength: 80 }),
        fc.array(fc.nat({ max: 2 }), { minLength: 1 }),
        fc.nat({ max: 300_000 }),
        (drawn, shards, ahead) => {
          const { newestMs, images, kept } = folded(view, plan, drawn, shards);
          for (const asOfMs of [newestMs - plan.slackMs + ahead, newestMs + ahead]) {
            const { known, series, withoutTiles } = readHistory(plan, images, { asOfMs });
            expect(withoutTiles).toEqual([]);
            expect(known).toBe(readFeatures(plan, images, asOfMs).known);
            expect(series.flatMap(({ features }) => features).sort()).toEqual(
              plan.features.map(({ feature }) => feature.name).sort(),
            );
            expect(readHistory(plan, [...images].reverse(), { asOfMs }).series).toEqual(series);
            for (const each of series) expectRecount(plan, each, kept(asOfMs), asOfMs);
          }
        },
      ),
      { numRuns: 150, seed: 20260110 },
    );
  });

  it("reach as far back as the windows of their features", () => {
    const plan = planView(wide);
    const { newestMs, images } = folded(
      wide,
      plan,
      fc.sample(oracleRecords({ minLength: 9 }), { numRuns: 1, seed: 7 })[0]!,
      [0],
    );
    const { series } = readHistory(plan, images, { asOfMs: newestMs });
    for (const { stretches } of series) expect(stretches[0]!.fromMs).toBeLessThanOrEqual(newestMs - DAY_MS);
    expect(series[0]!.stretches.map(({ hopMs }) => hopMs)).toEqual([HOUR_MS, 5 * MINUTE_MS, 10_000]);
  });

  it("come in short tiles where events are recent and in longer ones before, the longer cut where the shorter begin", () => {
    const plan = planView(wide);
    const at = (eventTimeMs: number, index: number) => ({
      row: { id: `e${index}`, card: "c1", amount: 1, merchant: "m", at: eventTimeMs },
      eventTimeMs,
      arrivalMs: eventTimeMs,
      id: `e${index}`,
    });
    const startMs = Date.UTC(2026, 0, 5, 9);
    const records = Array.from({ length: 181 }, (_, minute) => at(startMs + minute * MINUTE_MS, minute));
    const { images } = folded(wide, plan, records, [0]);
    const asOfMs = startMs + 180 * MINUTE_MS;
    const { series } = readHistory(plan, images, { asOfMs, features: ["count_0"] });
    expect(series).toHaveLength(1);
    const { stretches, tiles } = series[0]!;
    // Rings of 10 s and 5 min begin at the newest event less the span (5 min, 1 h) and the slack (5 min).
    expect(stretches.slice(1)).toEqual([
      { fromMs: asOfMs - 65 * MINUTE_MS, toMs: asOfMs - 10 * MINUTE_MS, hopMs: 5 * MINUTE_MS },
      { fromMs: asOfMs - 10 * MINUTE_MS, toMs: asOfMs + 10_000, hopMs: 10_000 },
    ]);
    const lengths = tiles.map((tile) => [(tile.endMs - tile.startMs) / MINUTE_MS, tile.value]);
    expect(lengths).toEqual([
      [60, 60],
      [55, 55],
      ...Array.from({ length: 11 }, () => [5, 5]),
      ...Array.from({ length: 11 }, () => [1 / 6, 1]),
    ]);
  });

  it("are those that a range overlaps", () => {
    const plan = planView(wide);
    const sample = fc.sample(oracleRecords({ minLength: 30 }), { numRuns: 1, seed: 11 })[0]!;
    const { newestMs, images } = folded(wide, plan, sample, [0, 1]);
    const all = readHistory(plan, images, { asOfMs: newestMs }).series[0]!;
    const fromMs = newestMs - 3 * HOUR_MS;
    const toMs = newestMs - 10 * MINUTE_MS;
    const part = readHistory(plan, images, { asOfMs: newestMs, fromMs, toMs }).series[0]!;
    expect(part.tiles).toEqual(all.tiles.filter(({ startMs, endMs }) => endMs > fromMs && startMs < toMs));
    expect(all.tiles.length).toBeGreaterThan(part.tiles.length);
  });

  it("have no stretch of a coarse level that is shorter than a finer one", () => {
    const plan = planView(fineIsLonger);
    const sample = fc.sample(oracleRecords({ minLength: 9 }), { numRuns: 1, seed: 7 })[0]!;
    const { newestMs, images } = folded(fineIsLonger, plan, sample, [0]);
    const { series } = readHistory(plan, images, { asOfMs: newestMs, features: ["count_0"] });
    expect(series[0]!.stretches.map(({ hopMs }) => hopMs)).toEqual([5 * MINUTE_MS]);
  });

  it("of one aggregation are a series for each default, with its value of an empty tile", () => {
    const view = paymentsView([], {
      features: [
        featureOf("sum_1h", calls.sum!, sliding(HOUR_MS)),
        featureOf("sum_24h", calls.sum!, sliding(DAY_MS), 0),
        featureOf("sum_5m", calls.sum!, sliding(5 * MINUTE_MS), 0),
      ],
    });
    const { series } = readHistory(planView(view), [], { asOfMs: Date.UTC(2026, 0, 5) });
    expect(series.map(({ features, emptyValue }) => [features, emptyValue])).toEqual([
      [["sum_1h"], null],
      [["sum_24h", "sum_5m"], 0],
    ]);
  });

  it("are not kept for a lifetime, and empty for an entity never seen", () => {
    const view = paymentsView([lifetime, sliding(HOUR_MS)], {
      features: [
        featureOf("ever", calls.count!, lifetime),
        featureOf("sum_1h", calls.sum!, sliding(HOUR_MS), -1),
      ],
    });
    expect(readHistory(planView(view), [], { asOfMs: Date.UTC(2026, 0, 5) })).toEqual({
      known: false,
      withoutTiles: ["ever"],
      series: [{ features: ["sum_1h"], emptyValue: -1, stretches: [], tiles: [] }],
    });
  });
});
