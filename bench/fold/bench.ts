import type { Bench } from "../bench.ts";
import { countOption, listOption, textOption } from "../command/options.ts";
import type { Figure } from "../report/figure.ts";
import type { KeyDistribution } from "../workload/key-distribution.ts";
import type { FoldCase } from "./batches.ts";
import { foldFigures } from "./figures.ts";
import { measureCase } from "./measure-case.ts";

// An alias, for an interface is no record of settings.
type FoldSettings = {
  readonly events: number;
  readonly keys: string;
  readonly distributions: string;
  readonly batch: number;
  readonly input: string;
};

/** The case that the project began with, before the others. */
const FIRST_CASE: FoldCase = {
  name: "1,000 keys, uniform, batches of 5,000",
  events: { keys: 1_000, distribution: "uniform" },
  batch: 5_000,
};

export const fold: Bench<FoldSettings> = {
  name: "fold",
  about: "base64 records to encoded items, beside a bare JSON.parse and a plain fold",
  options: [
    countOption("--events <number>", "records a run", 1, 50_000),
    listOption("--keys <numbers>", "how many cards, a case each", /^[1-9]\d{0,6}$/, "1000,100000"),
    listOption("--distributions <names>", "how events spread over cards", /^(uniform|zipf)$/, "uniform,zipf"),
    countOption("--batch <number>", "records a batch", 1, 1_000),
    textOption("--input <file>", "fold a file of events instead, a JSON object a line", ""),
  ],
  runs: 5,
  async run({ runs, events, ...settings }, tell) {
    const figures: Figure[] = [];
    for (const foldCase of casesOf(settings)) {
      tell(`${foldCase.name}: ${runs} runs of ${events} records, and one before them`);
      figures.push(...foldFigures(foldCase, measureCase(foldCase, { events, runs })));
    }
    return figures;
  },
};

function casesOf({ keys, distributions, batch, input }: Omit<FoldSettings, "events">): readonly FoldCase[] {
  if (input !== "")
    return [{ name: `${input}, batches of ${inThousands(batch)}`, events: { file: input }, batch }];
  const cases = keys.split(",").flatMap((count) =>
    (distributions.split(",") as KeyDistribution[]).map((distribution): FoldCase => {
      const name = `${inThousands(Number(count))} keys, ${distribution}, batches of ${inThousands(batch)}`;
      return { name, events: { keys: Number(count), distribution }, batch };
    }),
  );
  return cases.some(({ name }) => name === FIRST_CASE.name) ? cases : [FIRST_CASE, ...cases];
}

function inThousands(value: number): string {
  return value.toLocaleString("en");
}
