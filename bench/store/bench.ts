import type { Bench } from "../bench.ts";
import { countOption, listOption } from "../command/options.ts";
import type { Figure } from "../report/figure.ts";
import type { KeyDistribution } from "../workload/key-distribution.ts";
import { countStore, DELIVERIES, type StoreCase } from "./count-store.ts";
import { storeFigures } from "./figures.ts";

/** An alias, for an interface is no record of settings. */
type StoreSettings = {
  readonly events: number;
  readonly keys: string;
  readonly distributions: string;
  readonly batches: string;
};

const OTHERS_AT_BATCH = 1_000;

export const store: Bench<StoreSettings> = {
  name: "store",
  about:
    "write units, reads and failed conditions per 1,000 events, beside the floor and one update an event and tile",
  options: [
    countOption("--events <number>", "events that are counted, after as many that are not", 1, 20_000),
    listOption("--keys <numbers>", "how many cards, a case each", /^[1-9]\d{0,6}$/, "1000,100000"),
    listOption("--distributions <names>", "how events spread over cards", /^(uniform|zipf)$/, "uniform,zipf"),
    listOption("--batches <numbers>", "records a batch, a case each", /^[1-9]\d{0,4}$/, "100,1000,10000"),
  ],
  // Units are counted, not timed: every run counts the same.
  runs: 1,
  async run({ events, keys, distributions, batches }, tell) {
    const figures: Figure[] = [];
    for (const count of keys.split(",").map(Number)) {
      for (const distribution of distributions.split(",") as KeyDistribution[]) {
        for (const batch of batches.split(",").map(Number)) {
          // The others differ from it by what a batch costs, which one size of batch shows.
          for (const delivery of batch === OTHERS_AT_BATCH ? DELIVERIES : DELIVERIES.slice(0, 1)) {
            const storeCase: StoreCase = { keys: count, distribution, batch, delivery };
            const figuresOfCase = storeFigures(storeCase, await countStore(storeCase, events));
            tell(figuresOfCase[0]!.case);
            figures.push(...figuresOfCase);
          }
        }
      }
    }
    return figures;
  },
};
