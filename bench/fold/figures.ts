import { ratios } from "../measure/interleaved.ts";
import type { Figure } from "../report/figure.ts";
import type { FoldCase } from "./batches.ts";
import { type CaseResult, type Rates, WORKS, type Work } from "./measure-case.ts";

/** From so many keys on, an entity seldom has two events in a batch, and less can be asked for. */
const MANY_KEYS = 10_000;

/** What a fold should reach of the bare parse. */
const GOALS = {
  few: { "fold in memory": 0.9, "fold fetched": 0.5 },
  many: { "fold in memory": 0.7, "fold fetched": 0.35 },
} as const;

/** A case's ratios first, then what they are made of. */
export function foldFigures(foldCase: FoldCase, { runs, items }: CaseResult): readonly Figure[] {
  const rates = (work: Work, by: keyof Rates) => runs.map((run) => run[work][by]);
  const about = { case: foldCase.name, better: "higher" } as const;
  const { events } = foldCase;
  const keys = "keys" in events ? events.keys : items.size;
  const goals = GOALS[keys < MANY_KEYS ? "few" : "many"];
  const ratioFigures = WORKS.slice(1).flatMap((work): Figure[] => {
    const ratio = (by: keyof Rates) => ratios(rates(work, by), rates("bare parse", by));
    const goal = work in goals ? { goal: goals[work as keyof typeof goals] } : {};
    return [
      {
        ...about,
        measure: `${work}: ratio to the bare parse`,
        unit: "by the clock",
        runs: ratio("wall"),
        ...goal,
      },
      {
        ...about,
        measure: `${work}: ratio to the bare parse, all threads`,
        unit: "by CPU time",
        runs: ratio("cpu"),
      },
    ];
  });
  const rateFigures = WORKS.flatMap((work): Figure[] => [
    { ...about, measure: work, unit: "records/s", runs: rates(work, "wall") },
    { ...about, measure: `${work}, all threads`, unit: "records/CPU s", runs: rates(work, "cpu") },
  ]);
  const bytes = [...items.values()].reduce((sum, { image }) => sum + image.length, 0) / items.size;
  return [
    ...ratioFigures,
    ...rateFigures,
    { ...about, measure: "an image at the end", unit: "bytes", better: "lower", runs: [bytes] },
    { ...about, measure: "cards", unit: "items", better: "neither", runs: [items.size] },
  ];
}
