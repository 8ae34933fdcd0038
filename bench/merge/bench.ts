import { planView } from "../../lib/engine/plan.ts";
import type { Bench } from "../bench.ts";
import { countOption } from "../command/options.ts";
import { measureInterleaved } from "../measure/interleaved.ts";
import { cpuMicrosecondsPerCall } from "../measure/per-call.ts";
import type { Figure } from "../report/figure.ts";
import { card } from "../workload/card-view.ts";
import { tiledView, wideViews } from "../workload/wide-views.ts";
import { createMerge, type Merge } from "./merge.ts";

// An alias, for an interface is no record of settings.
type MergeSettings = {
  readonly milliseconds: number;
  readonly entities: number;
};

const TILES = 300;
const MANY_EVENTS_A_DAY = 2_000;
const FEW_EVENTS_A_DAY = 20;

export const merge: Bench<MergeSettings> = {
  name: "merge",
  about: "features out of items' bytes, decode included: 50 of 300 tiles, 200 of 4 views for 100 entities",
  options: [
    countOption("--milliseconds <number>", "how long each measurement lasts at least", 1, 300),
    countOption("--entities <number>", "how many entities are read at once", 1, 100),
  ],
  runs: 7,
  async run({ milliseconds, entities, runs }, tell) {
    tell("folding the items that are read");
    const tiled = createMerge([planView(tiledView)], { perDay: MANY_EVENTS_A_DAY, entities: 1 });
    if (tiled.tiles < TILES) throw new Error(`the item has ${tiled.tiles} tiles; ${TILES} are to be read.`);
    const wide = wideViews.map(planView);
    const cases: readonly (readonly [string, Merge, Pick<Figure, "goal">])[] = [
      [`one entity, ${tiled.features} features out of ${tiled.tiles} tiles`, tiled, { goal: 100 }],
      ...[FEW_EVENTS_A_DAY, MANY_EVENTS_A_DAY].map((perDay) => {
        const many = createMerge(wide, { perDay, entities });
        const name = `${entities} entities of ${perDay} events a day, 200 features of 4 views each`;
        return [name, many, perDay === FEW_EVENTS_A_DAY ? { goal: 5_000 } : {}] as const;
      }),
      [
        "one entity, 24 features of a quiet card",
        createMerge([planView(card)], { perDay: FEW_EVENTS_A_DAY, entities: 1 }),
        {},
      ],
    ];
    const measured = measureInterleaved(
      cases.map(([name, { read }]) => ({ name, measure: () => cpuMicrosecondsPerCall(read, milliseconds) })),
      runs,
    );
    return cases.flatMap(([name, { images, features, tiles }, goal]): Figure[] => {
      const micros = measured.get(name)!;
      return [
        { case: name, measure: "a read", unit: "CPU µs", better: "lower", runs: micros, ...goal },
        {
          case: name,
          measure: "an item",
          unit: "CPU µs",
          better: "lower",
          runs: micros.map((each) => each / images),
        },
        {
          case: name,
          measure: "a tile",
          unit: "CPU ns",
          better: "lower",
          runs: micros.map((each) => (each * 1000) / tiles),
        },
        { case: name, measure: "features", unit: "a read", better: "neither", runs: [features] },
        { case: name, measure: "tiles", unit: "a read", better: "neither", runs: [tiles] },
      ];
    });
  },
};
